/* Ciphertexts flipped, swapped between rows and columns, or moved in from elsewhere are refused as undecryptable, for the connections of
 * that grant only (SAFETY.md KEY-5, KEY-6). The store's file is edited behind the daemon's back, while it is down. */
#include "tests/support/stage.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ACCOUNTS = 3 };

static const char *const emails[ACCOUNTS] = { "ada.lovelace@example.com", "alan.turing@example.com",
	                                      "edsger.dijkstra@example.com" };

static void edit(struct stage *stage, const char *sql)
{
	sqlite3 *db;
	char path[160], *why = NULL;
	(void)snprintf(path, sizeof path, "%s/almanac.db", stage->state_dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	assert_int_equal(sqlite3_changes(db) > 0, 1);
	sqlite3_close(db);
}

static const char *state_of(struct stage *stage, const char *id, char state[32])
{
	json_t *connection = stage_call(stage, "connection.get", "{s:s}", "id", id);
	json_t *reason = json_array_get(json_object_get(connection, "reasons"), 0);
	const char *code = json_string_value(json_object_get(reason, "code"));
	(void)snprintf(state, 32, "%s%s%s", json_string_value(json_object_get(connection, "state")), code ? " " : "", code ? code : "");
	json_decref(connection);
	return state;
}

static void tamper(const char *sql, int harmed)
{
	struct stage stage;
	char *ids[ACCOUNTS], state[32];
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	(void)stage_workspace(&stage, "globex");
	for (int i = 0; i < ACCOUNTS; i++)
		ids[i] = stage_connect(&stage, "acme", emails[i], NULL);
	char *sibling = stage_connect(&stage, "globex", emails[0], NULL);
	assert_int_equal(stage_stop_daemon(&stage, SIGTERM), 0);
	edit(&stage, sql);
	stage_start_daemon(&stage);
	for (int i = 0; i < ACCOUNTS; i++) {
		if (i < harmed)
			json_decref(stage_refused(&stage, "sealed", "connection.refresh", "{s:s}", "id", ids[i]));
		else
			json_decref(stage_call(&stage, "connection.refresh", "{s:s}", "id", ids[i]));
		assert_string_equal(state_of(&stage, ids[i], state), i < harmed ? "blocked undecryptable" : "connected");
		json_t *tested = stage_call(&stage, "connection.test", "{s:s}", "id", ids[i]);
		assert_int_equal(json_is_true(json_object_get(tested, "ok")), i >= harmed);
		json_decref(tested);
		free(ids[i]);
	}
	assert_string_equal(state_of(&stage, sibling, state), "blocked undecryptable");
	/* A new consent mends it, for the sibling as well. */
	free(stage_connect(&stage, "acme", emails[0], NULL));
	assert_string_equal(state_of(&stage, sibling, state), "connected");
	json_t *info = stage_call(&stage, "system.info", NULL);
	assert_true(json_is_false(json_object_get(info, "sealed")));
	json_decref(info);
	free(sibling);
	stage_close(&stage);
}

#define GRANT(n_) "(SELECT id FROM grants ORDER BY id LIMIT 1 OFFSET " #n_ ")"

static void test_flipped_bit(void **unused)
{
	(void)unused;
	tamper("UPDATE grants SET refresh_token = CAST(substr(refresh_token, 1, 40) || x'ff00' || substr(refresh_token, 43) AS BLOB) "
	       "WHERE id = " GRANT(0),
	       1);
}

static void test_swapped_columns(void **unused)
{
	(void)unused;
	tamper("UPDATE grants SET refresh_token = access_token WHERE id = " GRANT(0), 1);
}

static void test_token_of_another_row(void **unused)
{
	(void)unused;
	tamper("UPDATE grants SET refresh_token = (SELECT refresh_token FROM grants WHERE id = " GRANT(2) ") WHERE id = " GRANT(0), 1);
}

static void test_everything_of_another_row(void **unused)
{
	(void)unused;
	tamper("UPDATE grants SET (refresh_token, access_token, data_key) = (SELECT refresh_token, access_token, data_key FROM grants "
	       "WHERE id = " GRANT(2) ") WHERE id = " GRANT(0),
	       1);
}

static void test_truncated(void **unused)
{
	(void)unused;
	tamper("UPDATE grants SET refresh_token = x'01', data_key = substr(data_key, 1, 20) WHERE id = " GRANT(0), 1);
}

static void test_unknown_key_id(void **unused)
{
	(void)unused;
	tamper("UPDATE grants SET key_id = 'nobody' WHERE id = " GRANT(0), 1);
}

static void test_two_rows_exchanged(void **unused)
{
	(void)unused;
	tamper("CREATE TEMP TABLE t AS SELECT id, refresh_token FROM grants;"
	       "UPDATE grants SET refresh_token = (SELECT refresh_token FROM t WHERE t.id = " GRANT(1) ") WHERE id = " GRANT(0) ";"
	       "UPDATE grants SET refresh_token = (SELECT refresh_token FROM t WHERE t.id = " GRANT(0) ") WHERE id = " GRANT(1),
	       2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flipped_bit),           cmocka_unit_test(test_swapped_columns),
		cmocka_unit_test(test_token_of_another_row),  cmocka_unit_test(test_everything_of_another_row),
		cmocka_unit_test(test_truncated),             cmocka_unit_test(test_unknown_key_id),
		cmocka_unit_test(test_two_rows_exchanged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
