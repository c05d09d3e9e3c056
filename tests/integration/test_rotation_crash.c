/* A rotated refresh token survives kill -9 at every write between the provider's answer and the commit, or the connection says
 * reauth_required; never a silent loss (SAFETY.md OAU-14). The provider rotates in three ways; the process is killed at the first, the
 * second, … operation on the store's files until a refresh gets through. */
#include "tests/support/faults.h"
#include "tests/support/stage.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { POINTS_MAX = 200, DEATH_MS = 20000 };

static const char ada[] = "ada.lovelace@example.com";
static const char ask[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"connection.refresh\",\"params\":{\"id\":\"%s\"}}\n";

/* Ask for a refresh and see whether it is answered or the daemon dies at operation number `point`. True: it died. */
static bool refresh_and_die(struct stage *stage, struct faults *faults, const char *id, int point)
{
	char frame[200];
	const char *line;
	size_t len;
	struct err err;
	json_decref(stage_call(stage, "system.ping", NULL));
	faults_set(faults, FAULT_KILL, FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE, point, 0);
	assert_int_equal(client_sync_send(stage->client, frame, (size_t)snprintf(frame, sizeof frame, ask, id), &err), 0);
	bool answered = client_sync_read(stage->client, DEATH_MS, &line, &len, &err) == 0;
	faults_off(faults);
	if (faults->control->fired)
		assert_int_equal(stage_wait_daemon(stage, DEATH_MS), -SIGKILL);
	else
		assert_true(answered);
	return faults->control->fired;
}

/* What became of the grant: it works, or it says what it needs. Then it is made whole again. */
static bool settle(struct stage *stage, const char *id)
{
	json_t *reply = stage_reply(stage, "connection.refresh", json_pack("{s:s}", "id", id));
	bool works = json_object_get(reply, "result") != NULL;
	const char *code = json_string_value(json_object_get(json_object_get(json_object_get(reply, "error"), "data"), "code"));
	json_t *connection = stage_call(stage, "connection.get", "{s:s}", "id", id);
	const char *state = json_string_value(json_object_get(connection, "state"));
	assert_string_equal(state, works ? "connected" : "reauth_required");
	if (!works) {
		assert_string_equal(code, "reauth_required");
		char *again = stage_connect(stage, "acme", ada, NULL);
		assert_string_equal(again, id);
		free(again);
	}
	json_decref(connection);
	json_decref(reply);
	return works;
}

static void crash_everywhere(const char *rotation, bool loss_allowed)
{
	const char *const args[] = { "--rotate", rotation, NULL };
	struct stage stage;
	struct faults faults;
	int died = 0, survived = 0;
	faults_open(&faults);
	const struct stage_options options = { .sandbox_args = args, .daemon_env = faults.env };
	stage_open(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", ada, NULL);
	int point = 1;
	for (; point < POINTS_MAX && refresh_and_die(&stage, &faults, id, point); point++) {
		died++;
		stage_start_daemon(&stage);
		survived += settle(&stage, id);
	}
	print_message("rotation %s: killed at %d points, the token survived %d\n", rotation, died, survived);
	assert_in_range(died, 2, POINTS_MAX - 1);
	if (!loss_allowed)
		assert_int_equal(survived, died);
	free(id);
	stage_close(&stage);
	faults_close(&faults);
}

static void test_without_rotation(void **unused)
{
	(void)unused;
	crash_everywhere("none", false);
}

static void test_lenient_rotation(void **unused)
{
	(void)unused;
	crash_everywhere("lenient", false);
}

static void test_strict_rotation(void **unused)
{
	(void)unused;
	crash_everywhere("strict", true);
}

static void test_family_revocation(void **unused)
{
	(void)unused;
	crash_everywhere("family", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_rotation),
		cmocka_unit_test(test_lenient_rotation),
		cmocka_unit_test(test_strict_rotation),
		cmocka_unit_test(test_family_revocation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
