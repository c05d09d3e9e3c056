/* Access tokens: single flight, compare-and-swap, commit before use, and what a refusal means (SAFETY.md OAU-12…15). */
#include "daemon/oauth/tokens.h"

#include "ipc/base/strutil.h"
#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* What somebody who asked was told. */
struct got {
	const struct world *world;
	bool done, committed;
	int told;
	char token[64];
	int64_t generation;
	struct failure failure; /* reason NONE: there is a token */
};

static void take(void *arg, struct secret *token, int64_t generation, const struct failure *failure)
{
	struct got *got = arg;
	got->told++;
	got->done = true;
	got->committed = !world_has_open_tick(got->world);
	got->generation = generation;
	(void)str_copy(got->token, sizeof got->token, token ? secret_reveal(token) : "");
	got->failure = failure ? *failure : (struct failure){ .reason = REASON_NONE };
	assert_int_equal(token == NULL, failure != NULL);
}

/* alice in "acme" (connection a) and "globex" (b), one grant; bob in "acme". */
static char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], bob[ID_TEXT_SIZE],
        grant_id[ID_TEXT_SIZE];

static void connect_all(struct world *world)
{
	world_workspace(world, "acme", acme);
	world_workspace(world, "globex", globex);
	world_connect(world, acme, "alice", a);
	world_connect(world, globex, "alice", b);
	world_connect(world, acme, "bob", bob);
	world_text(world, "SELECT grant_id FROM connections WHERE id = :a", a, grant_id, sizeof grant_id);
	assert_int_equal(world_number(world, "SELECT count(*) FROM connections WHERE grant_id = :a", grant_id), 2);
}

static void ask(struct world *world, int64_t stale_generation, struct got *got)
{
	*got = (struct got){ .world = world };
	tokens_get(world->core.tokens, grant_id, stale_generation, take, got);
}

static void get(struct world *world, int64_t stale_generation, struct got *got)
{
	ask(world, stale_generation, got);
	world_until(world, &got->done, 10 * WORLD_MINUTE);
	assert_int_equal(got->told, 1);
}

static void expect_token(const struct got *got, const char *token, int64_t generation)
{
	assert_string_equal(got->failure.message, "");
	assert_int_equal(got->told, 1);
	assert_string_equal(got->token, token);
	assert_int_equal(got->generation, generation);
}

static void expect_failure(const struct got *got, enum reason reason, enum err_code error)
{
	assert_string_equal(reason_row(got->failure.reason)->code, reason_row(reason)->code);
	assert_int_equal(got->failure.error, error);
	assert_true(got->failure.noted && got->told == 1);
}

static int64_t generation_now(struct world *world)
{
	return world_number(world, "SELECT generation FROM grants WHERE id = :a", grant_id);
}

static void test_stored_token(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	size_t sent = fake_count(world->fake, NULL);
	get(world, -1, &got);
	expect_token(&got, "at-alice-2", 2); /* of the second consent */
	/* A token of the margin's length is not given out any more. */
	world_advance(world, WORLD_HOUR - 31 * WORLD_SECOND);
	get(world, -1, &got);
	expect_token(&got, "at-alice-2", 2);
	assert_int_equal(fake_count(world->fake, NULL), sent);
	world_advance(world, WORLD_SECOND);
	get(world, -1, &got);
	expect_token(&got, "at-alice-4", 3);
	assert_int_equal(fake_count(world->fake, NULL), sent + 1);
	assert_true(got.committed);
	(void)str_copy(grant_id, sizeof grant_id, acme);
	get(world, -1, &got);
	expect_failure(&got, REASON_INTERRUPTED, ERR_NOT_FOUND);
}

static void test_refresh_now_and_stale(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_token(&got, "at-alice-4", 3);
	get(world, 2, &got); /* the provider refused the one before: there is a newer one */
	expect_token(&got, "at-alice-4", 3);
	get(world, 3, &got);
	expect_token(&got, "at-alice-5", 4);
}

static void test_single_flight(void **state)
{
	enum { COUNT = 500 };
	static struct got got[COUNT];
	struct world *world = *state;
	connect_all(world);
	world_advance(world, 2 * WORLD_HOUR);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	size_t sent = fake_count(world->fake, NULL);
	for (int i = 0; i < COUNT; i++) {
		ask(world, i % 3 == 0 ? -1 : i % 3 == 1 ? 2 : TOKENS_REFRESH_NOW, &got[i]);
		if (i % 100 == 0)
			world_run(world);
	}
	assert_int_equal(fake_count(world->fake, NULL), sent + 1);
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_quiet(world, WORLD_MINUTE);
	for (int i = 0; i < COUNT; i++)
		expect_token(&got[i], "at-alice-4", 3);
	assert_int_equal(fake_count(world->fake, NULL), sent + 1);
	assert_int_equal(world_number(world, "SELECT generation FROM grants WHERE email LIKE 'bob%'", NULL), 1);
}

static void test_good_token_does_not_wait_for_a_refresh(void **state)
{
	struct world *world = *state;
	static struct got forced, got;
	connect_all(world);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	ask(world, TOKENS_REFRESH_NOW, &forced);
	world_run(world);
	ask(world, -1, &got);
	expect_token(&got, "at-alice-2", 2);
	assert_false(forced.done);
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_until(world, &forced.done, WORLD_MINUTE);
	expect_token(&forced, "at-alice-4", 3);
}

static void test_rotation_is_stored_before_use(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	world_connect(world, acme, "alice", a);
	world->google.rotates = true;
	for (int i = 0; i < 5; i++) {
		get(world, TOKENS_REFRESH_NOW, &got);
		assert_int_equal(got.failure.reason, REASON_NONE);
		assert_true(got.committed);
		int current = world->google.current, issued = world->google.issued;
		world_restart(world);
		world->google.rotates = true;
		world->google.current = current;
		world->google.issued = issued;
		get(world, -1, &got);
		assert_int_equal(got.failure.reason, REASON_NONE);
		world_expect_state(world, a, "connected", "");
	}
}

static void test_race_with_a_new_consent(void **state)
{
	struct world *world = *state;
	static struct got got[2], later;
	char fingerprint[32], now[32];
	connect_all(world);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	ask(world, TOKENS_REFRESH_NOW, &got[0]);
	ask(world, TOKENS_REFRESH_NOW, &got[1]);
	world_run(world);
	world_connect(world, acme, "alice", a); /* generation 3, at-alice-4 */
	assert_false(got[0].done);
	world_text(world, "SELECT fingerprint FROM grants WHERE id = :a", grant_id, fingerprint, sizeof fingerprint);
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_quiet(world, WORLD_MINUTE);
	expect_token(&got[0], "at-alice-4", 3);
	expect_token(&got[1], "at-alice-4", 3);
	assert_int_equal(generation_now(world), 3);
	world_text(world, "SELECT fingerprint FROM grants WHERE id = :a", grant_id, now, sizeof now);
	assert_string_equal(now, fingerprint);
	get(world, TOKENS_REFRESH_NOW, &later);
	expect_token(&later, "at-alice-6", 4);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
}

static void test_refusal_after_a_new_consent_kills_nothing(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	ask(world, TOKENS_REFRESH_NOW, &got);
	world_run(world);
	world_connect(world, globex, "alice", b);
	fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_until(world, &got.done, WORLD_MINUTE);
	expect_token(&got, "at-alice-4", 3);
	world_expect_state(world, a, "connected", "");
	assert_int_equal(world_number(world, "SELECT live FROM grants WHERE id = :a", grant_id), 1);
}

static void test_disconnected_meanwhile(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	ask(world, TOKENS_REFRESH_NOW, &got);
	world_run(world);
	world_sql(world, "UPDATE grants SET live = 0, generation = generation + 1, data_key = NULL, refresh_token = NULL, "
	                 "access_token = NULL WHERE id = :a",
	          grant_id);
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_until(world, &got.done, WORLD_MINUTE);
	expect_failure(&got, REASON_INTERRUPTED, ERR_REAUTH_REQUIRED);
	assert_int_equal(world_number(world, "SELECT count(*) FROM grants WHERE id = :a AND access_token IS NOT NULL", grant_id), 0);
}

static void test_invalid_grant(void **state)
{
	struct world *world = *state;
	static struct got got, again;
	connect_all(world);
	fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_failure(&got, REASON_GRANT_REVOKED, ERR_NONE);
	world_expect_state(world, a, "reauth_required", "grant_revoked/token");
	world_expect_state(world, b, "reauth_required", "grant_revoked/token");
	world_expect_state(world, bob, "connected", "");
	assert_int_equal(world_number(world, "SELECT live FROM grants WHERE id = :a", grant_id), 0);
	/* Never asked again. */
	size_t sent = fake_count(world->fake, NULL);
	get(world, TOKENS_REFRESH_NOW, &again);
	expect_failure(&again, REASON_GRANT_REVOKED, ERR_NONE);
	assert_int_equal(fake_count(world->fake, NULL), sent);
	assert_int_equal(world_number(world, "SELECT sum(count) FROM sync_errors", NULL), 2);
	/* One consent mends both. */
	world_connect(world, acme, "alice", a);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
	/* What the provider says more precisely is kept. */
	fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\",\"error_subtype\":\"invalid_rapt\"}");
	get(world, TOKENS_REFRESH_NOW, &got);
	assert_int_equal(world_number(world, "SELECT count(*) FROM sync_errors WHERE message LIKE '%session length%'", NULL), 2);
}

static void test_testing_expiry(void **state)
{
	static const struct {
		int64_t age;
		const char *reasons;
	} rows[] = {
		{ 7 * WORLD_DAY - 6 * WORLD_HOUR, "grant_revoked/token" },
		{ 7 * WORLD_DAY - 6 * WORLD_HOUR + WORLD_SECOND, "grant_expired_testing/token" },
		{ 7 * WORLD_DAY, "grant_expired_testing/token" },
		{ 7 * WORLD_DAY + 6 * WORLD_HOUR - WORLD_SECOND, "grant_expired_testing/token" },
		{ 7 * WORLD_DAY + 6 * WORLD_HOUR, "grant_revoked/token" },
		{ WORLD_DAY, "grant_revoked/token" },
	};
	struct world *world = *state;
	connect_all(world);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct got got;
		world_advance(world, rows[i].age);
		fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
		get(world, -1, &got);
		world_expect_state(world, a, "reauth_required", rows[i].reasons);
		world_expect_state(world, b, "reauth_required", rows[i].reasons);
		world_connect(world, acme, "alice", a);
		world_expect_state(world, b, "connected", "");
	}
}

static void test_outage_kills_nothing(void **state)
{
	static const int statuses[] = { 500, 502, 503, 429, 0 };
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	for (int i = 0; i < 60; i++) {
		int status = statuses[i % 5];
		fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .status = status, .body = "<html>", .uses = 2,
		                                              .result = status ? HTTP_OK : HTTP_ERR_TIMEOUT });
		get(world, TOKENS_REFRESH_NOW, &got);
		assert_int_not_equal(got.failure.reason, REASON_NONE);
		fake_forget(world->fake); /* what an open breaker did not try twice */
		assert_int_equal(world_number(world, "SELECT live FROM grants WHERE id = :a", grant_id), 1);
		world_advance(world, 6 * WORLD_HOUR);
	}
	world_expect_state(world, a, "failing", "provider_down/token rate_user/token");
	fake_once(world->fake, GOOGLE_TOKEN, 401, "{\"error\":\"invalid_client\"}");
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_failure(&got, REASON_APP_MISCONFIGURED, ERR_NONE);
	world_expect_state(world, b, "blocked", "app_misconfigured/token provider_down/token rate_user/token");
	assert_int_equal(world_number(world, "SELECT live FROM grants WHERE id = :a", grant_id), 1);
	assert_int_equal(generation_now(world), 2);
	get(world, -1, &got);
	assert_int_equal(got.failure.reason, REASON_NONE);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
}

static void test_failed_commit_keeps_the_tokens(void **state)
{
	struct world *world = *state;
	static struct got first, waiting, after;
	connect_all(world);
	world_connect(world, acme, "alice", a); /* at-alice-4, generation 3 */
	world->google.rotates = true;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	ask(world, TOKENS_REFRESH_NOW, &first);
	world_run(world);
	world_fail_commits(world, -1);
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_until(world, &first.done, WORLD_SECOND);
	expect_failure(&first, REASON_INTERRUPTED, ERR_STORE_FAILED);
	assert_int_equal(generation_now(world), 3);
	/* Who asks meanwhile hears of the next try, and nobody asks the provider again. */
	size_t sent = fake_count(world->fake, NULL);
	ask(world, TOKENS_REFRESH_NOW, &waiting);
	world_advance(world, 10 * WORLD_SECOND);
	expect_failure(&waiting, REASON_INTERRUPTED, ERR_STORE_FAILED);
	assert_int_equal(world->core.calls, 1);
	world_fail_commits(world, 0);
	ask(world, TOKENS_REFRESH_NOW, &after);
	world_advance(world, WORLD_SECOND);
	expect_token(&after, "at-alice-5", 4);
	assert_true(after.committed);
	assert_int_equal(generation_now(world), 4);
	assert_int_equal(fake_count(world->fake, NULL), sent);
	assert_int_equal(world->core.calls, 0);
	/* The rotated refresh token is the one that was kept. */
	get(world, TOKENS_REFRESH_NOW, &after);
	expect_token(&after, "at-alice-6", 5);
	world_expect_state(world, a, "connected", "");
}

static void test_commit_fails_before_sending(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	size_t sent = fake_count(world->fake, NULL);
	ask(world, TOKENS_REFRESH_NOW, &got);
	world_sql(world, "UPDATE workspaces SET name = 'x'", NULL); /* something to commit in this tick */
	world_fail_commits(world, 1);
	world_until(world, &got.done, WORLD_SECOND);
	expect_failure(&got, REASON_INTERRUPTED, ERR_STORE_FAILED);
	assert_int_equal(fake_count(world->fake, NULL), sent);
	world_expect_state(world, a, "connected", "");
}

static void test_refused_save_keeps_the_tokens(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	world_sql(world,
	          "CREATE TEMP TRIGGER refuse BEFORE UPDATE OF access_token ON grants BEGIN SELECT RAISE(ABORT, 'no'); END",
	          NULL);
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_failure(&got, REASON_INTERRUPTED, ERR_INTERNAL);
	world_advance(world, WORLD_MINUTE);
	assert_int_equal(generation_now(world), 2);
	world_sql(world, "DROP TRIGGER refuse", NULL);
	world_advance(world, WORLD_SECOND);
	assert_int_equal(generation_now(world), 3);
	get(world, 2, &got);
	expect_token(&got, "at-alice-4", 3);
	world_expect_state(world, a, "connected", "");
}

static void test_undecryptable(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	world_sql(world, "UPDATE grants SET refresh_token = zeroblob(length(refresh_token)) WHERE id = :a", grant_id);
	size_t sent = fake_count(world->fake, NULL);
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_failure(&got, REASON_INTERRUPTED, ERR_SEALED);
	world_run(world);
	world_expect_state(world, a, "blocked", "undecryptable/decrypt");
	world_expect_state(world, b, "blocked", "undecryptable/decrypt");
	world_expect_state(world, bob, "connected", "");
	assert_int_equal(fake_count(world->fake, NULL), sent);
	/* What was not in the way before is not now. */
	get(world, -1, &got);
	expect_token(&got, "at-alice-2", 2);
	/* Another grant's token does not open either. */
	world_sql(world,
	          "UPDATE grants SET refresh_token = (SELECT refresh_token FROM grants WHERE email LIKE 'bob%') WHERE id = :a",
	          grant_id);
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_failure(&got, REASON_INTERRUPTED, ERR_SEALED);
	world_connect(world, acme, "alice", a);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
}

static void test_undecryptable_until_the_key_is_back(void **state)
{
	struct world *world = *state;
	static struct got got;
	char key_id[64];
	connect_all(world);
	world_text(world, "SELECT key_id FROM grants WHERE id = :a", grant_id, key_id, sizeof key_id);
	world_sql(world, "UPDATE grants SET key_id = 'lost' WHERE id = :a", grant_id);
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_failure(&got, REASON_INTERRUPTED, ERR_SEALED);
	world_run(world);
	world_expect_state(world, a, "blocked", "undecryptable/decrypt");
	world_sql(world, "UPDATE grants SET key_id = :a WHERE key_id = 'lost'", key_id);
	get(world, TOKENS_REFRESH_NOW, &got);
	expect_token(&got, "at-alice-4", 3);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
}

static void test_scopes_taken_away(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	world->google.scopes = GOOGLE_SCOPES_NO_EVENTS;
	get(world, TOKENS_REFRESH_NOW, &got);
	world_expect_state(world, a, "degraded", "scope_missing/consent");
	world->google.scopes = GOOGLE_SCOPES_NO_LIST;
	get(world, TOKENS_REFRESH_NOW, &got);
	world_expect_state(world, b, "reauth_required", "scope_missing/calendar_list");
	world->google.scopes = NULL; /* nothing said: nothing changed */
	get(world, TOKENS_REFRESH_NOW, &got);
	world_expect_state(world, b, "reauth_required", "scope_missing/calendar_list");
	world->google.scopes = GOOGLE_SCOPES_ALL;
	get(world, TOKENS_REFRESH_NOW, &got);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
}

static void test_stop_blames_nobody(void **state)
{
	struct world *world = *state;
	static struct got got;
	connect_all(world);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	ask(world, TOKENS_REFRESH_NOW, &got);
	world_run(world);
	world_restart(world);
	expect_failure(&got, REASON_INTERRUPTED, ERR_BUSY);
	world_expect_state(world, a, "connected", "");
	assert_int_equal(world_number(world, "SELECT count(*) FROM sync_errors", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_stored_token),
		WORLD_TEST(test_refresh_now_and_stale),
		WORLD_TEST(test_single_flight),
		WORLD_TEST(test_good_token_does_not_wait_for_a_refresh),
		WORLD_TEST(test_rotation_is_stored_before_use),
		WORLD_TEST(test_race_with_a_new_consent),
		WORLD_TEST(test_refusal_after_a_new_consent_kills_nothing),
		WORLD_TEST(test_disconnected_meanwhile),
		WORLD_TEST(test_invalid_grant),
		WORLD_TEST(test_testing_expiry),
		WORLD_TEST(test_outage_kills_nothing),
		WORLD_TEST(test_failed_commit_keeps_the_tokens),
		WORLD_TEST(test_commit_fails_before_sending),
		WORLD_TEST(test_refused_save_keeps_the_tokens),
		WORLD_TEST(test_undecryptable),
		WORLD_TEST(test_undecryptable_until_the_key_is_back),
		WORLD_TEST(test_scopes_taken_away),
		WORLD_TEST(test_stop_blames_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
