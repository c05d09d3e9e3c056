/* A day without the provider, for a thousand connections (STORIES.md b.5): nobody is asked to consent again, paused or disconnected; the
 * provider is probed, not hammered; when it is back, everybody is well again soon, without a herd. */
#include "store/connections.h"
#include "tests/support/sim_google.h"
#include "tests/support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { FLEET = 1000, PROBES_A_DAY_MAX = 3000, RECOVERY_PEAK_MAX = 12 };

static struct sim_google google;

static void connect_fleet(struct world *world, int count)
{
	char workspace[ID_TEXT_SIZE], id[ID_TEXT_SIZE], code[16];
	sim_google_open(&google, &world->core);
	world->core.transport = sim_google_transport(&google);
	world_schedule(world);
	world_workspace(world, "acme", workspace);
	for (int i = 0; i < count; i++) {
		(void)snprintf(code, sizeof code, "a%d", i);
		world_connect(world, workspace, code, id);
	}
}

static int64_t in_state(struct world *world, enum connection_state state)
{
	struct connection_counts counts;
	struct err err;
	assert_int_equal(store_connection_counts(world->core.store, NULL, &counts, &err), 0);
	world_run(world);
	return counts.by_state[state];
}

static void check_nobody_is_lost(struct world *world)
{
	assert_int_equal(in_state(world, STATE_REAUTH_REQUIRED), 0);
	assert_int_equal(in_state(world, STATE_PAUSED), 0);
	assert_int_equal(in_state(world, STATE_DISCONNECTED), 0);
	assert_int_equal(in_state(world, STATE_BLOCKED), 0);
}

struct oldest {
	int64_t last_sync;
};

static void take_oldest(void *arg, const struct connection_row *row)
{
	struct oldest *oldest = arg;
	if (oldest->last_sync == 0 || row->last_sync < oldest->last_sync)
		oldest->last_sync = row->last_sync;
}

/* The time of the sync that lies furthest back. */
static int64_t oldest_sync(struct world *world)
{
	const struct store_page page = { .limit = 1 };
	const struct connection_filter filter = { .state = -1, .sort = SORT_LAST_SYNC };
	struct oldest oldest = { 0 };
	struct store_page_end end;
	struct err err;
	assert_int_equal(store_connection_list(world->core.store, &page, &filter, take_oldest, &oldest, &end, &err), 0);
	world_run(world);
	return oldest.last_sync;
}

static void test_a_day_without_the_provider(void **state)
{
	struct world *world = *state;
	connect_fleet(world, FLEET);
	world_advance(world, 3 * WORLD_HOUR);
	assert_int_equal(in_state(world, STATE_CONNECTED), FLEET);
	assert_true(google.refreshes >= 2 * FLEET);

	google.down = true;
	int64_t before = google.requests;
	for (int hour = 0; hour < 24; hour++) {
		world_advance(world, WORLD_HOUR);
		check_nobody_is_lost(world);
	}
	assert_true(world->core.breaker.open);
	print_message("outage: %lld requests in 24 h\n", (long long)(google.requests - before));
	assert_in_range(google.requests - before, 100, PROBES_A_DAY_MAX);

	google.down = false;
	sim_google_watch(&google);
	int64_t back = world->wall;
	while (oldest_sync(world) < back && world->wall < back + 10 * WORLD_MINUTE)
		world_advance(world, 10 * WORLD_SECOND);
	print_message("recovery: %lld s, peak %lld requests in a second\n", (long long)(world->wall - back) / 1000,
	              (long long)google.peak);
	assert_true(oldest_sync(world) >= back);
	assert_in_range(google.peak, 1, RECOVERY_PEAK_MAX);
	check_nobody_is_lost(world);
	assert_int_equal(in_state(world, STATE_CONNECTED), FLEET);
	assert_false(world->core.breaker.open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_day_without_the_provider, world_setup, world_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
