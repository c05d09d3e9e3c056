/* The key file at start and at a reload: what is refused seals the daemon and changes nothing, a new key is never made over old
 * rows, and the right file opens everything again without a restart (CONTRACT.md sections 2 and 7). */
#include "tests/support/launch.h"
#include "tests/support/stage.h"
#include "tests/support/web.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static struct stage stage;
static char *connection;
static char key[128], aside[128];

static void put_aside(void)
{
	assert_int_equal(rename(key, aside), 0);
}

static void put_back(void)
{
	struct stat st;
	if (lstat(key, &st) == 0)
		assert_int_equal(S_ISDIR(st.st_mode) ? rmdir(key) : unlink(key), 0);
	assert_int_equal(rename(aside, key), 0);
	assert_int_equal(chmod(key, 0600), 0);
}

static void copy_with_mode(mode_t mode)
{
	struct buf text = { 0 };
	launch_read(aside, &text);
	launch_file(key, buf_text(&text), mode);
	buf_free(&text);
}

/* The first key's id, with other bytes. */
static void same_id_other_bytes(void)
{
	struct buf text = { 0 };
	launch_read(aside, &text);
	char *base64 = strrchr(text.data, ' ') + 1;
	base64[3] = base64[3] == 'A' ? 'B' : 'A';
	launch_file(key, text.data, 0600);
	buf_free(&text);
}

static void spoil_missing(void)
{
	put_aside();
}

static void spoil_link(void)
{
	put_aside();
	assert_int_equal(symlink(aside, key), 0);
}

static void spoil_other_links(void)
{
	put_aside();
	assert_int_equal(link(aside, key), 0);
}

static void spoil_group(void)
{
	put_aside();
	copy_with_mode(0640);
}

static void spoil_world(void)
{
	put_aside();
	copy_with_mode(0604);
}

static void spoil_directory(void)
{
	put_aside();
	assert_int_equal(mkdir(key, 0700), 0);
}

static void spoil_fifo(void)
{
	put_aside();
	assert_int_equal(mkfifo(key, 0600), 0);
}

static void spoil_owner(void)
{
	put_aside();
	copy_with_mode(0600);
	if (geteuid() == 0)
		assert_int_equal(chown(key, 4001, 4001), 0);
	else
		assert_int_equal(chmod(key, 0604), 0);
}

static void spoil_same_id(void)
{
	put_aside();
	same_id_other_bytes();
}

static const struct {
	const char *name;
	void (*spoil)(void);
	const char *text; /* without spoil: instead of the file's */
} spoilings[] = {
	{ "missing", spoil_missing, NULL },
	{ "a symbolic link", spoil_link, NULL },
	{ "two links", spoil_other_links, NULL },
	{ "open to the group", spoil_group, NULL },
	{ "open to the world", spoil_world, NULL },
	{ "a directory", spoil_directory, NULL },
	{ "a fifo", spoil_fifo, NULL },
	{ "of somebody else", spoil_owner, NULL },
	{ "the same id with other bytes", spoil_same_id, NULL },
	{ "empty", NULL, "" },
	{ "only comments", NULL, "# nothing\n" },
	{ "no key", NULL, "nonsense\n" },
	{ "31 bytes", NULL, "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n" },
	{ "33 bytes", NULL, "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n" },
	{ "all zeros", NULL, "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" },
	{ "another key", NULL, "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n" },
	{ "an id twice", NULL, "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\nk1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n" },
};

static void spoil(size_t i)
{
	if (spoilings[i].spoil) {
		spoilings[i].spoil();
		return;
	}
	put_aside();
	launch_file(key, spoilings[i].text, 0600);
}

static bool is_sealed(void)
{
	json_t *info = stage_call(&stage, "system.info", NULL), *health = stage_call(&stage, "system.health", NULL);
	bool sealed = json_is_true(json_object_get(info, "sealed"));
	assert_int_equal(json_is_true(json_object_get(health, "sealed")), sealed);
	assert_int_equal(json_is_true(json_object_get(health, "ok")), !sealed);
	json_decref(health);
	json_decref(info);
	return sealed;
}

static void expect_sealed(const char *why)
{
	struct web_reply reply;
	char url[256];
	if (!is_sealed())
		fail_msg("a key file that is %s does not seal", why);
	json_t *error = stage_refused(&stage, "sealed", "connection.refresh", "{s:s}", "id", connection);
	assert_int_equal(json_integer_value(json_object_get(error, "code")), -32020);
	json_decref(error);
	json_decref(stage_refused(&stage, "sealed", "oauth.begin", "{s:s,s:s}", "workspace", "acme", "provider", "google"));
	json_decref(stage_refused(&stage, "sealed", "connection.test", "{s:s}", "id", connection));
	/* What needs no key is served. */
	json_t *list = stage_call(&stage, "connection.list", NULL);
	assert_int_equal(json_integer_value(json_object_get(list, "total")), 1);
	json_decref(list);
	json_t *info = stage_call(&stage, "system.info", NULL);
	const char *callback = json_string_value(json_object_get(info, "callback_url"));
	(void)snprintf(url, sizeof url, "%.*s/healthz", (int)(strstr(callback, "/api") - callback), callback);
	web_fetch(&reply, url, NULL, NULL);
	assert_int_equal(reply.status, 503);
	web_reply_free(&reply);
	json_decref(info);
}

static void expect_open(void)
{
	assert_false(is_sealed());
	json_t *refreshed = stage_call(&stage, "connection.refresh", "{s:s}", "id", connection);
	assert_true(json_is_true(json_object_get(json_object_get(refreshed, "token"), "ok")));
	json_decref(refreshed);
	json_t *got = stage_call(&stage, "connection.get", "{s:s}", "id", connection);
	assert_string_equal(json_string_value(json_object_get(got, "state")), "connected");
	json_decref(got);
}

static void test_bad_key_files_seal(void **unused)
{
	struct buf before = { 0 }, after = { 0 };
	struct stat st;
	(void)unused;
	launch_read(key, &before);
	for (size_t i = 0; i < sizeof spoilings / sizeof spoilings[0]; i++) {
		assert_int_equal(stage_stop_daemon(&stage, SIGTERM), 0);
		spoil(i);
		stage_start_daemon(&stage);
		expect_sealed(spoilings[i].name);
		if (i == 0) /* and no new one is made */
			assert_int_equal(lstat(key, &st), -1);
		json_t *reloaded = stage_call(&stage, "system.reload", NULL);
		assert_true(json_is_true(json_object_get(reloaded, "sealed")));
		json_decref(reloaded);
		put_back();
		reloaded = stage_call(&stage, "system.reload", NULL);
		assert_true(json_is_false(json_object_get(reloaded, "sealed")));
		json_decref(reloaded);
		expect_open();
	}
	launch_read(key, &after);
	assert_string_equal(buf_text(&before), buf_text(&after));
	buf_free(&before);
	buf_free(&after);
}

/* A daemon that works is not put out of work by what happens to the file. */
static void test_a_reload_takes_nothing_away(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof spoilings / sizeof spoilings[0]; i++) {
		spoil(i);
		json_decref(stage_call(&stage, "system.reload", NULL));
		expect_open();
		put_back();
	}
	json_decref(stage_call(&stage, "system.reload", NULL));
	expect_open();
}

/* More keys than one: any of them opens. */
static void test_further_keys(void **unused)
{
	struct buf text = { 0 };
	(void)unused;
	launch_read(key, &text);
	put_aside();
	buf_add_text(&text, "k2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n");
	launch_file(key, buf_text(&text), 0600);
	json_decref(stage_call(&stage, "system.reload", NULL));
	expect_open();
	assert_int_equal(stage_stop_daemon(&stage, SIGTERM), 0);
	stage_start_daemon(&stage);
	expect_open();
	put_back();
	buf_free(&text);
}

static int64_t count_keys(void)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/almanac.db", stage.state_dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM keys", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	int64_t count = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	return count;
}

/* A new first key seals from the reload on: the store must know it from then on, too. */
static void test_a_new_first_key_is_known_at_once(void **unused)
{
	struct buf old = { 0 }, text = { 0 };
	(void)unused;
	launch_read(key, &old);
	buf_printf(&text, "k3 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI=\n%s", buf_text(&old));
	put_aside();
	launch_file(key, buf_text(&text), 0600);
	json_decref(stage_call(&stage, "system.reload", NULL));
	expect_open();
	assert_int_equal(stage_stop_daemon(&stage, SIGKILL), -SIGKILL);
	assert_int_equal(count_keys(), 2);
	stage_start_daemon(&stage);
	expect_open();
	buf_free(&old);
	buf_free(&text);
}

static void test_close(void **unused)
{
	(void)unused;
	free(connection);
	stage_close(&stage);
}

static int open_stage(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	connection = stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL);
	(void)snprintf(key, sizeof key, "%s/almanac.key", stage.state_dir);
	(void)snprintf(aside, sizeof aside, "%s/key.aside", stage.dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_key_files_seal),
		cmocka_unit_test(test_a_reload_takes_nothing_away),
		cmocka_unit_test(test_further_keys),
		cmocka_unit_test(test_a_new_first_key_is_known_at_once),
		cmocka_unit_test(test_close),
	};
	return cmocka_run_group_tests(tests, open_stage, NULL);
}
