/* Disk full, I/O errors and failing commits in the middle of ticks: no acknowledged change is lost, no effect of a failed tick leaves,
 * the daemon serves again when the fault is gone (DESIGN.md idea 3). The faults hit the k-th operation of the release daemon. */
#include "tests/support/faults.h"
#include "tests/support/stage.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { BURST = 24, ROUNDS = 12, REPLY_MS = 20000, EXIT_MS = 20000 };

static const char ada[] = "ada.lovelace@example.com";

struct act {
	struct stage stage;
	struct faults faults;
	struct stage_options options;
	char *id;
};

static void act_open(struct act *act, const char *const *sandbox_args)
{
	faults_open(&act->faults);
	act->options = (struct stage_options){ .sandbox_args = sandbox_args, .daemon_env = act->faults.env };
	stage_open(&act->stage, &act->options);
	(void)stage_workspace(&act->stage, "acme");
	act->id = stage_connect(&act->stage, "acme", ada, NULL);
}

static void act_close(struct act *act)
{
	free(act->id);
	stage_close(&act->stage);
	faults_close(&act->faults);
}

/* Pipeline creations in one write, with a fault at operation `at`; acknowledged[i] tells which were answered with a result. */
static void burst(struct act *act, int round, bool acknowledged[BURST])
{
	struct buf frames = { 0 };
	const char *line;
	size_t len;
	struct err err;
	for (int i = 0; i < BURST; i++)
		buf_printf(&frames,
		           "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"workspace.create\",\"params\":{\"name\":\"w\",\"slug\":\"r%d-%d\","
		           "\"time_zone\":\"UTC\"}}\n",
		           i, round, i);
	assert_int_equal(client_sync_send(act->stage.client, frames.data, frames.len, &err), 0);
	for (int i = 0; i < BURST; i++) {
		if (client_sync_read(act->stage.client, REPLY_MS, &line, &len, &err) != 0)
			break;
		json_t *reply = json_loadb(line, len, 0, NULL);
		json_int_t id = json_integer_value(json_object_get(reply, "id"));
		assert_in_range(id, 0, BURST - 1);
		acknowledged[id] = json_object_get(reply, "result") != NULL;
		json_t *code = json_object_get(json_object_get(json_object_get(reply, "error"), "data"), "code");
		if (!acknowledged[id])
			assert_string_equal(json_string_value(code), "store_failed");
		json_decref(reply);
	}
	buf_free(&frames);
}

static void check_burst(struct act *act, int round, const bool acknowledged[BURST])
{
	char slug[32];
	for (int i = 0; i < BURST; i++) {
		(void)snprintf(slug, sizeof slug, "r%d-%d", round, i);
		json_t *reply = stage_reply(&act->stage, "workspace.get", json_pack("{s:s}", "id", slug));
		bool there = json_object_get(reply, "result") != NULL;
		if (there != acknowledged[i])
			fail_msg("%s was %sacknowledged and is %sthere", slug, acknowledged[i] ? "" : "not ", there ? "" : "not ");
		json_decref(reply);
	}
}

static void fail_writes(int error)
{
	struct act act;
	int fired = 0;
	act_open(&act, NULL);
	for (int round = 1; round <= ROUNDS; round++) {
		bool acknowledged[BURST] = { false };
		json_decref(stage_call(&act.stage, "system.ping", NULL));
		faults_set(&act.faults, FAULT_FAIL, FAULT_WRITE, round, error);
		burst(&act, round, acknowledged);
		fired += act.faults.control->fired;
		/* Reading goes on while nothing can be written. */
		json_t *connection = stage_call(&act.stage, "connection.get", "{s:s}", "id", act.id);
		json_decref(connection);
		faults_off(&act.faults);
		check_burst(&act, round, acknowledged);
		char slug[32];
		(void)snprintf(slug, sizeof slug, "after-%d", round);
		(void)stage_workspace(&act.stage, slug);
	}
	assert_true(fired > ROUNDS / 2);
	/* What was acknowledged is also on the disk. */
	json_t *before = stage_call(&act.stage, "workspace.list", "{s:i}", "limit", 500);
	assert_int_equal(stage_stop_daemon(&act.stage, SIGKILL), -SIGKILL);
	stage_start_daemon(&act.stage);
	json_t *after = stage_call(&act.stage, "workspace.list", "{s:i}", "limit", 500);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	act_close(&act);
}

static void test_disk_full(void **unused)
{
	(void)unused;
	fail_writes(ENOSPC);
}

static void test_write_errors(void **unused)
{
	(void)unused;
	fail_writes(EIO);
}

/* No provider hears of a change that was rolled back. */
static void test_no_effect_leaves_a_failed_tick(void **unused)
{
	struct act act;
	(void)unused;
	act_open(&act, NULL);
	json_decref(stage_call(&act.stage, "system.ping", NULL));
	faults_set(&act.faults, FAULT_FAIL, FAULT_WRITE, 1, ENOSPC);
	json_decref(stage_refused(&act.stage, "store_failed", "connection.disconnect", "{s:s}", "id", act.id));
	assert_int_equal(stage_count(&act.stage, "revoke"), 0);
	faults_off(&act.faults);
	json_t *connection = stage_call(&act.stage, "connection.get", "{s:s}", "id", act.id);
	assert_string_equal(json_string_value(json_object_get(connection, "state")), "connected");
	json_decref(connection);
	json_t *tested = stage_call(&act.stage, "connection.test", "{s:s}", "id", act.id);
	assert_true(json_is_true(json_object_get(tested, "ok")));
	json_decref(tested);
	act_close(&act);
}

/* The provider rotated the token while the disk was full: it is kept in memory and written first when there is room again. */
static void test_rotated_token_outlives_a_full_disk(void **unused)
{
	static const char *const args[] = { "--rotate", "family", NULL };
	struct act act;
	(void)unused;
	act_open(&act, args);
	/* The answer comes late: the disk fills up between the question and the answer. */
	json_decref(stage_control(&act.stage, "{s:s,s:{s:s},s:{s:i},s:i}", "op", "fault", "match", "path", "/token", "action",
	                          "delay_ms", 400, "times", 1));
	char frame[200];
	const char *line;
	size_t len;
	struct err err;
	int frame_len = snprintf(frame, sizeof frame,
	                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"connection.refresh\",\"params\":{\"id\":\"%s\"}}\n", act.id);
	json_int_t asked = stage_count(&act.stage, "token.refresh");
	assert_int_equal(client_sync_send(act.stage.client, frame, (size_t)frame_len, &err), 0);
	while (stage_count(&act.stage, "token.refresh") == asked)
		;
	faults_set(&act.faults, FAULT_FAIL, FAULT_WRITE, 1, ENOSPC);
	assert_int_equal(client_sync_read(act.stage.client, REPLY_MS, &line, &len, &err), 0);
	assert_non_null(strstr(line, "store_failed"));
	assert_int_equal(act.faults.control->fired, 1);
	faults_off(&act.faults);
	/* A second refresh would burn the family if the rotated token had been forgotten. */
	json_t *refreshed = stage_call(&act.stage, "connection.refresh", "{s:s}", "id", act.id);
	assert_true(json_is_true(json_object_get(json_object_get(refreshed, "token"), "ok")));
	json_decref(refreshed);
	refreshed = stage_call(&act.stage, "connection.refresh", "{s:s}", "id", act.id);
	assert_true(json_is_true(json_object_get(json_object_get(refreshed, "token"), "ok")));
	json_decref(refreshed);
	act_close(&act);
}

/* A failed fsync is never retried as if nothing had happened: exit 74, and what was acknowledged is there afterwards. */
static void test_failed_sync_ends_the_daemon(void **unused)
{
	struct act act;
	bool acknowledged[BURST] = { false };
	(void)unused;
	act_open(&act, NULL);
	json_decref(stage_call(&act.stage, "system.ping", NULL));
	faults_set(&act.faults, FAULT_FAIL, FAULT_SYNC, 1, EIO);
	burst(&act, 1, acknowledged);
	assert_int_equal(stage_wait_daemon(&act.stage, EXIT_MS), 74);
	faults_off(&act.faults);
	stage_start_daemon(&act.stage);
	for (int i = 0; i < BURST; i++)
		assert_false(acknowledged[i]);
	json_t *tested = stage_call(&act.stage, "connection.test", "{s:s}", "id", act.id);
	assert_true(json_is_true(json_object_get(tested, "ok")));
	json_decref(tested);
	act_close(&act);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_write_errors),
		cmocka_unit_test(test_no_effect_leaves_a_failed_tick),
		cmocka_unit_test(test_rotated_token_outlives_a_full_disk),
		cmocka_unit_test(test_failed_sync_ends_the_daemon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
