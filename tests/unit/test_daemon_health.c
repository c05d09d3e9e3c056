/* Health: every combination of what counts, against the table of CONTRACT.md section 6; and the one place that writes it. */
#include "daemon/health.h"

#include "ipc/base/strutil.h"
#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MINUTE = 60000 };

/* The contract's table, typed in again. */
static const struct {
	struct health_reason reason;
	enum connection_state state;
} table[] = {
	{ { .reason = REASON_GRANT_REVOKED }, STATE_REAUTH_REQUIRED },
	{ { .reason = REASON_GRANT_EXPIRED_TESTING }, STATE_REAUTH_REQUIRED },
	{ { .reason = REASON_GRANT_INCOMPLETE }, STATE_REAUTH_REQUIRED },
	{ { .reason = REASON_GRANT_MISSING }, STATE_REAUTH_REQUIRED },
	{ { .reason = REASON_SCOPE_MISSING }, STATE_DEGRADED },
	{ { .reason = REASON_SCOPE_MISSING, .essential = true }, STATE_REAUTH_REQUIRED },
	{ { .reason = REASON_APP_MISCONFIGURED }, STATE_BLOCKED },
	{ { .reason = REASON_UNDECRYPTABLE }, STATE_BLOCKED },
	{ { .reason = REASON_PROVIDER_DOWN, .count = 1 }, STATE_DEGRADED },
	{ { .reason = REASON_PROVIDER_DOWN, .count = 3, .last_at = 3 * MINUTE }, STATE_FAILING },
	{ { .reason = REASON_PROVIDER_REJECTED, .count = 1 }, STATE_FAILING },
	{ { .reason = REASON_RATE_USER, .count = 99, .last_at = 99 * MINUTE }, STATE_DEGRADED },
	{ { .reason = REASON_RATE_PROJECT, .count = 99, .last_at = 99 * MINUTE }, STATE_DEGRADED },
	{ { .reason = REASON_USAGE_LIMIT, .count = 99, .last_at = 99 * MINUTE }, STATE_DEGRADED },
	{ { .reason = REASON_CALENDAR_GONE }, STATE_DEGRADED },
	{ { .reason = REASON_CALENDAR_FORBIDDEN }, STATE_DEGRADED },
	{ { .reason = REASON_OVERDUE }, STATE_DEGRADED },
	{ { .reason = REASON_CURSOR_EXPIRED }, STATE_CONNECTED },
	{ { .reason = REASON_REFRESH_RACE_LOST }, STATE_CONNECTED },
	{ { .reason = REASON_INTERRUPTED }, STATE_CONNECTED },
};
enum { TABLE_COUNT = sizeof table / sizeof table[0] };

static void test_each_reason(void **state)
{
	bool seen[REASON_COUNT] = { false };
	(void)state;
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		assert_int_equal(health_reason_state(&table[i].reason), table[i].state);
		seen[table[i].reason.reason] = true;
	}
	for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++)
		assert_true(seen[reason]);
	assert_int_equal(health_reason_state(&(struct health_reason){ .reason = REASON_NONE }), STATE_CONNECTED);
}

static void test_failing_takes_three_and_three_minutes(void **state)
{
	(void)state;
	for (int count = 0; count < 6; count++) {
		for (int64_t span = -MINUTE; span <= 6 * MINUTE; span += 1000) {
			const struct health_reason reason = {
				.reason = REASON_PROVIDER_DOWN, .count = count, .first_at = 1000000, .last_at = 1000000 + span
			};
			bool failing = count >= 3 && span >= 3 * MINUTE;
			assert_int_equal(health_reason_state(&reason), failing ? STATE_FAILING : STATE_DEGRADED);
		}
	}
}

/* The precedence in words, checked over every pair and some triples of reasons and every flag. */
static enum connection_state expected(unsigned flags, const size_t *reasons, size_t count)
{
	static const enum connection_state order[] = { STATE_BLOCKED, STATE_REAUTH_REQUIRED, STATE_FAILING, STATE_DEGRADED };
	if (flags & 1)
		return STATE_DISCONNECTED;
	if (flags & 2)
		return STATE_PAUSED;
	for (size_t k = 0; k < 4; k++) {
		for (size_t i = 0; i < count; i++)
			if (table[reasons[i]].state == order[k])
				return order[k];
		if (order[k] == STATE_REAUTH_REQUIRED && !(flags & 4))
			return STATE_REAUTH_REQUIRED;
	}
	return flags & 8 ? STATE_CONNECTED : STATE_PENDING;
}

static void check(unsigned flags, const size_t *picked, size_t count)
{
	struct health_reason reasons[3];
	for (size_t i = 0; i < count; i++)
		reasons[i] = table[picked[i]].reason;
	const struct health_record record = {
		.disconnected = flags & 1,
		.paused = flags & 2,
		.grant_live = flags & 4,
		.synced = flags & 8,
		.reasons = reasons,
		.reason_count = count,
	};
	assert_int_equal(health_state(&record), expected(flags, picked, count));
}

static void test_precedence(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 16; flags++) {
		check(flags, NULL, 0);
		for (size_t i = 0; i < TABLE_COUNT; i++) {
			check(flags, &i, 1);
			for (size_t k = 0; k < TABLE_COUNT; k++) {
				check(flags, (const size_t[]){ i, k }, 2);
				for (size_t m = 0; m < TABLE_COUNT; m++)
					check(flags, (const size_t[]){ i, k, m }, 3);
			}
		}
	}
}

static char acme[ID_TEXT_SIZE], a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], other[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE];

static int open_world(void **state)
{
	static struct world world;
	char globex[ID_TEXT_SIZE];
	world_open(&world);
	world_workspace(&world, "acme", acme);
	world_workspace(&world, "globex", globex);
	world_connect(&world, acme, "alice", a);
	world_connect(&world, globex, "alice", b);
	world_connect(&world, acme, "bob", other);
	world_text(&world, "SELECT grant_id FROM connections WHERE id = :a", a, grant_id, sizeof grant_id);
	*state = &world;
	return 0;
}

static void trouble(struct world *world, const char *id, enum reason reason, const char *operation)
{
	struct err err;
	const struct health_trouble row = { .reason = reason, .operation = operation, .provider_status = 503 };
	assert_int_equal(health_trouble(world->core.store, id, &row, &err), 0);
	world_run(world);
}

static void ok(struct world *world, const char *id, const char *operation)
{
	struct err err;
	assert_int_equal(health_ok(world->core.store, id, operation, &err), 0);
	world_run(world);
}

static void test_dwell(void **state)
{
	struct world *world = *state;
	trouble(world, a, REASON_PROVIDER_DOWN, "token");
	world_expect_state(world, a, "degraded", "provider_down/token");
	world_advance(world, 2 * WORLD_MINUTE);
	trouble(world, a, REASON_PROVIDER_DOWN, "token");
	world_advance(world, WORLD_MINUTE - WORLD_SECOND);
	trouble(world, a, REASON_PROVIDER_DOWN, "token");
	world_expect_state(world, a, "degraded", "provider_down/token");
	world_advance(world, WORLD_SECOND);
	trouble(world, a, REASON_PROVIDER_DOWN, "token");
	world_expect_state(world, a, "failing", "provider_down/token");
	assert_int_equal(world_number(world, "SELECT since FROM connections WHERE id = :a", a), world->wall);
	ok(world, a, "token");
	world_expect_state(world, a, "connected", "");
	/* Consecutive: counting begins anew. */
	trouble(world, a, REASON_PROVIDER_DOWN, "token");
	world_expect_state(world, a, "degraded", "provider_down/token");
	assert_int_equal(world_number(world, "SELECT count FROM sync_errors WHERE resolved_at = 0", NULL), 1);
}

static void test_operations_are_apart(void **state)
{
	struct world *world = *state;
	trouble(world, a, REASON_PROVIDER_DOWN, "token");
	trouble(world, a, REASON_RATE_USER, "calendar_list");
	ok(world, a, "calendar_list");
	world_expect_state(world, a, "degraded", "provider_down/token");
	trouble(world, a, REASON_SCOPE_MISSING, "consent");
	world_expect_state(world, a, "degraded", "provider_down/token scope_missing/consent");
	trouble(world, a, REASON_SCOPE_MISSING, "calendar_list");
	world_expect_state(world, a, "reauth_required", "provider_down/token scope_missing/calendar_list scope_missing/consent");
	world_expect_state(world, b, "connected", "");
}

static void test_since_moves_with_the_state_only(void **state)
{
	struct world *world = *state;
	trouble(world, a, REASON_RATE_USER, "token");
	int64_t since = world->wall;
	world_advance(world, WORLD_HOUR);
	trouble(world, a, REASON_RATE_USER, "token");
	trouble(world, a, REASON_OVERDUE, "refresh");
	assert_int_equal(world_number(world, "SELECT since FROM connections WHERE id = :a", a), since);
}

static void test_whole_grant(void **state)
{
	struct world *world = *state;
	struct err err;
	const struct health_trouble row = { .reason = REASON_GRANT_REVOKED, .operation = "token", .message = "gone" };
	assert_int_equal(health_trouble_grant(world->core.store, grant_id, &row, &err), 0);
	world_expect_state(world, a, "reauth_required", "grant_revoked/token");
	world_expect_state(world, b, "reauth_required", "grant_revoked/token");
	world_expect_state(world, other, "connected", "");
	assert_int_equal(health_ok_grant(world->core.store, grant_id, "token", &err), 0);
	world_expect_state(world, a, "connected", "");
	world_expect_state(world, b, "connected", "");
	world_sql(world, "UPDATE grants SET live = 0 WHERE id = :a", grant_id);
	assert_int_equal(health_update_grant(world->core.store, grant_id, &err), 0);
	world_expect_state(world, a, "reauth_required", "");
	world_expect_state(world, b, "reauth_required", "");
	assert_int_equal(health_trouble(world->core.store, acme, &row, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* More siblings than one step of the copied list holds. */
static void test_many_siblings(void **state)
{
	enum { COUNT = 40 };
	struct world *world = *state;
	struct err err;
	const struct health_trouble row = { .reason = REASON_PROVIDER_DOWN, .operation = "token" };
	for (int i = 0; i < COUNT; i++) {
		char slug[16], workspace[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
		(void)snprintf(slug, sizeof slug, "w%d", i);
		world_workspace(world, slug, workspace);
		world_connect(world, workspace, "alice", id);
	}
	assert_int_equal(health_trouble_grant(world->core.store, grant_id, &row, &err), 0);
	assert_int_equal(world_number(world, "SELECT count(*) FROM connections WHERE state = 'degraded'", NULL), COUNT + 2);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, world_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_reason),
		cmocka_unit_test(test_failing_takes_three_and_three_minutes),
		cmocka_unit_test(test_precedence),
		TEST(test_dwell),
		TEST(test_operations_are_apart),
		TEST(test_since_moves_with_the_state_only),
		TEST(test_whole_grant),
		TEST(test_many_siblings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
