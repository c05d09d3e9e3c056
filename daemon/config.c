/* The configuration: one table of keys, each filled from its default, the file and the environment in this order. */
#include "daemon/config.h"

#include "daemon/config_value.h"
#include "daemon/ini.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define TEXT(section_, key_, field_, kind_, fallback_) \
	{ .section = section_, .key = key_, .kind = kind_, .offset = offsetof(struct config, field_), .fallback = fallback_ }
#define NUMBER(section_, key_, field_, kind_, min_, max_, fallback_)                                                          \
	{ .section = section_, .key = key_, .kind = kind_, .offset = offsetof(struct config, field_), .min = (min_), .max = (max_), \
	  .fallback = fallback_ }

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
#define DAY ((int64_t)24 * HOUR)

/* Defaults of [google] are Google's own endpoints (PROVIDERS.md 1.1, 2.0) and the seed's scopes. */
static const struct config_key keys[] = {
	TEXT("daemon", "socket", socket, CONFIG_PATH, ""),
	TEXT("daemon", "socket_group", socket_group, CONFIG_TEXT, ""),
	TEXT("daemon", "state_dir", state_dir, CONFIG_PATH, ""),
	NUMBER("daemon", "max_clients", max_clients, CONFIG_INT, 1, 100000, "12000"),
	TEXT("http", "listen", listen, CONFIG_LISTEN, "127.0.0.1:8710"),
	TEXT("http", "base_url", base_url, CONFIG_URL, ""),
	TEXT("http", "after_connect_url", after_connect_url, CONFIG_URL, ""),
	NUMBER("http", "metrics", metrics, CONFIG_BOOL, 0, 1, "no"),
	TEXT("http", "ca_file", ca_file, CONFIG_PATH, ""),
	TEXT("google", "client_id", client_id, CONFIG_TEXT, ""),
	TEXT("google", "client_secret", client_secret, CONFIG_SECRET, ""),
	TEXT("google", "client_secret_file", client_secret_file, CONFIG_PATH, ""),
	TEXT("google", "scopes", scopes, CONFIG_WORDS,
	     "https://www.googleapis.com/auth/calendar.readonly https://www.googleapis.com/auth/calendar.events "
	     "https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile"),
	TEXT("google", "auth_url", auth_url, CONFIG_URL, "https://accounts.google.com/o/oauth2/v2/auth"),
	TEXT("google", "token_url", token_url, CONFIG_URL, "https://oauth2.googleapis.com/token"),
	TEXT("google", "revoke_url", revoke_url, CONFIG_URL, "https://oauth2.googleapis.com/revoke"),
	TEXT("google", "userinfo_url", userinfo_url, CONFIG_URL, "https://www.googleapis.com/oauth2/v2/userinfo"),
	TEXT("google", "api_url", api_url, CONFIG_URL, "https://www.googleapis.com/calendar/v3"),
	NUMBER("schedule", "token_refresh", token_refresh, CONFIG_DURATION, MINUTE, DAY, "15m"),
	NUMBER("schedule", "calendar_sync", calendar_sync, CONFIG_DURATION, MINUTE, 30 * DAY, "1h"),
	NUMBER("schedule", "full_sync", full_sync, CONFIG_DURATION, HOUR, 90 * DAY, "24h"),
	NUMBER("schedule", "cleanup", cleanup, CONFIG_DURATION, HOUR, 365 * DAY, "7d"),
	NUMBER("schedule", "trash", trash, CONFIG_DURATION, HOUR, 3650 * DAY, "30d"),
	NUMBER("schedule", "history", history, CONFIG_DURATION, HOUR, 3650 * DAY, "90d"),
	NUMBER("schedule", "concurrency", concurrency, CONFIG_INT, 1, 4096, "64"),
	NUMBER("schedule", "per_host", per_host, CONFIG_INT, 1, 1024, "16"),
	NUMBER("limits", "frame_bytes", frame_bytes, CONFIG_INT, 1024, 65536, "65536"),
	NUMBER("limits", "pending_requests", pending_requests, CONFIG_INT, 1, 64, "64"),
	NUMBER("limits", "output_bytes", output_bytes, CONFIG_INT, 65536, 64 << 20, "1048576"),
	TEXT("log", "level", log_level, CONFIG_LOG_LEVEL, "info"),
	TEXT("log", "format", log_format, CONFIG_LOG_FORMAT, "text"),
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

/* The seed's own variable names (SEED.md, Settings), weaker than ALMANAC_…. */
static const struct {
	const char *name, *section, *key;
} seed_names[] = {
	{ "GOOGLE_CLIENT_ID", "google", "client_id" },
	{ "GOOGLE_CLIENT_SECRET", "google", "client_secret" },
	{ "BASE_URL", "http", "base_url" },
};

struct loading {
	struct config *config;
	const char *path;
	int seen_line[KEY_COUNT];
};

static const struct config_key *find_key(const char *section, const char *key)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].key, key) == 0)
			return &keys[i];
	return NULL;
}

static bool known_section(const char *section)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (strcmp(keys[i].section, section) == 0)
			return true;
	return false;
}

static int take_file_key(void *arg, const char *section, const char *name, const char *value, int line, struct err *err)
{
	struct loading *loading = arg;
	char why[160];
	if (!name)
		return known_section(section) ? 0 : err_set(err, ERR_CONFIG, "%s:%d: unknown section", loading->path, line);
	const struct config_key *key = find_key(section, name);
	if (!key)
		return err_set(err, ERR_CONFIG, "%s:%d: %s", loading->path, line,
		               section[0] ? "unknown key" : "a key outside a section");
	size_t i = (size_t)(key - keys);
	if (loading->seen_line[i])
		return err_set(err, ERR_CONFIG, "%s:%d: `%s` is already set in line %d", loading->path, line, name,
		               loading->seen_line[i]);
	loading->seen_line[i] = line;
	if (!config_value_set(loading->config, key, value, why, sizeof why))
		return err_set(err, ERR_CONFIG, "%s:%d: %s: %s", loading->path, line, name, why);
	return 0;
}

static int load_file(struct loading *loading, struct err *err)
{
	FILE *file;
	bool missing;
	if (ini_open(loading->path, INI_PUBLIC, &file, &missing, err) != 0)
		return -1;
	int status = ini_read(file, loading->path, take_file_key, loading, err);
	fclose(file);
	if (status != 0)
		return -1;
	if (!loading->config->client_secret)
		return 0;
	if (ini_open(loading->path, INI_PRIVATE, &file, &missing, err) == 0)
		fclose(file);
	else
		loading->config->secret_exposed = true;
	return 0;
}

static int take_env(struct config *config, const char *name, const struct config_key *key, struct err *err)
{
	char why[160];
	const char *value = getenv(name);
	if (value && !config_value_set(config, key, value, why, sizeof why))
		return err_set(err, ERR_CONFIG, "environment %s: %s", name, why);
	return 0;
}

static void env_name(char *out, size_t size, const struct config_key *key)
{
	(void)snprintf(out, size, "ALMANAC_%s_%s", key->section, key->key);
	for (char *at = out; *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
}

/* ALMANAC_SECTION_KEY that names a section of ours but no key is a typing mistake worth an error, as in the file. */
static int refuse_unknown_env(struct err *err)
{
	for (char **entry = environ; entry && *entry; entry++) {
		size_t len = strcspn(*entry, "=");
		bool ours = false, known = false;
		for (size_t i = 0; i < KEY_COUNT; i++) {
			char name[96], prefix[48];
			env_name(name, sizeof name, &keys[i]);
			int prefix_len = snprintf(prefix, sizeof prefix, "ALMANAC_%s_", keys[i].section);
			ours |= strncasecmp(*entry, prefix, (size_t)prefix_len) == 0;
			known |= strlen(name) == len && strncmp(*entry, name, len) == 0;
		}
		if (ours && !known)
			return err_set(err, ERR_CONFIG, "environment %.*s: unknown key", (int)(len > 100 ? 100 : len), *entry);
	}
	return 0;
}

static int load_env(struct config *config, struct err *err)
{
	for (size_t i = 0; i < sizeof seed_names / sizeof seed_names[0]; i++)
		if (take_env(config, seed_names[i].name, find_key(seed_names[i].section, seed_names[i].key), err) != 0)
			return -1;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		char name[96];
		env_name(name, sizeof name, &keys[i]);
		if (take_env(config, name, &keys[i], err) != 0)
			return -1;
	}
	return refuse_unknown_env(err);
}

static int load_secret_file(struct config *config, struct err *err)
{
	char text[1024];
	FILE *file;
	bool missing;
	if (config->client_secret_file[0] == '\0' || config->client_secret)
		return 0;
	if (ini_open(config->client_secret_file, INI_PRIVATE, &file, &missing, err) != 0)
		return -1;
	(void)setvbuf(file, NULL, _IONBF, 0); /* the secret shall not stay behind in stdio's buffer */
	bool read = fgets(text, sizeof text, file) != NULL;
	fclose(file);
	char *trimmed = read ? str_trim(text) : text;
	if (read && *trimmed)
		config->client_secret = secret_new(trimmed, strlen(trimmed));
	secret_wipe(text, sizeof text);
	return config->client_secret ? 0 : err_set(err, ERR_CONFIG, "%s:1: no secret in it", config->client_secret_file);
}

int config_load(struct config **out, const char *path, struct err *err)
{
	struct config *config = mem_alloc(sizeof *config);
	struct loading loading = { .config = config, .path = path };
	char why[160];
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (!config_value_set(config, &keys[i], keys[i].fallback, why, sizeof why))
			fatal("default of %s: %s", keys[i].key, why);
	if ((path && load_file(&loading, err) != 0) || load_env(config, err) != 0 || load_secret_file(config, err) != 0) {
		config_free(config);
		return -1;
	}
	*out = config;
	return 0;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < KEY_COUNT; i++)
		config_value_clear(config, &keys[i]);
	free(config);
}

void config_default_path(char *out, size_t size, const char *file)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (geteuid() == 0)
		(void)snprintf(out, size, "/etc/almanac/%s", file);
	else if (xdg && xdg[0] == '/')
		(void)snprintf(out, size, "%s/almanac/%s", xdg, file);
	else if (home && home[0] == '/')
		(void)snprintf(out, size, "%s/.config/almanac/%s", home, file);
	else
		(void)str_copy(out, size, "");
}
