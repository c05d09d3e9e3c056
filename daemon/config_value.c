/* One configuration value. */
#include "daemon/config_value.h"

#include "daemon/http/client.h"
#include "daemon/vault/secret.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool refuse(char *why, size_t size, const char *text)
{
	(void)snprintf(why, size, "%s", text);
	return false;
}

static bool parse_duration(const char *text, int64_t *out)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
	char digits[16];
	size_t len = strlen(text);
	if (len < 2 || len >= sizeof digits)
		return false;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		int64_t number;
		if (text[len - 1] == units[i].unit && str_to_int64(digits, 0, 1000000000, &number)) {
			*out = number * units[i].ms;
			return true;
		}
	}
	return false;
}

static bool parse_bool(const char *text, bool *out)
{
	static const char *const yes[] = { "yes", "true", "on", "1" }, *const no[] = { "no", "false", "off", "0" };
	for (size_t i = 0; i < 4; i++) {
		if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
			*out = strcasecmp(text, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

/* "127.0.0.1:8710", "[::1]:0". */
static bool is_listen(const char *text)
{
	const char *colon = strrchr(text, ':');
	int64_t port;
	if (!colon || colon == text || !str_to_int64(colon + 1, 0, 65535, &port))
		return false;
	bool bracketed = text[0] == '[' && colon[-1] == ']';
	return bracketed || strchr(text, ':') == colon;
}

static bool is_choice(const char *text, const char *const *choices)
{
	for (; *choices; choices++)
		if (strcmp(text, *choices) == 0)
			return true;
	return false;
}

static bool check_text(enum config_kind kind, const char *text, char *why, size_t size)
{
	static const char *const levels[] = { "debug", "info", "warn", "error", NULL }, *const formats[] = { "text", "json", NULL };
	struct err err;
	for (const char *at = text; *at; at++)
		if (((unsigned char)*at < 0x20 && !(kind == CONFIG_WORDS && *at == '\t')) || *at == 0x7f)
			return refuse(why, size, "expected text without control characters");
	if (kind == CONFIG_PATH && text[0] && text[0] != '/')
		return refuse(why, size, "expected an absolute path");
	if (kind == CONFIG_URL && text[0] && http_url_check(text, &err) != 0)
		return refuse(why, size, err.message);
	if (kind == CONFIG_LISTEN && !is_listen(text))
		return refuse(why, size, "expected ADDRESS:PORT, such as 127.0.0.1:8710 or [::1]:0");
	if (kind == CONFIG_LOG_LEVEL && !is_choice(text, levels))
		return refuse(why, size, "expected debug, info, warn or error");
	if (kind == CONFIG_LOG_FORMAT && !is_choice(text, formats))
		return refuse(why, size, "expected text or json");
	return true;
}

/* What is stored of a text: words with single blanks, URLs without their final slashes. */
static char *tidy_text(enum config_kind kind, const char *text)
{
	char *copy = mem_strdup(text);
	size_t len = 0;
	if (kind == CONFIG_WORDS) {
		for (const char *at = text; *at; at++)
			if (*at != ' ' && *at != '\t')
				copy[len++] = *at;
			else if (len > 0 && copy[len - 1] != ' ')
				copy[len++] = ' ';
		while (len > 0 && copy[len - 1] == ' ')
			len--;
		copy[len] = '\0';
	}
	if (kind == CONFIG_URL)
		for (len = strlen(copy); len > 0 && copy[len - 1] == '/'; len--)
			copy[len - 1] = '\0';
	return copy;
}

static bool set_number(void *field, const struct config_key *key, const char *text, char *why, size_t size)
{
	int64_t value;
	if (key->kind == CONFIG_BOOL)
		return parse_bool(text, field) || refuse(why, size, "expected yes or no");
	if (key->kind == CONFIG_DURATION) {
		if (!parse_duration(text, &value))
			return refuse(why, size, "expected a duration with its unit, such as 90s, 15m, 1h or 7d");
		if (value < key->min || value > key->max) {
			(void)snprintf(why, size, "expected a duration from %llds to %llds", (long long)key->min / 1000,
			               (long long)key->max / 1000);
			return false;
		}
	} else if (!str_to_int64(text, key->min, key->max, &value)) {
		(void)snprintf(why, size, "expected a whole number from %lld to %lld", (long long)key->min, (long long)key->max);
		return false;
	}
	memcpy(field, &value, sizeof value);
	return true;
}

bool config_value_set(struct config *config, const struct config_key *key, const char *text, char *why, size_t why_size)
{
	void *field = (char *)config + key->offset;
	if (key->kind >= CONFIG_INT)
		return set_number(field, key, text, why, why_size);
	if (text[0] == '\0')
		text = key->fallback;
	if (!check_text(key->kind, text, why, why_size))
		return false;
	config_value_clear(config, key);
	if (key->kind == CONFIG_SECRET)
		*(struct secret **)field = text[0] ? secret_new(text, strlen(text)) : NULL;
	else
		*(char **)field = tidy_text(key->kind, text);
	return true;
}

void config_value_clear(struct config *config, const struct config_key *key)
{
	void *field = (char *)config + key->offset;
	if (key->kind >= CONFIG_INT)
		return;
	if (key->kind == CONFIG_SECRET) {
		secret_unref(*(struct secret **)field);
		*(struct secret **)field = NULL;
	} else {
		free(*(char **)field);
		*(char **)field = NULL;
	}
}
