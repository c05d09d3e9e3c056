/* Attempts: single use, their end, their expiry. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/attempts.h"
#include "store/users.h"

#include <stdio.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define DAY (INT64_C(24) * 60 * MINUTE)

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

struct world {
	struct store_fixture fixture;
	char acme[ID_TEXT_SIZE];
	int made;
};

static void setup(struct world *world)
{
	world->made = 0;
	store_fixture_open(&world->fixture);
	store_fixture_workspace(&world->fixture, "acme", world->acme);
}

/* Its hashes are "s" and "h" with its number, from 0. */
static void create(struct world *world, char id[ID_TEXT_SIZE])
{
	char state_hash[16], short_hash[16];
	struct err err = { 0 };
	(void)snprintf(state_hash, sizeof state_hash, "s%d", world->made);
	(void)snprintf(short_hash, sizeof short_hash, "h%d", world->made++);
	store_new_id(world->fixture.store, id);
	const struct attempt_new in = { .id = id, .workspace_id = world->acme, .provider = "google", .login_hint = "a@b.c",
		                        .actor = "alice", .key_id = "k1", .state_hash = state_hash, .short_hash = short_hash,
		                        .secrets = { "sealed", 6 }, .expires_at = world->fixture.now + 15 * MINUTE };
	check_ok(store_attempt_create(world->fixture.store, &in, &err), &err);
}

static void describe(void *arg, const struct attempt_row *row)
{
	(void)snprintf(arg, 256, "%s %s %s %s %s %.*s %s %d", row->state, row->connection_id ? row->connection_id : "-",
	               row->error_code ? row->error_code : "-", row->actor, row->key_id ? row->key_id : "-",
	               row->secrets.bytes ? (int)row->secrets.len : 1, row->secrets.bytes ? (const char *)row->secrets.bytes : "-",
	               row->user_id ? "user" : "-", row->reconnect);
}

static void check_attempt(struct world *world, const char *id, const char *expected)
{
	char text[256] = "";
	struct err err = { 0 };
	check_ok(store_attempt_get(world->fixture.store, id, describe, text, &err), &err);
	assert_string_equal(text, expected);
}

static bool consume(struct world *world, const char *id)
{
	bool won = false;
	struct err err = { 0 };
	check_ok(store_attempt_consume(world->fixture.store, id, &won, &err), &err);
	return won;
}

static void test_create_and_find(void **state)
{
	struct world world;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE], text[256];
	(void)state;
	setup(&world);
	create(&world, id);
	check_attempt(&world, id, "created - - alice k1 sealed - 0");
	check_ok(store_attempt_by_state(world.fixture.store, "s0", describe, text, &err), &err);
	check_ok(store_attempt_by_short(world.fixture.store, "h0", describe, text, &err), &err);
	check_fails(store_attempt_by_state(world.fixture.store, "h0", describe, text, &err), &err, ERR_NOT_FOUND);
	check_fails(store_attempt_by_short(world.fixture.store, "s0", describe, text, &err), &err, ERR_NOT_FOUND);
	const struct attempt_new again = { .id = unknown, .workspace_id = world.acme, .provider = "google", .state_hash = "s0",
		                           .short_hash = "h9" };
	check_fails(store_attempt_create(world.fixture.store, &again, &err), &err, ERR_CONFLICT);
	const struct attempt_new lost = { .id = unknown, .workspace_id = unknown, .provider = "google", .state_hash = "s9",
		                          .short_hash = "h9" };
	check_fails(store_attempt_create(world.fixture.store, &lost, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&world.fixture);
}

static void test_single_use(void **state)
{
	struct world world;
	struct err err = { 0 };
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
	(void)state;
	setup(&world);
	create(&world, a);
	create(&world, b);
	check_ok(store_attempt_open(world.fixture.store, a, &err), &err);
	check_attempt(&world, a, "opened - - alice k1 sealed - 0");
	assert_true(consume(&world, a));
	assert_false(consume(&world, a));
	check_ok(store_attempt_open(world.fixture.store, a, &err), &err);
	check_attempt(&world, a, "returned - - alice k1 sealed - 0");
	assert_false(consume(&world, unknown));
	/* At the very millisecond it is over. */
	world.fixture.now += 15 * MINUTE;
	assert_false(consume(&world, b));
	world.fixture.now--;
	assert_true(consume(&world, b));
	store_fixture_close(&world.fixture);
}

static void test_end(void **state)
{
	struct world world;
	struct err err = { 0 };
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], connection[ID_TEXT_SIZE], expected[128];
	bool ended = false;
	(void)state;
	setup(&world);
	struct store *store = world.fixture.store;
	create(&world, a);
	create(&world, b);
	store_fixture_connection(&world.fixture, world.acme, "a@example.com", connection);
	check_ok(store_attempt_end(store, a, "done", connection, NULL, NULL, &ended, &err), &err);
	assert_true(ended);
	(void)snprintf(expected, sizeof expected, "done %s - alice - - - 0", connection);
	check_attempt(&world, a, expected);
	check_ok(store_attempt_end(store, a, "failed", NULL, "x", "y", &ended, &err), &err);
	assert_false(ended);
	check_attempt(&world, a, expected);
	assert_false(consume(&world, a));
	check_ok(store_attempt_end(store, b, "failed", NULL, "access_denied", "No.", &ended, &err), &err);
	check_attempt(&world, b, "failed - access_denied alice - - - 0");
	check_fails(store_attempt_end(store, unknown, "failed", NULL, NULL, NULL, &ended, &err), &err, ERR_NOT_FOUND);
	create(&world, b);
	check_fails(store_attempt_end(store, b, "nonsense", NULL, NULL, NULL, &ended, &err), &err, ERR_INTERNAL);
	assert_false(store_tick_failed(store));
	store_fixture_close(&world.fixture);
}

static void test_expiry(void **state)
{
	struct world world;
	struct err err = { 0 };
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], late[ID_TEXT_SIZE];
	int64_t expired = -1;
	(void)state;
	setup(&world);
	struct store *store = world.fixture.store;
	create(&world, a);
	create(&world, b);
	assert_true(consume(&world, b));
	world.fixture.now += 10 * MINUTE;
	create(&world, late);
	check_ok(store_attempt_expire(store, &expired, &err), &err);
	assert_int_equal(expired, 0);
	world.fixture.now += 5 * MINUTE;
	check_ok(store_attempt_expire(store, &expired, &err), &err);
	assert_int_equal(expired, 1);
	check_attempt(&world, a, "expired - - alice - - - 0");
	check_attempt(&world, b, "returned - - alice k1 sealed - 0"); /* its exchange may still come to an end */
	check_attempt(&world, late, "created - - alice k1 sealed - 0");
	world.fixture.now += 60 * MINUTE;
	check_ok(store_attempt_expire(store, &expired, &err), &err);
	assert_int_equal(expired, 2);
	world.fixture.now += 30 * DAY;
	check_ok(store_attempt_expire(store, &expired, &err), &err);
	check_fails(store_attempt_get(store, a, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_attempt(&world, b, "expired - - alice - - - 0");
	world.fixture.now++;
	check_ok(store_attempt_expire(store, &expired, &err), &err);
	check_fails(store_attempt_get(store, b, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&world.fixture);
}

static void test_interrupted(void **state)
{
	struct world world;
	struct err err = { 0 };
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
	int64_t count = -1;
	(void)state;
	setup(&world);
	create(&world, a);
	create(&world, b);
	assert_true(consume(&world, a));
	check_ok(store_attempt_interrupt(world.fixture.store, &count, &err), &err);
	assert_int_equal(count, 1);
	check_attempt(&world, a, "failed - interrupted alice - - - 0");
	check_attempt(&world, b, "created - - alice k1 sealed - 0");
	store_fixture_close(&world.fixture);
}

static void test_what_it_names_may_go(void **state)
{
	struct world world;
	struct err err = { 0 };
	char user[ID_TEXT_SIZE], connection[ID_TEXT_SIZE], id[ID_TEXT_SIZE], expected[128];
	int64_t count;
	(void)state;
	setup(&world);
	store_fixture_user(&world.fixture, world.acme, "u@example.com", user);
	store_fixture_connection(&world.fixture, world.acme, "a@example.com", connection);
	store_new_id(world.fixture.store, id);
	const struct attempt_new in = { .id = id, .workspace_id = world.acme, .user_id = user, .provider = "google",
		                        .actor = "alice", .connection_id = connection, .state_hash = "s", .short_hash = "h",
		                        .expires_at = 1 };
	check_ok(store_attempt_create(world.fixture.store, &in, &err), &err);
	(void)snprintf(expected, sizeof expected, "created %s - alice - - user 1", connection);
	check_attempt(&world, id, expected);
	check_ok(store_user_delete(world.fixture.store, user, false, &count, &err), &err);
	(void)snprintf(expected, sizeof expected, "created %s - alice - - - 1", connection);
	check_attempt(&world, id, expected);
	store_fixture_close(&world.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_and_find), cmocka_unit_test(test_single_use),
		cmocka_unit_test(test_end),             cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_interrupted),     cmocka_unit_test(test_what_it_names_may_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
