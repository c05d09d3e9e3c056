/* An attempt as a copy, its sealed secrets, and when it is open. */
#include "daemon/oauth/attempt.h"

#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char acme[ID_TEXT_SIZE];

static int open_world(void **state)
{
	static struct world world;
	world_open(&world);
	world_workspace(&world, "acme", acme);
	*state = &world;
	return 0;
}

static void test_copy(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	struct attempt attempt;
	struct err err;
	char hash[DIGEST_HEX_SIZE], connection[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", connection);
	world_begin(world,
	            &(struct consent_begin){
	                    .workspace_id = acme, .connection_id = connection, .login_hint = "a@example.com", .actor = "alice" },
	            &begun);
	assert_int_equal(attempt_load(&world->core, begun.attempt_id, &attempt, &err), 0);
	assert_string_equal(attempt.id, begun.attempt_id);
	assert_string_equal(attempt.workspace_id, acme);
	assert_string_equal(attempt.provider, "google");
	assert_string_equal(attempt.login_hint, "a@example.com");
	assert_string_equal(attempt.connection_id, connection);
	assert_string_equal(attempt.actor, "alice");
	assert_string_equal(attempt.state, "created");
	assert_null(attempt.user_id);
	assert_true(attempt.reconnect);
	assert_int_equal(attempt.expires_at, begun.expires_at);
	attempt_clear(&attempt);
	digest_lookup(hash, ATTEMPT_STATE, begun.state);
	assert_int_equal(attempt_load_state(&world->core, hash, &attempt, &err), 0);
	attempt_clear(&attempt);
	/* State and short link are hashed under purposes of their own. */
	assert_int_equal(attempt_load_short(&world->core, hash, &attempt, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	digest_lookup(hash, ATTEMPT_SHORT, begun.state);
	assert_int_equal(attempt_load_state(&world->core, hash, &attempt, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	consent_begun_free(&begun);
}

static void test_open(void **state)
{
	static const struct {
		const char *state;
		bool open;
	} rows[] = { { "created", true },  { "opened", true },  { "returned", false }, { "done", false },
		     { "failed", false },  { "expired", false }, { "cancelled", false } };
	struct world *world = *state;
	struct consent_begun begun;
	struct err err;
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &begun);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct attempt attempt;
		world_sql(world, "UPDATE attempts SET state = :a", rows[i].state);
		assert_int_equal(attempt_load(&world->core, begun.attempt_id, &attempt, &err), 0);
		assert_int_equal(attempt_is_open(&world->core, &attempt), rows[i].open);
		attempt.expires_at = world->wall;
		assert_false(attempt_is_open(&world->core, &attempt));
		attempt.expires_at = world->wall + 1;
		assert_int_equal(attempt_is_open(&world->core, &attempt), rows[i].open);
		attempt_clear(&attempt);
	}
	consent_begun_free(&begun);
}

static void test_secrets_are_bound_to_their_attempt(void **state)
{
	struct world *world = *state;
	struct consent_begun first, second;
	struct attempt attempt, other;
	struct attempt_secrets secrets;
	struct err err;
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &first);
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &second);
	assert_int_equal(attempt_load(&world->core, first.attempt_id, &attempt, &err), 0);
	assert_int_equal(attempt_load(&world->core, second.attempt_id, &other, &err), 0);
	assert_int_equal(attempt_unseal(&world->core, &attempt, &secrets, &err), 0);
	assert_string_equal(secrets.state, first.state);
	assert_int_equal(strlen(secrets.verifier), DIGEST_TOKEN_SIZE - 1);
	assert_string_not_equal(secrets.verifier, secrets.state);
	const struct blob own = attempt.secrets;
	attempt.secrets = other.secrets;
	assert_int_equal(attempt_unseal(&world->core, &attempt, &secrets, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	attempt.secrets = own;
	for (size_t i = 0; i < own.len; i += 7) {
		((uint8_t *)(uintptr_t)own.bytes)[i] ^= 1;
		assert_int_equal(attempt_unseal(&world->core, &attempt, &secrets, &err), -1);
		assert_int_equal(err.code, ERR_SEALED);
		((uint8_t *)(uintptr_t)own.bytes)[i] ^= 1;
	}
	assert_int_equal(attempt_unseal(&world->core, &attempt, &secrets, &err), 0);
	attempt_clear(&attempt);
	attempt_clear(&other);
	consent_begun_free(&first);
	consent_begun_free(&second);
}

static void test_key_lost(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	struct buf url = { 0 };
	struct err err;
	world_begin(world, &(struct consent_begin){ .workspace_id = acme }, &begun);
	world_sql(world, "UPDATE attempts SET key_id = 'lost'", NULL);
	assert_int_equal(consent_open_short(&world->core, strrchr(buf_text(&begun.short_url), '/') + 1, &url, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	world_complete(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	assert_int_equal(outcome.outcome.http_status, 503);
	assert_string_equal(outcome.outcome.code, "sealed");
	assert_int_equal(outcome.outcome.err.code, ERR_SEALED);
	assert_int_equal(fake_count(world->fake, NULL), 0);
	consent_begun_free(&begun);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_copy),
		TEST(test_open),
		TEST(test_secrets_are_bound_to_their_attempt),
		TEST(test_key_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
