/* Disconnecting and the outbox of revocations (CONTRACT.md section 6, SAFETY.md OAU-11, OAU-16, KEY-4). */
#include "daemon/oauth/disconnect.h"

#include "ipc/base/strutil.h"
#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], a[ID_TEXT_SIZE];

static int open_world(void **state)
{
	static struct world world;
	world_open(&world);
	world_workspace(&world, "acme", acme);
	world_workspace(&world, "globex", globex);
	world_connect(&world, acme, "alice", a);
	*state = &world;
	return 0;
}

struct ending {
	struct disconnect_outcome outcome;
	bool done;
	int told;
};

static void take(void *arg, const struct disconnect_outcome *outcome)
{
	struct ending *ending = arg;
	ending->outcome = *outcome;
	ending->done = true;
	ending->told++;
}

static void start(struct world *world, const char *id, bool revoke, struct ending *ending)
{
	struct err err;
	*ending = (struct ending){ .done = false };
	assert_int_equal(disconnect_run(&world->core, id, revoke, take, ending, &err), 0);
}

static void end(struct world *world, const char *id, bool revoke, struct ending *ending)
{
	start(world, id, revoke, ending);
	world_until(world, &ending->done, WORLD_MINUTE);
	assert_int_equal(ending->told, 1);
	assert_int_equal(ending->outcome.err.code, ERR_NONE);
}

static int64_t rows(struct world *world)
{
	return world_number(world, "SELECT count(*) FROM revocations", NULL);
}

static size_t revokes(const struct world *world)
{
	return fake_count(world->fake, GOOGLE_REVOKE);
}

static void expect_shredded(struct world *world)
{
	assert_int_equal(world_number(world,
	                              "SELECT count(*) FROM grants WHERE live = 0 AND data_key IS NULL AND refresh_token IS NULL "
	                              "AND access_token IS NULL AND key_id IS NULL AND fingerprint IS NULL",
	                              NULL),
	                 1);
}

static void test_last_one_revokes(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_REVOKE, .hang = true, .uses = 1 });
	start(world, a, true, &ending);
	assert_int_equal(revokes(world), 0);
	world_run(world);
	/* Committed with its row before the request left. */
	assert_int_equal(revokes(world), 1);
	assert_false(world_has_open_tick(world));
	assert_int_equal(rows(world), 1);
	assert_string_equal(fake_last(world->fake, GOOGLE_REVOKE)->body, "token=rt-alice-1");
	world_expect_state(world, a, "disconnected", "");
	expect_shredded(world);
	assert_false(ending.done);
	fake_let_go(world->fake, GOOGLE_REVOKE);
	world_until(world, &ending.done, WORLD_SECOND);
	assert_true(ending.outcome.attempted && ending.outcome.ok);
	assert_string_equal(ending.outcome.reason, "");
	assert_int_equal(rows(world), 0);
	assert_int_equal(world_number(world, "SELECT active FROM connections", NULL), 0);
	assert_int_equal(world_number(world, "SELECT disconnected_at FROM connections", NULL), world->wall);
	world_advance(world, WORLD_DAY);
	assert_int_equal(revokes(world), 1);
}

static void test_row_survives_a_crash(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_REVOKE, .hang = true, .uses = 1 });
	start(world, a, true, &ending);
	world_run(world);
	world_restart(world);
	assert_int_equal(rows(world), 1);
	assert_int_equal(revokes(world), 0);
	world_advance(world, 5 * WORLD_MINUTE);
	assert_int_equal(revokes(world), 1);
	assert_string_equal(fake_last(world->fake, GOOGLE_REVOKE)->body, "token=rt-alice-1");
	assert_int_equal(rows(world), 0);
}

static void test_failed_commit(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	world_fail_commits(world, 1);
	start(world, a, true, &ending);
	world_run(world);
	assert_int_equal(ending.told, 1);
	assert_int_equal(ending.outcome.err.code, ERR_STORE_FAILED);
	assert_false(ending.outcome.attempted);
	world_advance(world, WORLD_HOUR);
	assert_int_equal(revokes(world), 0);
	assert_int_equal(rows(world), 0);
	world_expect_state(world, a, "connected", "");
}

static void test_nothing_sealed_stays(void **state)
{
	static const char *const columns[] = { "data_key", "refresh_token", "access_token" };
	struct world *world = *state;
	static struct ending ending;
	struct buf sealed[3] = { { 0 } };
	for (size_t i = 0; i < 3; i++) {
		struct buf sql = { 0 };
		buf_printf(&sql, "SELECT %s FROM grants", columns[i]);
		world_blob(world, buf_text(&sql), NULL, &sealed[i]);
		assert_true(sealed[i].len > 50);
		assert_true(world_files_with(world, sealed[i].data, sealed[i].len) > 0);
		buf_free(&sql);
	}
	end(world, a, true, &ending);
	expect_shredded(world);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(world_files_with(world, sealed[i].data, sealed[i].len), 0);
		buf_free(&sealed[i]);
	}
}

static void test_sibling_keeps_the_grant(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	char b[ID_TEXT_SIZE];
	world_connect(world, globex, "alice", b);
	end(world, a, true, &ending);
	assert_false(ending.outcome.attempted || ending.outcome.ok);
	assert_string_equal(ending.outcome.reason, "other connections use the same consent");
	assert_int_equal(rows(world), 0);
	world_expect_state(world, a, "disconnected", "");
	world_expect_state(world, b, "connected", "");
	assert_int_equal(world_number(world, "SELECT count(*) FROM grants WHERE live = 1 AND data_key IS NOT NULL", NULL), 1);
	end(world, b, true, &ending);
	assert_true(ending.outcome.ok);
	assert_int_equal(revokes(world), 1);
	expect_shredded(world);
}

static void test_never(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	end(world, a, false, &ending);
	assert_false(ending.outcome.attempted || ending.outcome.ok);
	assert_string_equal(ending.outcome.reason, "not asked for");
	expect_shredded(world);
	assert_int_equal(rows(world), 0);
	world_advance(world, WORLD_DAY);
	assert_int_equal(revokes(world), 0);
}

static void test_again_changes_nothing(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct err err;
	end(world, a, true, &ending);
	int64_t version = world_number(world, "SELECT version FROM connections", NULL);
	end(world, a, true, &ending);
	assert_false(ending.outcome.attempted || ending.outcome.ok);
	assert_string_equal(ending.outcome.reason, "it was disconnected already");
	assert_int_equal(world_number(world, "SELECT version FROM connections", NULL), version);
	assert_int_equal(revokes(world), 1);
	assert_int_equal(disconnect_run(&world->core, acme, true, take, &ending, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void test_over_already_or_locked(void **state)
{
	static const struct {
		const char *sql, *reason;
	} breaks[] = {
		{ "UPDATE grants SET live = 0", "the consent was over already" },
		{ "UPDATE grants SET key_id = 'lost'", "undecryptable" },
	};
	struct world *world = *state;
	for (size_t i = 0; i < 2; i++) {
		static struct ending ending;
		world_sql(world, breaks[i].sql, NULL);
		end(world, a, true, &ending);
		assert_false(ending.outcome.attempted || ending.outcome.ok);
		assert_string_equal(ending.outcome.reason, breaks[i].reason);
		world_expect_state(world, a, "disconnected", "");
		expect_shredded(world);
		assert_int_equal(rows(world), 0);
		world_connect(world, acme, "alice", a);
	}
	assert_int_equal(revokes(world), 0);
}

static void test_provider_down(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_always(world->fake, GOOGLE_REVOKE, 503, NULL);
	end(world, a, true, &ending);
	assert_true(ending.outcome.attempted);
	assert_false(ending.outcome.ok);
	assert_string_equal(ending.outcome.reason, "provider_down");
	assert_int_equal(rows(world), 1);
	world_expect_state(world, a, "disconnected", "");
	size_t before = revokes(world);
	assert_int_equal(before, 1);
	world_advance(world, WORLD_DAY);
	size_t after = revokes(world);
	/* Not a storm, not asleep: every one to sixteen minutes. */
	assert_true(after - before >= 90 && after - before <= 400);
	assert_int_equal(rows(world), 1);
	fake_always(world->fake, GOOGLE_REVOKE, 200, "{}");
	world_advance(world, 20 * WORLD_MINUTE);
	assert_int_equal(rows(world), 0);
	assert_int_equal(revokes(world), after + 1);
}

static void test_gone_at_the_provider(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_always(world->fake, GOOGLE_REVOKE, 400, "{\"error\":\"invalid_token\"}");
	end(world, a, true, &ending);
	assert_true(ending.outcome.ok);
	assert_int_equal(rows(world), 0);
}

static void test_seven_days(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct buf token = { 0 };
	fake_always(world->fake, GOOGLE_REVOKE, 500, NULL);
	end(world, a, true, &ending);
	world_blob(world, "SELECT token FROM revocations", NULL, &token);
	world_advance(world, 7 * WORLD_DAY - WORLD_MINUTE);
	assert_int_equal(rows(world), 1);
	world_advance(world, 20 * WORLD_MINUTE);
	assert_int_equal(rows(world), 0);
	assert_int_equal(world_files_with(world, token.data, token.len), 0);
	size_t sent = revokes(world);
	world_advance(world, WORLD_DAY);
	assert_int_equal(revokes(world), sent);
	buf_free(&token);
}

static void test_what_does_not_open_is_wiped_too(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_always(world->fake, GOOGLE_REVOKE, 500, NULL);
	end(world, a, true, &ending);
	world_sql(world, "UPDATE revocations SET key_id = 'lost'", NULL);
	size_t sent = revokes(world);
	world_advance(world, 7 * WORLD_DAY - WORLD_MINUTE);
	assert_int_equal(rows(world), 1);
	world_advance(world, 20 * WORLD_MINUTE);
	assert_int_equal(rows(world), 0);
	assert_int_equal(revokes(world), sent);
}

static void test_clock_set_back(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_always(world->fake, GOOGLE_REVOKE, 500, NULL);
	end(world, a, true, &ending);
	world->wall -= 30 * WORLD_DAY;
	world_advance(world, WORLD_DAY);
	assert_int_equal(rows(world), 1);
	world->wall += 30 * WORLD_DAY;
	size_t sent = revokes(world);
	world_advance(world, 2 * WORLD_HOUR);
	assert_true(revokes(world) > sent);
}

static void test_reconnecting_takes_the_revocation_back(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	char again[ID_TEXT_SIZE];
	fake_always(world->fake, GOOGLE_REVOKE, 500, NULL);
	end(world, a, true, &ending);
	assert_int_equal(rows(world), 1);
	world_connect(world, acme, "alice", again);
	assert_string_equal(again, a);
	assert_int_equal(rows(world), 0);
	world_expect_state(world, a, "connected", "");
	assert_int_equal(world_number(world, "SELECT count(*) FROM connections WHERE active = 1 AND disconnected_at = 0", NULL), 1);
	assert_int_equal(world_number(world, "SELECT live FROM grants", NULL), 1);
	size_t sent = revokes(world);
	world_advance(world, WORLD_DAY);
	assert_int_equal(revokes(world), sent);
}

static void test_reconnecting_while_it_is_under_way(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_REVOKE, .hang = true, .uses = 1 });
	start(world, a, true, &ending);
	world_run(world);
	world_connect(world, acme, "alice", a);
	fake_always(world->fake, GOOGLE_REVOKE, 503, NULL);
	fake_let_go(world->fake, GOOGLE_REVOKE);
	world_until(world, &ending.done, WORLD_MINUTE);
	assert_false(ending.outcome.ok);
	world_advance(world, WORLD_DAY);
	assert_int_equal(revokes(world), 1);
	world_expect_state(world, a, "connected", "");
}

static void test_many_rows(void **state)
{
	enum { COUNT = 40 };
	static struct ending endings[COUNT];
	struct world *world = *state;
	fake_always(world->fake, GOOGLE_REVOKE, 503, NULL);
	for (int i = 0; i < COUNT; i++) {
		char account[16], id[ID_TEXT_SIZE];
		(void)snprintf(account, sizeof account, "p%d", i);
		world_connect(world, acme, account, id);
		start(world, id, true, &endings[i]);
	}
	world_quiet(world, WORLD_MINUTE);
	assert_int_equal(rows(world), COUNT);
	fake_always(world->fake, GOOGLE_REVOKE, 200, NULL);
	world_advance(world, 5 * WORLD_MINUTE);
	assert_int_equal(rows(world), 0);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_last_one_revokes),
		TEST(test_row_survives_a_crash),
		TEST(test_failed_commit),
		TEST(test_nothing_sealed_stays),
		TEST(test_sibling_keeps_the_grant),
		TEST(test_never),
		TEST(test_again_changes_nothing),
		TEST(test_over_already_or_locked),
		TEST(test_provider_down),
		TEST(test_gone_at_the_provider),
		TEST(test_seven_days),
		TEST(test_what_does_not_open_is_wiped_too),
		TEST(test_clock_set_back),
		TEST(test_reconnecting_takes_the_revocation_back),
		TEST(test_reconnecting_while_it_is_under_way),
		TEST(test_many_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
