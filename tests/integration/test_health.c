/* Health over time, through the front doors: every reason of CONTRACT.md section 6 that can be brought about is brought about, is shown
 * by connection.get, connection.explain, the lists and the CLI with what would mend it, and is gone when it is mended.
 *
 * Not here: grant_incomplete (ends the attempt, is never a connection's), cursor_expired, refresh_race_lost and interrupted (lead to no
 * state and are never open), failing by provider_down (takes three minutes: tests/unit/test_daemon_health.c), calendar_gone and
 * calendar_forbidden (the calendar says so; nothing notes them for the connection). */
#include "ipc/base/strutil.h"
#include "tests/support/process.h"
#include "tests/support/stage.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char ada[] = "ada.lovelace@example.com";
static const char readonly[] = "https://www.googleapis.com/auth/calendar.readonly";
static const char events[] = "https://www.googleapis.com/auth/calendar.events";

static struct stage stage;
static char *id; /* ada's connection in acme */

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static const json_t *member(const json_t *object, const char *key)
{
	return json_object_get(object, key);
}

static json_t *first(const json_t *object, const char *key)
{
	return json_array_get(json_object_get(object, key), 0);
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* ---- Bringing it about ---- */

static void edit_stopped(const char *sql)
{
	sqlite3 *db;
	char path[160], *why = NULL;
	assert_int_equal(stage_stop_daemon(&stage, SIGTERM), 0);
	(void)snprintf(path, sizeof path, "%s/almanac.db", stage.state_dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
	stage_start_daemon(&stage);
}

static void refresh(void)
{
	json_decref(stage_reply(&stage, "connection.refresh", json_pack("{s:s}", "id", id)));
}

/* A fault of the sandbox that stays until it is cleared. */
static void fault(const char *path, int status, const char *reason)
{
	json_decref(stage_control(&stage, "{s:s,s:{s:s},s:{s:i,s:s}}", "op", "fault", "match", "path", path, "action", "status", status,
	                          "reason", reason));
	refresh();
}

#define TOKEN "/token"
#define LIST "/calendar/v3/users/me/calendarList"


static void revoke_all(void)
{
	json_decref(stage_control(&stage, "{s:s,s:s}", "op", "revoke", "account", ada));
	refresh();
}
static void revoke_after_a_week(void)
{
	edit_stopped("UPDATE grants SET consented_at = consented_at - 604800000");
	revoke_all();
}
static void consent_partly(void)
{
	free(stage_connect(&stage, "acme", ada, readonly));
}
static void consent_uselessly(void)
{
	free(stage_connect(&stage, "acme", ada, events));
}
static void refuse_client(void)
{
	fault(TOKEN, 401, "invalid_client");
}
static void be_down(void)
{
	fault(LIST, 503, "backendError");
}
static void limit_user(void)
{
	fault(LIST, 403, "userRateLimitExceeded");
}
static void limit_project(void)
{
	fault(LIST, 403, "dailyLimitExceeded");
}
static void limit_usage(void)
{
	fault(LIST, 403, "quotaExceeded");
}
static void reject(void)
{
	fault(LIST, 400, "invalidArgument");
}
static void forbid_scope(void)
{
	fault(LIST, 403, "insufficientPermissions");
}
static void break_seal(void)
{
	edit_stopped("UPDATE grants SET data_key = zeroblob(length(data_key))");
	refresh();
}
static void restore(void)
{
	json_decref(stage_call(&stage, "connection.disconnect", "{s:s}", "id", id));
	json_decref(stage_call(&stage, "connection.restore", "{s:s}", "id", id));
}

/* ---- Mending it ---- */

static void consent_again(void)
{
	char *again = stage_connect(&stage, "acme", ada, NULL);
	assert_string_equal(again, id);
	free(again);
}
static void clear_and_refresh(void)
{
	json_decref(stage_control(&stage, "{s:s}", "op", "clear_faults"));
	refresh();
}

static const struct {
	const char *code, *state, *operation, *action, *condition;
	void (*bring)(void), (*mend)(void);
	int status; /* of the provider, as evidence; 0: it said nothing */
} table[] = {
	{ "grant_revoked", "reauth_required", "token", "oauth.begin", "a person consents again", revoke_all, consent_again, 400 },
	{ "grant_expired_testing", "reauth_required", "token", "oauth.begin", "a person consents again", revoke_after_a_week, consent_again,
	  400 },
	{ "scope_missing", "degraded", "consent", "oauth.begin", "a person consents to everything that is asked for", consent_partly,
	  consent_again, 0 },
	{ "scope_missing", "reauth_required", "calendar_list", "oauth.begin", "a person consents to everything that is asked for",
	  consent_uselessly, consent_again, 403 },
	{ "scope_missing", "reauth_required", "calendar_list", "oauth.begin", "a person consents to everything that is asked for",
	  forbid_scope, clear_and_refresh, 403 },
	{ "app_misconfigured", "blocked", "token", "system.reload",
	  "the provider accepts the client id, secret and redirect URI of this installation", refuse_client, clear_and_refresh, 401 },
	{ "provider_down", "degraded", "calendar_list", "", "the provider answers again", be_down, clear_and_refresh, 503 },
	{ "rate_user", "degraded", "calendar_list", "", "the provider takes requests for this account again", limit_user,
	  clear_and_refresh, 403 },
	{ "rate_project", "degraded", "calendar_list", "", "the provider takes requests of this installation again", limit_project,
	  clear_and_refresh, 403 },
	{ "usage_limit", "degraded", "calendar_list", "", "the quota at the provider is filled up again", limit_usage, clear_and_refresh,
	  403 },
	{ "provider_rejected", "failing", "calendar_list", "", "the provider accepts the requests again", reject, clear_and_refresh, 400 },
	{ "undecryptable", "blocked", "decrypt", "system.reload", "the key that sealed its tokens is back", break_seal, consent_again, 0 },
	{ "grant_missing", "reauth_required", "token", "oauth.begin", "a person consents again", restore, consent_again, 0 },
};
enum { ROWS = sizeof table / sizeof table[0] };

/* ---- Looking ---- */

/* `almanac VERB ID` as a program reads it. */
static void run_cli(const char *verb, const char *argument, char *out, size_t size)
{
	char program[PATH_MAX], log[128];
	process_program(program, sizeof program, "almanac");
	(void)snprintf(log, sizeof log, "%s/cli.log", stage.dir);
	(void)unlink(log);
	const char *const argv[] = { program, "--socket", stage.socket, verb, argument, NULL };
	assert_int_equal(process_wait(process_start(argv, NULL, log), 20000), 0);
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, out, size - 1);
	assert_true(got > 0);
	out[got] = '\0';
	(void)close(fd);
}

static json_t *find_finding(const json_t *explanation, const char *code, const char *operation)
{
	size_t i;
	json_t *finding;
	json_array_foreach(json_object_get(explanation, "reasons"), i, finding)
		if (str_equal(text(finding, "code"), code) && str_equal(text(member(finding, "evidence"), "operation"), operation))
			return finding;
	fail_msg("%s/%s is not explained", code, operation);
	return NULL;
}

static void check_explanation(int row)
{
	json_t *why = stage_call(&stage, "connection.explain", "{s:s}", "id", id);
	json_t *finding = find_finding(why, table[row].code, table[row].operation);
	const json_t *evidence = member(finding, "evidence");
	assert_string_equal(text(why, "state"), table[row].state);
	assert_string_equal(text(finding, "state"), table[row].state);
	assert_true(number(evidence, "count") >= 1);
	assert_true(text(evidence, "first_at")[0] && text(evidence, "last_at")[0]);
	assert_int_equal(number(member(evidence, "provider"), "status"), table[row].status);
	assert_string_equal(text(member(finding, "would_be"), "if"), table[row].condition);
	assert_string_equal(text(member(finding, "would_be"), "state"), "connected");
	assert_string_equal(text(member(why, "would_be"), "state"), "connected");
	assert_non_null(strstr(text(member(why, "would_be"), "if"), table[row].condition));
	assert_non_null(strstr(text(why, "summary"), table[row].condition));
	assert_string_equal(text(member(why, "action"), "method"), table[row].action);
	assert_string_equal(text(member(finding, "action"), "method"), table[row].action);
	json_decref(why);
}

static void check_lists(int row)
{
	json_t *connection = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_string_equal(text(connection, "state"), table[row].state);
	assert_string_equal(text(first(connection, "reasons"), "code"), table[row].code);
	assert_string_equal(text(member(first(connection, "reasons"), "action"), "method"), table[row].action);
	json_t *list = stage_call(&stage, "connection.list", "{s:s,s:s}", "reason", table[row].code, "state", table[row].state);
	assert_int_equal(number(list, "total"), 1);
	json_t *errors = stage_call(&stage, "sync_error.list", "{s:s,s:b,s:s}", "connection", id, "open", 1, "code", table[row].code);
	assert_true(number(errors, "total") >= 1);
	json_t *health = stage_call(&stage, "system.health", NULL);
	assert_true(json_is_false(json_object_get(health, "ok")));
	assert_true(json_array_size(json_object_get(health, "reasons")) >= 1);
	json_t *groups = stage_call(&stage, "sync_error.groups", NULL);
	assert_string_equal(text(first(groups, "items"), "code"), table[row].code);
	assert_string_equal(json_string_value(first(first(groups, "items"), "members")), id);
	json_decref(groups);
	json_decref(health);
	json_decref(errors);
	json_decref(list);
	json_decref(connection);
}

static void check_cli(int row)
{
	char out[8192], line[256];
	run_cli("explain", id, out, sizeof out);
	(void)snprintf(line, sizeof line, "reasons.0.code\t%s\n", table[row].code);
	assert_non_null(strstr(out, line));
	(void)snprintf(line, sizeof line, "action.method\t%s\n", table[row].action);
	if (table[row].action[0])
		assert_non_null(strstr(out, line));
	run_cli("describe", table[row].code, out, sizeof out);
	assert_non_null(strstr(out, "fix\t"));
}

/* The timeline tells of it with this kind. */
static bool is_told(const char *kind, const char *code)
{
	json_t *timeline = stage_call(&stage, "connection.timeline", "{s:s,s:i}", "id", id, "limit", 20);
	size_t i;
	json_t *row;
	bool found = false;
	json_array_foreach(json_object_get(timeline, "items"), i, row)
		found |= str_equal(text(row, "kind"), kind) && (!code || str_equal(text(member(row, "details"), "code"), code));
	json_decref(timeline);
	return found;
}

static void check_well(void)
{
	json_t *why = stage_call(&stage, "connection.explain", "{s:s}", "id", id);
	assert_string_equal(text(why, "state"), "connected");
	assert_int_equal(json_array_size(json_object_get(why, "reasons")), 0);
	assert_string_equal(text(why, "summary"), "Nothing is wrong.");
	assert_true(json_is_null(json_object_get(why, "action")));
	assert_int_equal(json_array_size(json_object_get(why, "next")), 2);
	assert_true(text(first(why, "next"), "at")[0] && text(first(why, "next"), "text")[0]);
	json_decref(why);
	json_t *errors = stage_call(&stage, "sync_error.list", "{s:b}", "open", 1);
	assert_int_equal(number(errors, "total"), 0);
	json_decref(errors);
}

static void test_every_reason(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	id = stage_connect(&stage, "acme", ada, NULL);
	check_well();
	for (int row = 0; row < ROWS; row++) {
		print_message("           %s\n", table[row].code);
		table[row].bring();
		check_lists(row);
		check_explanation(row);
		check_cli(row);
		assert_true(is_told("error", table[row].code));
		table[row].mend();
		check_well();
	}
	assert_true(is_told("mended", NULL));
	assert_true(is_told("state", NULL));
	free(id);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
