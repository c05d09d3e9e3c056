/* What a consent becomes: grants, siblings, narrower consents, reconnection; and what goes wrong between the redirect and the
 * connection (CONTRACT.md section 6, STORIES.md b). */
#include "ipc/base/strutil.h"
#include "store/connections.h"
#include "store/workspaces.h"
#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE];

static int open_world(void **state)
{
	static struct world world;
	world_open(&world);
	world_workspace(&world, "acme", acme);
	world_workspace(&world, "globex", globex);
	*state = &world;
	return 0;
}

static void expect_failed(const struct world_outcome *outcome, int status, const char *code, enum err_code err_code)
{
	assert_int_equal(outcome->told, 1);
	assert_string_equal(outcome->outcome.code, code);
	assert_int_equal(outcome->outcome.http_status, status);
	assert_int_equal(outcome->outcome.err.code, err_code);
}

static int64_t count(struct world *world, const char *table)
{
	struct buf sql = { 0 };
	buf_printf(&sql, "SELECT count(*) FROM %s", table);
	int64_t n = world_number(world, buf_text(&sql), NULL);
	buf_free(&sql);
	return n;
}

static int64_t generation(struct world *world, const char *account)
{
	return world_number(world, "SELECT generation FROM grants WHERE subject = 'sub-' || :a", account);
}

static void test_two_workspaces_share_a_grant(void **state)
{
	struct world *world = *state;
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", a);
	world_connect(world, globex, "alice", b);
	assert_string_not_equal(a, b);
	assert_int_equal(count(world, "grants"), 1);
	assert_int_equal(generation(world, "alice"), 2);
	assert_int_equal(count(world, "connections"), 2);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
}

static void test_again_is_the_same_connection(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	char a[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", a);
	world_consent(world, acme, NULL, "alice", &outcome);
	assert_string_equal(outcome.outcome.connection_id, a);
	assert_false(outcome.outcome.created);
	world_consent(world, acme, a, "alice", &outcome);
	assert_string_equal(outcome.outcome.connection_id, a);
	assert_int_equal(count(world, "connections"), 1);
	assert_int_equal(count(world, "calendars"), 2);
	assert_int_equal(generation(world, "alice"), 3);
	assert_int_equal(count(world, "audit WHERE method = 'oauth.callback' AND details = '{\"created\":false}'"), 2);
}

static void test_account_mismatch(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	char a[ID_TEXT_SIZE], text[64];
	world_connect(world, acme, "alice", a);
	world_connect(world, globex, "bob", text);
	int64_t audit = count(world, "audit");
	world_consent(world, acme, a, "bob", &outcome);
	expect_failed(&outcome, 400, "account_mismatch", ERR_ACCOUNT_MISMATCH);
	world_text(world, "SELECT error_code FROM attempts WHERE connection_id = :a AND state = 'failed'", a, text, sizeof text);
	assert_string_equal(text, "account_mismatch");
	world_consent(world, acme, a, "carol", &outcome);
	expect_failed(&outcome, 400, "account_mismatch", ERR_ACCOUNT_MISMATCH);
	assert_int_equal(count(world, "connections"), 2);
	assert_int_equal(count(world, "grants"), 2);
	assert_int_equal(count(world, "revocations"), 0);
	assert_int_equal(count(world, "audit"), audit);
	assert_int_equal(generation(world, "alice"), 1);
	assert_int_equal(generation(world, "bob"), 1);
	assert_int_equal(fake_count(world->fake, GOOGLE_REVOKE), 0);
	world_expect_state(world, a, "connected", "");
}

static void test_no_refresh_token(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	char a[ID_TEXT_SIZE], before[32], after[32];
	world->google.without_refresh = true;
	world_consent(world, acme, NULL, "alice", &outcome);
	expect_failed(&outcome, 400, "grant_incomplete", ERR_PROVIDER_REJECTED);
	assert_int_equal(count(world, "connections") + count(world, "grants") + count(world, "calendars"), 0);
	world->google.without_refresh = false;
	world_connect(world, acme, "alice", a);
	world_text(world, "SELECT fingerprint FROM grants", NULL, before, sizeof before);
	world->google.without_refresh = true;
	world_consent(world, acme, NULL, "alice", &outcome);
	assert_int_equal(outcome.outcome.http_status, 200);
	world_text(world, "SELECT fingerprint FROM grants", NULL, after, sizeof after);
	assert_string_equal(before, after);
	assert_true(before[0] != '\0');
	assert_int_equal(generation(world, "alice"), 2);
	/* A refused refresh token is none. */
	world_sql(world, "UPDATE grants SET live = 0", NULL);
	world_consent(world, acme, NULL, "alice", &outcome);
	expect_failed(&outcome, 400, "grant_incomplete", ERR_PROVIDER_REJECTED);
}

static void test_paused_stays_paused(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	char a[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", a);
	world_sql(world, "UPDATE connections SET paused_at = 1, active = 0, state = 'paused' WHERE id = :a", a);
	world_consent(world, acme, a, "alice", &outcome);
	assert_int_equal(outcome.outcome.http_status, 200);
	world_expect_state(world, a, "paused", "");
	assert_int_equal(world_number(world, "SELECT active FROM connections WHERE id = :a", a), 0);
}

static void test_narrower_consent_with_a_sibling(void **state)
{
	struct world *world = *state;
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], text[512];
	world_connect(world, acme, "alice", a);
	world->google.scopes = GOOGLE_SCOPES_NO_EVENTS;
	world_connect(world, globex, "alice", b);
	assert_int_equal(generation(world, "alice"), 1);
	world_text(world, "SELECT scopes FROM grants", NULL, text, sizeof text);
	assert_string_equal(text, GOOGLE_SCOPES_ALL);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
	assert_string_equal(fake_last(world->fake, GOOGLE_CALENDARS)->bearer, "at-alice-1");
	/* As wide as what there is: replaces. */
	world->google.scopes = GOOGLE_SCOPE("calendar") " " GOOGLE_SCOPE("userinfo.email");
	world_connect(world, globex, "alice", b);
	assert_int_equal(generation(world, "alice"), 2);
	world_expect_state(world, a, "connected", "");
}

static void test_narrower_consent_beats_a_dead_or_locked_grant(void **state)
{
	static const char *const breaks[] = { "UPDATE grants SET live = 0", "UPDATE grants SET key_id = 'lost'" };
	struct world *world = *state;
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
	for (size_t i = 0; i < 2; i++) {
		world->google.scopes = GOOGLE_SCOPES_ALL;
		world_connect(world, acme, "alice", a);
		world_connect(world, globex, "alice", b);
		int64_t before = generation(world, "alice");
		world_sql(world, breaks[i], NULL);
		world->google.scopes = GOOGLE_SCOPES_NO_EVENTS;
		world_connect(world, globex, "alice", b);
		assert_int_equal(generation(world, "alice"), before + 1);
		world_expect_state(world, a, "degraded", "scope_missing/consent");
		world_expect_state(world, b, "degraded", "scope_missing/consent");
	}
}

static void test_narrower_consent_alone(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	char a[ID_TEXT_SIZE], message[256];
	world_connect(world, acme, "alice", a);
	world->google.scopes = GOOGLE_SCOPES_NO_EVENTS;
	world_connect(world, acme, "alice", a);
	assert_int_equal(generation(world, "alice"), 2);
	world_expect_state(world, a, "degraded", "scope_missing/consent");
	world_text(world, "SELECT message FROM sync_errors", NULL, message, sizeof message);
	assert_string_equal(message, "the consent leaves out creating events");
	world->google.scopes = GOOGLE_SCOPES_NO_LIST;
	fake_once(world->fake, GOOGLE_CALENDARS, 403,
	          "{\"error\":{\"errors\":[{\"reason\":\"insufficientPermissions\"}],\"code\":403}}");
	world_consent(world, acme, a, "alice", &outcome);
	assert_int_equal(outcome.outcome.http_status, 200);
	world_expect_state(world, a, "reauth_required", "scope_missing/calendar_list");
	world->google.scopes = GOOGLE_SCOPES_ALL;
	world_connect(world, acme, "alice", a);
	world_expect_state(world, a, "connected", "");
	/* No word about scopes means all that were asked for (RFC 6749 section 5.1). */
	world->google.scopes = NULL;
	world_connect(world, acme, "bob", a);
	world_expect_state(world, a, "connected", "");
}

static void test_list_fails(void **state)
{
	static const struct fake_rule rules[] = {
		{ .path = GOOGLE_CALENDARS, .status = 500, .uses = 2 },
		{ .path = GOOGLE_CALENDARS, .result = HTTP_ERR_TIMEOUT, .uses = 2 },
		{ .path = GOOGLE_CALENDARS, .status = 200, .body = "{}", .uses = 2 },
	};
	static const char *const accounts[] = { "alice", "bob", "carol" };
	struct world *world = *state;
	for (size_t i = 0; i < 3; i++) {
		char id[ID_TEXT_SIZE];
		fake_script(world->fake, &rules[i]);
		world_connect(world, acme, accounts[i], id);
		world_expect_state(world, id, "degraded", "provider_down/calendar_list");
		assert_int_equal(world_number(world, "SELECT last_sync FROM connections WHERE id = :a", id), 0);
		assert_int_equal(count(world, "calendars"), 0);
	}
	assert_int_equal(world_number(world, "SELECT count(*) FROM attempts WHERE state = 'done'", NULL), 3);
}

static void test_exchange_fails(void **state)
{
	static const struct {
		struct fake_rule rule;
		const char *code;
		enum err_code err_code;
	} rows[] = {
		{ { .path = GOOGLE_TOKEN, .status = 400, .body = "{\"error\":\"invalid_grant\"}" }, "code_refused",
		  ERR_PROVIDER_REJECTED },
		{ { .path = GOOGLE_TOKEN, .status = 401, .body = "{\"error\":\"invalid_client\"}" }, "app_misconfigured",
		  ERR_APP_MISCONFIGURED },
		{ { .path = GOOGLE_TOKEN, .status = 400, .body = "{\"error\":\"redirect_uri_mismatch\"}" }, "app_misconfigured",
		  ERR_APP_MISCONFIGURED },
		{ { .path = GOOGLE_TOKEN, .status = 500 }, "provider_down", ERR_PROVIDER_UNAVAILABLE },
		{ { .path = GOOGLE_TOKEN, .result = HTTP_ERR_TIMEOUT }, "provider_down", ERR_PROVIDER_UNAVAILABLE },
		{ { .path = GOOGLE_TOKEN, .status = 200, .body = "<html>" }, "provider_down", ERR_PROVIDER_UNAVAILABLE },
		{ { .path = GOOGLE_USERINFO, .status = 401 }, "provider_rejected", ERR_PROVIDER_REJECTED },
		{ { .path = GOOGLE_USERINFO, .status = 200, .body = "{\"email\":\"a@b.c\"}" }, "provider_down",
		  ERR_PROVIDER_UNAVAILABLE },
	};
	struct world *world = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct world_outcome outcome;
		struct fake_rule rule = rows[i].rule;
		size_t exchanges = fake_count(world->fake, GOOGLE_TOKEN), asked = fake_count(world->fake, GOOGLE_USERINFO);
		rule.uses = 2;
		fake_script(world->fake, &rule);
		world_consent(world, acme, NULL, "alice", &outcome);
		expect_failed(&outcome, 502, rows[i].code, rows[i].err_code);
		assert_int_equal(fake_count(world->fake, GOOGLE_TOKEN), exchanges + 1); /* a code is never sent twice */
		if (rule.status == 401) /* a token fresh from the exchange is not asked for again */
			assert_int_equal(fake_count(world->fake, GOOGLE_USERINFO), asked + (strcmp(rule.path, GOOGLE_USERINFO) == 0));
		fake_forget(world->fake);
	}
	assert_int_equal(count(world, "connections") + count(world, "grants"), 0);
	assert_int_equal(world_number(world, "SELECT count(*) FROM attempts WHERE state = 'failed'", NULL), 8);
}

static void test_userinfo_is_asked_again_once(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	fake_once(world->fake, GOOGLE_USERINFO, 503, NULL);
	world_connect(world, acme, "alice", id);
	assert_int_equal(fake_count(world->fake, GOOGLE_USERINFO), 2);
}

static void test_commit_fails_at_the_link(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	struct consent_begun begun;
	char id[ID_TEXT_SIZE];
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &begun);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_USERINFO, .hang = true, .uses = 1 });
	const struct consent_redirect redirect = { .state = begun.state, .code = "alice" };
	world_complete_start(world, &redirect, &outcome);
	world_run(world);
	world_fail_commits(world, -1);
	fake_let_go(world->fake, GOOGLE_USERINFO);
	world_until(world, &outcome.done, WORLD_SECOND);
	expect_failed(&outcome, 503, "store_failed", ERR_STORE_FAILED);
	world_advance(world, WORLD_MINUTE);
	assert_int_equal(count(world, "grants"), 0);
	assert_int_equal(world->core.calls, 1);
	world_fail_commits(world, 0);
	world_advance(world, WORLD_SECOND);
	world_quiet(world, WORLD_MINUTE);
	assert_int_equal(outcome.told, 1);
	assert_int_equal(generation(world, "alice"), 1);
	world_text(world, "SELECT id FROM connections", NULL, id, sizeof id);
	world_expect_state(world, id, "connected", "");
	assert_int_equal(world_number(world, "SELECT count(*) FROM attempts WHERE state = 'done'", NULL), 1);
	assert_int_equal(fake_count(world->fake, GOOGLE_TOKEN), 1);
	assert_int_equal(count(world, "audit WHERE method = 'oauth.callback'"), 1);
	consent_begun_free(&begun);
}

static void test_commit_fails_at_the_start(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	struct consent_begun begun;
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &begun);
	world_fail_commits(world, 1);
	world_complete(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	expect_failed(&outcome, 503, "store_failed", ERR_STORE_FAILED);
	assert_int_equal(fake_count(world->fake, NULL), 0);
	consent_begun_free(&begun);
}

static void test_workspace_gone_meanwhile(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	struct consent_begun begun;
	struct err err;
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &begun);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	world_complete_start(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	world_run(world);
	assert_int_equal(store_workspace_delete(world->core.store, acme, &err), 0);
	world_run(world);
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_until(world, &outcome.done, WORLD_MINUTE);
	assert_int_not_equal(outcome.outcome.err.code, ERR_NONE);
	assert_int_equal(outcome.told, 1);
	assert_int_equal(count(world, "grants") + count(world, "connections"), 0);
	consent_begun_free(&begun);
}

static void test_stop_meanwhile(void **state)
{
	struct world *world = *state;
	static struct world_outcome outcome;
	struct consent_begun begun;
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &begun);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	world_complete_start(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	world_run(world);
	assert_int_equal(world->core.calls, 2); /* the flow and its request: a stop waits for both */
	world_restart(world);
	expect_failed(&outcome, 503, "interrupted", ERR_BUSY);
	consent_begun_free(&begun);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_two_workspaces_share_a_grant),
		TEST(test_again_is_the_same_connection),
		TEST(test_account_mismatch),
		TEST(test_no_refresh_token),
		TEST(test_paused_stays_paused),
		TEST(test_narrower_consent_with_a_sibling),
		TEST(test_narrower_consent_beats_a_dead_or_locked_grant),
		TEST(test_narrower_consent_alone),
		TEST(test_list_fails),
		TEST(test_exchange_fails),
		TEST(test_userinfo_is_asked_again_once),
		TEST(test_commit_fails_at_the_link),
		TEST(test_commit_fails_at_the_start),
		TEST(test_workspace_gone_meanwhile),
		TEST(test_stop_meanwhile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
