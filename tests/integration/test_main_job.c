/* The main job through the front doors: begin, browser, connection, calendars, refresh, test, disconnect with revocation. Only
 * environment variables configure the daemon (CONTRACT.md section 2). */
#include "tests/support/stage.h"
#include "tests/support/web.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char ada[] = "ada.lovelace@example.com";
static const char grace[] = "grace.hopper@example.com";

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void test_connect_refresh_test_disconnect(void **unused)
{
	struct stage stage;
	(void)unused;
	stage_open(&stage, NULL);
	const char *workspace = stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", ada, NULL);

	json_t *connection = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_string_equal(text(connection, "workspace_id"), workspace);
	assert_string_equal(text(connection, "account_email"), ada);
	assert_string_equal(text(connection, "state"), "connected");
	assert_true(json_is_true(json_object_get(connection, "active")));
	assert_int_equal(json_array_size(json_object_get(connection, "reasons")), 0);
	assert_int_equal(json_array_size(json_object_get(connection, "missing_scopes")), 0);
	assert_int_equal(number(connection, "calendars_count"), 6);
	json_t *token = json_object_get(connection, "token");
	assert_true(json_is_true(json_object_get(token, "present")));
	assert_int_equal(strlen(text(token, "fingerprint")), 16);
	json_int_t generation = number(token, "generation");

	json_t *calendars = stage_call(&stage, "calendar.list", "{s:s}", "connection", id);
	assert_int_equal(number(calendars, "total"), 6);

	json_t *refreshed = stage_call(&stage, "connection.refresh", "{s:s}", "id", id);
	json_t *half = json_object_get(refreshed, "token");
	assert_true(json_is_true(json_object_get(half, "ok")));
	assert_int_equal(number(half, "generation"), generation + 1);
	half = json_object_get(refreshed, "sync");
	assert_true(json_is_true(json_object_get(half, "ok")));
	assert_int_equal(stage_count(&stage, "token.refresh"), 1);

	json_t *tested = stage_call(&stage, "connection.test", "{s:s}", "id", id);
	assert_true(json_is_true(json_object_get(tested, "ok")));
	assert_int_equal(json_array_size(json_object_get(tested, "steps")), 5);

	json_t *gone = stage_call(&stage, "connection.disconnect", "{s:s}", "id", id);
	assert_true(json_is_true(json_object_get(gone, "local")));
	assert_true(json_is_true(json_object_get(json_object_get(gone, "remote"), "ok")));
	assert_int_equal(stage_count(&stage, "revoke"), 1);
	json_t *after = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_string_equal(text(after, "state"), "disconnected");
	assert_false(json_is_true(json_object_get(json_object_get(after, "token"), "present")));

	/* A new consent restores the same connection. */
	char *again = stage_connect(&stage, "acme", ada, NULL);
	assert_string_equal(again, id);
	json_decref(after);
	after = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_string_equal(text(after, "state"), "connected");

	json_decref(after);
	json_decref(gone);
	json_decref(tested);
	json_decref(refreshed);
	json_decref(calendars);
	json_decref(connection);
	free(again);
	free(id);
	stage_close(&stage);
}

static void test_all_pages_of_calendars(void **unused)
{
	struct stage stage;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	json_decref(stage_control(&stage, "{s:s,s:i}", "op", "page_size", "max", 20));
	char *id = stage_connect(&stage, "acme", grace, NULL);
	json_t *connection = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_int_equal(number(connection, "calendars_count"), 130);

	/* Every calendar once, whatever the page size of the list. */
	json_t *seen = json_object();
	const char *cursor = NULL;
	json_t *page = NULL;
	do {
		json_t *next = cursor ? stage_call(&stage, "calendar.list", "{s:s,s:i,s:s}", "connection", id, "limit", 50, "cursor", cursor)
		                      : stage_call(&stage, "calendar.list", "{s:s,s:i}", "connection", id, "limit", 50);
		json_decref(page);
		page = next;
		size_t i;
		json_t *item;
		json_array_foreach(json_object_get(page, "items"), i, item) {
			assert_null(json_object_get(seen, text(item, "id")));
			json_object_set_new(seen, text(item, "id"), json_true());
		}
		cursor = json_string_value(json_object_get(page, "next_cursor"));
	} while (cursor);
	assert_int_equal(json_object_size(seen), 130);
	json_decref(page);
	json_decref(seen);
	json_decref(connection);
	free(id);
	stage_close(&stage);
}

static void test_siblings_share_a_grant(void **unused)
{
	struct stage stage;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	(void)stage_workspace(&stage, "globex");
	char *first = stage_connect(&stage, "acme", ada, NULL), *second = stage_connect(&stage, "globex", ada, NULL);
	assert_string_not_equal(first, second);

	json_t *gone = stage_call(&stage, "connection.disconnect", "{s:s}", "id", first);
	assert_false(json_is_true(json_object_get(json_object_get(gone, "remote"), "attempted")));
	json_t *visible = json_object_get(json_object_get(gone, "siblings"), "visible");
	assert_string_equal(json_string_value(json_array_get(visible, 0)), second);
	assert_int_equal(stage_count(&stage, "revoke"), 0);
	json_t *refreshed = stage_call(&stage, "connection.refresh", "{s:s}", "id", second);
	assert_true(json_is_true(json_object_get(json_object_get(refreshed, "token"), "ok")));
	json_decref(gone);
	gone = stage_call(&stage, "connection.disconnect", "{s:s}", "id", second);
	assert_true(json_is_true(json_object_get(json_object_get(gone, "remote"), "ok")));
	assert_int_equal(stage_count(&stage, "revoke"), 1);
	json_decref(gone);
	json_decref(refreshed);
	free(first);
	free(second);
	stage_close(&stage);
}

/* Connect with a consent that ends badly; the callback's status and error code are checked. */
static void expect_callback(struct stage *stage, const char *callback, long status, const char *code)
{
	struct web_reply reply;
	web_fetch(&reply, callback, "application/json", NULL);
	assert_int_equal(reply.status, status);
	json_t *answer = json_loadb(buf_text(&reply.body), reply.body.len, 0, NULL);
	assert_non_null(answer);
	assert_true(json_is_false(json_object_get(answer, "success")));
	if (code)
		assert_string_equal(text(json_object_get(answer, "error"), "code"), code);
	buf_add(&stage->wire, buf_text(&reply.body), reply.body.len);
	json_decref(answer);
	web_reply_free(&reply);
}

static void test_consents_that_fail(void **unused)
{
	struct stage stage;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	json_t *begun = stage_call(&stage, "oauth.begin", "{s:s,s:s}", "workspace", "acme", "provider", "google");
	const char *attempt = text(begun, "attempt_id");
	char *callback = stage_consent(&stage, text(begun, "authorization_url"), ada, "deny", NULL);
	expect_callback(&stage, callback, 400, "access_denied");
	expect_callback(&stage, callback, 400, "bad_state");
	json_t *status = stage_call(&stage, "oauth.status", "{s:s}", "attempt_id", attempt);
	assert_string_equal(text(status, "state"), "failed");
	assert_string_equal(text(json_object_get(status, "error"), "code"), "access_denied");
	free(callback);
	json_decref(status);
	json_decref(begun);

	/* The provider is down during the exchange. */
	json_decref(stage_control(&stage, "{s:s,s:{s:s},s:{s:i},s:i}", "op", "fault", "match", "path", "/token", "action", "status", 503,
	                          "times", 3));
	begun = stage_call(&stage, "oauth.begin", "{s:s,s:s}", "workspace", "acme", "provider", "google");
	callback = stage_consent(&stage, text(begun, "authorization_url"), ada, "allow", NULL);
	expect_callback(&stage, callback, 502, NULL);
	free(callback);
	json_decref(begun);
	json_decref(stage_control(&stage, "{s:s}", "op", "clear_faults"));

	/* Another account than the connection's. */
	char *id = stage_connect(&stage, "acme", ada, NULL);
	begun = stage_call(&stage, "oauth.begin", "{s:s,s:s,s:s}", "workspace", "acme", "provider", "google", "connection", id);
	callback = stage_consent(&stage, text(begun, "authorization_url"), grace, "allow", NULL);
	expect_callback(&stage, callback, 400, "account_mismatch");
	json_t *list = stage_call(&stage, "connection.list", NULL);
	assert_int_equal(number(list, "total"), 1);
	json_decref(list);
	json_decref(begun);
	free(callback);
	free(id);
	stage_close(&stage);
}

static void test_partial_consent_names_what_is_lost(void **unused)
{
	struct stage stage;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", ada, "https://www.googleapis.com/auth/calendar.readonly");
	json_t *connection = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_string_equal(text(connection, "state"), "degraded");
	json_t *missing = json_object_get(connection, "missing_scopes");
	assert_int_equal(json_array_size(missing), 1);
	assert_string_equal(json_string_value(json_array_get(missing, 0)), "https://www.googleapis.com/auth/calendar.events");
	json_t *reason = json_array_get(json_object_get(connection, "reasons"), 0);
	assert_string_equal(text(reason, "code"), "scope_missing");
	json_decref(connection);
	free(id);

	/* Without the scope to list calendars nothing works: consent must be asked for again. */
	id = stage_connect(&stage, "acme", grace, "https://www.googleapis.com/auth/calendar.events");
	connection = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_string_equal(text(connection, "state"), "reauth_required");
	json_decref(connection);
	free(id);
	stage_close(&stage);
}

static void test_pasted_redirect(void **unused)
{
	struct stage stage;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	json_t *begun = stage_call(&stage, "oauth.begin", "{s:s,s:s}", "workspace", "acme", "provider", "google");
	char *callback = stage_consent(&stage, text(begun, "authorization_url"), ada, "allow", NULL);
	json_t *done = stage_call(&stage, "oauth.complete", "{s:s}", "redirect_url", callback);
	assert_true(json_is_true(json_object_get(done, "success")));
	assert_string_equal(text(json_object_get(done, "connection"), "account_email"), ada);
	json_decref(stage_refused(&stage, "conflict", "oauth.complete", "{s:s}", "redirect_url", callback));
	json_decref(done);
	json_decref(begun);
	free(callback);
	stage_close(&stage);
}

static void test_restart_keeps_everything(void **unused)
{
	struct stage stage;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", ada, NULL);
	json_t *before = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_int_equal(stage_stop_daemon(&stage, SIGKILL), -SIGKILL);
	stage_start_daemon(&stage);
	json_t *after = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_true(json_equal(before, after));
	json_t *tested = stage_call(&stage, "connection.test", "{s:s}", "id", id);
	assert_true(json_is_true(json_object_get(tested, "ok")));
	json_decref(tested);
	json_decref(before);
	json_decref(after);
	free(id);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connect_refresh_test_disconnect),
		cmocka_unit_test(test_all_pages_of_calendars),
		cmocka_unit_test(test_siblings_share_a_grant),
		cmocka_unit_test(test_consents_that_fail),
		cmocka_unit_test(test_partial_consent_names_what_is_lost),
		cmocka_unit_test(test_pasted_redirect),
		cmocka_unit_test(test_restart_keeps_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
