/* The configuration: every key with a good and a bad value, from the file and from the environment (CONTRACT.md section 2). */
#include "daemon/config.h"

#include "ipc/base/buf.h"
#include "ipc/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum kind { TEXT, NUMBER, SWITCH, SECRET };

/* An independent copy of the table: what is written here is what CONTRACT.md promises. */
static const struct row {
	const char *section, *key;
	enum kind kind;
	size_t offset;
	const char *fallback;    /* for texts */
	int64_t number;          /* for the others */
	const char *good, *stored; /* stored NULL: as written */
	int64_t good_number;
	const char *bad[6];
	const char *why;
} rows[] = {
#define F(field_) offsetof(struct config, field_)
#define PATHS { "run/x", "./x", NULL }, "expected an absolute path"
#define URLS { "x", "http://example.com/x", "ftp://127.0.0.1/", "https://u@h/", "https://h/#f", "https:// h/" }, ""
#define TIMES { "15", "15 m", "1.5h", "-1m", "m", "10000d" }, "expected a duration"
#define WHOLE { "0", "-1", "0x10", "1e3", " ", "99999999999" }, "expected a whole number from"
#define MS(minutes_) ((int64_t)(minutes_) * 60000)
	{ "daemon", "socket", TEXT, F(socket), "", 0, "/run/x", NULL, 0, PATHS },
	{ "daemon", "socket_group", TEXT, F(socket_group), "", 0, "staff", NULL, 0, { NULL }, "" },
	{ "daemon", "state_dir", TEXT, F(state_dir), "", 0, "/var/x", NULL, 0, PATHS },
	{ "daemon", "max_clients", NUMBER, F(max_clients), NULL, 12000, "5", NULL, 5, WHOLE },
	{ "http", "listen", TEXT, F(listen), "127.0.0.1:8710", 0, "[::1]:0", NULL, 0,
	  { "8710", "127.0.0.1", ":80", "127.0.0.1:70000", "127.0.0.1:-1", "::1:80" }, "expected ADDRESS:PORT" },
	{ "http", "base_url", TEXT, F(base_url), "", 0, "https://c.example.com/", "https://c.example.com", 0, URLS },
	{ "http", "after_connect_url", TEXT, F(after_connect_url), "", 0, "https://c.example.com/x", NULL, 0, URLS },
	{ "http", "metrics", SWITCH, F(metrics), NULL, 0, "yes", NULL, 1, { "2", "maybe", "y", "" }, "expected yes or no" },
	{ "http", "ca_file", TEXT, F(ca_file), "", 0, "/etc/ca.pem", NULL, 0, PATHS },
	{ "google", "client_id", TEXT, F(client_id), "", 0, "12-ab.apps.example.com", NULL, 0, { NULL }, "" },
	{ "google", "client_secret", SECRET, F(client_secret), "", 0, "GOCSPX-5ecret/+&=", NULL, 0, { NULL }, "" },
	{ "google", "scopes", TEXT, F(scopes),
	  "https://www.googleapis.com/auth/calendar.readonly https://www.googleapis.com/auth/calendar.events "
	  "https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
	  0, "  a \t b  c ", "a b c", 0, { NULL }, "" },
	{ "google", "auth_url", TEXT, F(auth_url), "https://accounts.google.com/o/oauth2/v2/auth", 0, "http://127.0.0.1:1/a", NULL,
	  0, URLS },
	{ "google", "token_url", TEXT, F(token_url), "https://oauth2.googleapis.com/token", 0, "http://localhost:1/t", NULL, 0,
	  URLS },
	{ "google", "revoke_url", TEXT, F(revoke_url), "https://oauth2.googleapis.com/revoke", 0, "http://[::1]:1/r", NULL, 0,
	  URLS },
	{ "google", "userinfo_url", TEXT, F(userinfo_url), "https://www.googleapis.com/oauth2/v2/userinfo", 0, "https://h/u", NULL,
	  0, URLS },
	{ "google", "api_url", TEXT, F(api_url), "https://www.googleapis.com/calendar/v3", 0, "https://h/calendar/v3//",
	  "https://h/calendar/v3", 0, URLS },
	{ "schedule", "token_refresh", NUMBER, F(token_refresh), NULL, MS(15), "90s", NULL, 90000, TIMES },
	{ "schedule", "calendar_sync", NUMBER, F(calendar_sync), NULL, MS(60), "2h", NULL, MS(120), TIMES },
	{ "schedule", "full_sync", NUMBER, F(full_sync), NULL, MS(1440), "2d", NULL, MS(2880), TIMES },
	{ "schedule", "cleanup", NUMBER, F(cleanup), NULL, MS(7 * 1440), "60m", NULL, MS(60), TIMES },
	{ "schedule", "trash", NUMBER, F(trash), NULL, MS(30 * 1440), "3600s", NULL, MS(60), TIMES },
	{ "schedule", "history", NUMBER, F(history), NULL, MS(90 * 1440), "1d", NULL, MS(1440), TIMES },
	{ "schedule", "concurrency", NUMBER, F(concurrency), NULL, 64, "1", NULL, 1, WHOLE },
	{ "schedule", "per_host", NUMBER, F(per_host), NULL, 16, "1024", NULL, 1024, WHOLE },
	{ "limits", "frame_bytes", NUMBER, F(frame_bytes), NULL, 65536, "1024", NULL, 1024, WHOLE },
	{ "limits", "pending_requests", NUMBER, F(pending_requests), NULL, 64, "1", NULL, 1, WHOLE },
	{ "limits", "output_bytes", NUMBER, F(output_bytes), NULL, 1048576, "65536", NULL, 65536, WHOLE },
	{ "log", "level", TEXT, F(log_level), "info", 0, "debug", NULL, 0, { "DEBUG", "trace", NULL }, "expected debug, info" },
	{ "log", "format", TEXT, F(log_format), "text", 0, "json", NULL, 0, { "xml", NULL }, "expected text or json" },
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static char directory[] = "/tmp/almanac-config-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	return mkdtemp(directory) ? chdir(directory) : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	(void)unlink("f");
	(void)unlink("secret");
	return rmdir(directory);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	(void)unlink(name);
	FILE *file = fopen(name, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(name, mode), 0);
}

/* "" and *out, or the error. text NULL: no file. */
static const char *load(const char *text, struct config **out)
{
	static struct err err;
	err = (struct err){ 0 };
	*out = NULL;
	if (text)
		write_file("f", text, 0600);
	if (config_load(out, text ? "f" : NULL, &err) != 0)
		assert_int_equal(err.code, ERR_CONFIG);
	return err.message;
}

static void expect_fault(const char *text, const char *expected)
{
	struct config *config;
	const char *fault = load(text, &config);
	if (!strstr(fault, expected))
		fail_msg("%s\ngave: %s\ninstead of: %s", text ? text : "no file", fault, expected);
	config_free(config);
}

static void expect_field(const struct config *config, const struct row *row, const char *text, int64_t number)
{
	const char *field = (const char *)config + row->offset;
	if (row->kind == TEXT)
		assert_string_equal(*(char *const *)(const void *)field, text);
	else if (row->kind == NUMBER)
		assert_int_equal(*(const int64_t *)(const void *)field, number);
	else if (row->kind == SWITCH)
		assert_int_equal(*(const bool *)(const void *)field, number);
	else if (text[0])
		assert_string_equal(secret_reveal(*(struct secret *const *)(const void *)field), text);
	else
		assert_null(*(struct secret *const *)(const void *)field);
}

static void expect_good(const struct config *config, const struct row *row)
{
	expect_field(config, row, row->stored ? row->stored : row->good, row->good_number);
}

static void variable(const struct row *row, struct buf *name)
{
	buf_printf(name, "ALMANAC_%s_%s", row->section, row->key);
	for (char *at = name->data; *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
}

static void test_defaults(void **state)
{
	static const char *const texts[] = { NULL, "", "; nothing\n", "[daemon]\n[http]\n[google]\n[schedule]\n[limits]\n[log]\n" };
	(void)state;
	for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
		struct config *config;
		assert_string_equal(load(texts[k], &config), "");
		for (size_t i = 0; i < ROW_COUNT; i++)
			expect_field(config, &rows[i], rows[i].fallback, rows[i].number);
		config_free(config);
	}
}

static void test_good_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct buf text = { 0 };
		struct config *config;
		buf_printf(&text, "[%s]\n%s = %s\n", rows[i].section, rows[i].key, rows[i].good);
		assert_string_equal(load(buf_text(&text), &config), "");
		for (size_t k = 0; k < ROW_COUNT; k++)
			if (k == i)
				expect_good(config, &rows[k]);
			else
				expect_field(config, &rows[k], rows[k].fallback, rows[k].number);
		config_free(config);
		buf_free(&text);
	}
}

static void test_bad_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		for (size_t k = 0; k < 6 && rows[i].bad[k]; k++) {
			struct buf text = { 0 }, expected = { 0 };
			buf_printf(&text, "\n[%s]\n%s = %s\n", rows[i].section, rows[i].key, rows[i].bad[k]);
			buf_printf(&expected, "f:3: %s: %s", rows[i].key, rows[i].why);
			expect_fault(buf_text(&text), buf_text(&expected));
			buf_free(&text);
			buf_free(&expected);
		}
	}
}

static void test_environment(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct buf name = { 0 }, expected = { 0 };
		struct config *config;
		variable(&rows[i], &name);
		assert_int_equal(setenv(buf_text(&name), rows[i].good, 1), 0);
		assert_string_equal(load(NULL, &config), "");
		expect_good(config, &rows[i]);
		config_free(config);
		if (rows[i].bad[0]) {
			buf_printf(&expected, "environment %s: %s", buf_text(&name), rows[i].why);
			assert_int_equal(setenv(buf_text(&name), rows[i].bad[0], 1), 0);
			expect_fault(NULL, buf_text(&expected));
		}
		assert_int_equal(unsetenv(buf_text(&name)), 0);
		buf_free(&name);
		buf_free(&expected);
	}
}

static void test_environment_beats_file(void **state)
{
	/* One key a kind. */
	static const char file[] = "[daemon]\nsocket = /file\nmax_clients = 7\n[http]\nlisten = 127.0.0.1:7\nmetrics = no\n"
				   "[google]\nclient_id = file\nclient_secret = file\nscopes = file\nauth_url = https://file/\n"
				   "[schedule]\ncleanup = 7d\n[log]\nlevel = warn\nformat = text\n";
	struct config *config;
	(void)state;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct buf name = { 0 };
		variable(&rows[i], &name);
		assert_int_equal(setenv(buf_text(&name), rows[i].good, 1), 0);
		buf_free(&name);
	}
	assert_string_equal(load(file, &config), "");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct buf name = { 0 };
		expect_good(config, &rows[i]);
		variable(&rows[i], &name);
		assert_int_equal(unsetenv(buf_text(&name)), 0);
		buf_free(&name);
	}
	config_free(config);
}

static void test_environment_names(void **state)
{
	struct config *config;
	(void)state;
	assert_int_equal(setenv("GOOGLE_CLIENT_ID", "seed-id", 1) | setenv("GOOGLE_CLIENT_SECRET", "seed-secret", 1) |
	                         setenv("BASE_URL", "https://seed.example.com/", 1),
	                 0);
	assert_string_equal(load("[google]\nclient_id = f\nclient_secret = f\n[http]\nbase_url = https://f.example.com\n", &config), "");
	assert_string_equal(config->client_id, "seed-id");
	assert_string_equal(secret_reveal(config->client_secret), "seed-secret");
	assert_string_equal(config->base_url, "https://seed.example.com");
	config_free(config);

	assert_int_equal(setenv("ALMANAC_GOOGLE_CLIENT_ID", "our-id", 1), 0);
	assert_string_equal(load("", &config), "");
	assert_string_equal(config->client_id, "our-id");
	config_free(config);

	assert_int_equal(setenv("BASE_URL", "http://example.com", 1), 0);
	expect_fault("", "environment BASE_URL: ");
	assert_int_equal(unsetenv("GOOGLE_CLIENT_ID") | unsetenv("GOOGLE_CLIENT_SECRET") | unsetenv("BASE_URL") |
	                         unsetenv("ALMANAC_GOOGLE_CLIENT_ID"),
	                 0);
}

static void test_unknown_environment(void **state)
{
	static const struct {
		const char *name;
		bool refused;
	} names[] = {
		{ "ALMANAC_GOOGLE_CLIENTID", true }, { "ALMANAC_LOG_LEVELS", true },  { "almanac_log_level", true },
		{ "ALMANAC_SOCKET", false },         { "ALMANAC_FIXTURES", false },   { "XALMANAC_LOG_X", false },
		{ "ALMANAC_LOG", false },            { "ALMANAC_DAEMON_", true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct config *config;
		assert_int_equal(setenv(names[i].name, "x", 1), 0);
		const char *fault = load("", &config);
		if ((fault[0] != '\0') != names[i].refused)
			fail_msg("%s: %s", names[i].name, fault);
		config_free(config);
		assert_int_equal(unsetenv(names[i].name), 0);
	}
}

static void test_unknown_and_twice(void **state)
{
	(void)state;
	expect_fault("[daemon]\nsockets = /x\n", "f:2: unknown key");
	expect_fault("[http]\nsocket = /x\n", "f:2: unknown key");
	expect_fault("\n[demon]\nsocket = /x\n", "f:2: unknown section");
	expect_fault("[demon]\n", "f:1: unknown section");
	expect_fault("[Daemon]\n", "f:1: unknown section");
	expect_fault("socket = /x\n", "f:1: a key outside a section");
	expect_fault("[daemon]\nsocket = /x\n\nsocket = /x\n", "f:4: `socket` is already set in line 2");
	expect_fault("[daemon]\nsocket = /x\n[http]\n[daemon]\nsocket = /y\n", "f:5: `socket` is already set in line 2");
	/* Nothing that looks like another key is lost in a continuation. */
	expect_fault("[daemon]\nsocket = /x\n[http]\n  listen = 127.0.0.1:1\n", "f:4: an indented line");
}

static void test_scopes_over_lines(void **state)
{
	struct buf text = { 0 }, expected = { 0 };
	struct config *config;
	(void)state;
	buf_add_text(&text, "[google]\nscopes =\n");
	for (int i = 0; i < 40; i++) {
		buf_printf(&text, "%shttps://www.googleapis.com/auth/calendar.%d", i % 10 ? " " : "  ", i);
		buf_printf(&expected, "%shttps://www.googleapis.com/auth/calendar.%d", i ? " " : "", i);
		if (i % 10 == 9)
			buf_add_text(&text, " ; as asked for\n");
	}
	buf_add_text(&text, "client_id = x\n");
	assert_string_equal(load(buf_text(&text), &config), "");
	assert_string_equal(config->scopes, buf_text(&expected));
	assert_string_equal(config->client_id, "x");
	config_free(config);
	buf_free(&text);
	buf_free(&expected);
}

static void test_empty_means_default(void **state)
{
	struct config *config;
	(void)state;
	assert_int_equal(setenv("GOOGLE_CLIENT_SECRET", "", 1), 0);
	assert_string_equal(load("[google]\nauth_url =\nscopes =\nclient_id =\n[http]\nlisten =\n[log]\nlevel =\n", &config), "");
	assert_string_equal(config->auth_url, "https://accounts.google.com/o/oauth2/v2/auth");
	assert_true(strlen(config->scopes) > 100);
	assert_string_equal(config->listen, "127.0.0.1:8710");
	assert_string_equal(config->log_level, "info");
	assert_null(config->client_secret);
	config_free(config);
	assert_int_equal(unsetenv("GOOGLE_CLIENT_SECRET"), 0);
}

static void test_secret_file(void **state)
{
	struct buf text = { 0 };
	struct config *config;
	(void)state;
	buf_printf(&text, "[google]\nclient_secret_file = %s/secret\n", directory);
	expect_fault(buf_text(&text), "secret: No such file");
	write_file("secret", "  GOCSPX-1 \nmore\n", 0640);
	assert_string_equal(load(buf_text(&text), &config), "");
	assert_string_equal(secret_reveal(config->client_secret), "GOCSPX-1");
	config_free(config);
	write_file("secret", "GOCSPX-1\n", 0644);
	expect_fault(buf_text(&text), "secret:0: readable by others");
	write_file("secret", "GOCSPX-1\n", 0666);
	expect_fault(buf_text(&text), "secret:0: writable by group or others");
	write_file("secret", "\n", 0600);
	expect_fault(buf_text(&text), "secret:1: no secret in it");
	write_file("secret", "", 0600);
	expect_fault(buf_text(&text), "secret:1: no secret in it");
	/* The secret itself is stronger than the place of one. */
	buf_add_text(&text, "client_secret = direct\n");
	assert_string_equal(load(buf_text(&text), &config), "");
	assert_string_equal(secret_reveal(config->client_secret), "direct");
	config_free(config);
	buf_free(&text);
}

static void test_no_file(void **state)
{
	struct config *config;
	struct err err;
	(void)state;
	assert_int_equal(config_load(&config, "nothing", &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	assert_int_equal(config_load(&config, ".", &err), -1);
	assert_string_equal(err.message, ".:0: not a regular file");
	write_file("f", "", 0664);
	assert_int_equal(config_load(&config, "f", &err), -1);
	assert_string_equal(err.message, "f:0: writable by group or others");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_good_values),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_environment_beats_file),
		cmocka_unit_test(test_environment_names),
		cmocka_unit_test(test_unknown_environment),
		cmocka_unit_test(test_unknown_and_twice),
		cmocka_unit_test(test_scopes_over_lines),
		cmocka_unit_test(test_empty_means_default),
		cmocka_unit_test(test_secret_file),
		cmocka_unit_test(test_no_file),
	};
	return secret_setup() != 0 || cmocka_run_group_tests(tests, make_directory, remove_directory);
}
