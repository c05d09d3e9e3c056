/* The scheduler where something stands in its way: a store that does not commit, a breaker that is open, pauses, consents that come
 * back, a clock that is set. */
#include "daemon/sync/refresh.h"
#include "store/connections.h"
#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE];

static int open_world(void **state)
{
	static struct world world;
	world_open(&world);
	world_workspace(&world, "acme", acme);
	world_workspace(&world, "globex", globex);
	world_schedule(&world);
	*state = &world;
	return 0;
}

struct seen {
	int64_t next_run_at, attempts;
	enum job_state state;
};

static void take_seen(void *arg, const struct job_row *row)
{
	*(struct seen *)arg = (struct seen){ row->next_run_at, row->attempts, row->state };
}

static struct seen look(struct world *world, enum job_kind kind, const char *connection_id)
{
	struct seen seen = { 0 };
	struct err err;
	assert_int_equal(store_job_find(world->core.store, kind, connection_id, take_seen, &seen, &err), 0);
	world_run(world);
	return seen;
}

/* Minutes from now until a job runs. */
static int64_t minutes_to(struct world *world, enum job_kind kind, const char *connection_id)
{
	return (look(world, kind, connection_id).next_run_at - world->wall) / WORLD_MINUTE;
}

static void put(struct world *world, enum job_kind kind, const char *connection_id, int64_t at)
{
	struct err err;
	assert_int_equal(store_job_put(world->core.store, kind, connection_id, at, "manual", &err), 0);
	world->core.jobs_moved = true;
}

static void test_a_store_that_cannot_commit_is_not_hammered(void **state)
{
	enum { MANY = 2000, IN_A_MINUTE = 40 };
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", id);
	put(world, JOB_CALENDAR_SYNC, id, world->wall - 1);
	put(world, JOB_TOKEN_REFRESH, NULL, world->wall - 1);
	int64_t lists = (int64_t)fake_count(world->fake, GOOGLE_CALENDARS);
	assert_int_equal(store_tick_end(world->core.store, NULL), 0);
	world_fail_commits(world, MANY);
	world_advance(world, WORLD_MINUTE);
	assert_in_range(MANY - world->failing_commits, 1, IN_A_MINUTE);
	/* Works again within seconds. */
	world_fail_commits(world, 0);
	world_advance(world, 10 * WORLD_SECOND);
	assert_int_equal(fake_count(world->fake, GOOGLE_CALENDARS), lists + 1);
}

static void test_the_sweep_does_not_wait_for_the_provider(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", id);
	world->core.breaker = (struct breaker){ .open = true, .next_probe_at = world->boot + 10 * WORLD_HOUR };
	put(world, JOB_CALENDAR_SYNC, id, world->wall - WORLD_MINUTE);
	world_advance(world, WORLD_HOUR);
	assert_true(look(world, JOB_TOKEN_REFRESH, NULL).next_run_at > world->wall);
	assert_true(world_number(world, "SELECT count(*) FROM runs WHERE connection_id IS NULL", NULL) > 3);
}

static void test_a_pause_ends_in_time(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", id);
	size_t lists = fake_count(world->fake, GOOGLE_CALENDARS);
	put(world, JOB_CALENDAR_SYNC, id, world->wall + WORLD_MINUTE);
	world_run(world);
	scheduler_pause(world->scheduler, world->wall + 5 * WORLD_MINUTE);
	world_advance(world, 4 * WORLD_MINUTE);
	assert_int_equal(fake_count(world->fake, GOOGLE_CALENDARS), lists);
	world_advance(world, 90 * WORLD_SECOND);
	assert_int_equal(fake_count(world->fake, GOOGLE_CALENDARS), lists + 1);
}

static void ignore_refresh(void *arg, const struct refresh_outcome *outcome)
{
	*(bool *)arg = outcome->token_err.code == ERR_NONE && outcome->sync_err.code == ERR_NONE;
}

static void refresh(struct world *world, const char *id)
{
	static bool well;
	struct err err;
	well = false;
	assert_int_equal(refresh_run(&world->core, id, ignore_refresh, &well, &err), 0);
	world_until(world, &well, WORLD_MINUTE);
}

static void test_an_interval_of_its_own_outlives_a_refresh(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	struct err err;
	world_connect(world, acme, "alice", id);
	assert_int_equal(scheduler_set_interval(world->scheduler, JOB_CALENDAR_SYNC, id, 5 * WORLD_MINUTE, &err), 0);
	world_run(world);
	refresh(world, id);
	assert_in_range(minutes_to(world, JOB_CALENDAR_SYNC, id), 4, 5);
}

static void test_no_interval_puts_off_a_refresh(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	struct err err;
	world_connect(world, acme, "alice", id);
	assert_int_equal(scheduler_set_interval(world->scheduler, JOB_TOKEN_REFRESH, id, WORLD_DAY, &err), 0);
	world_run(world);
	assert_in_range(minutes_to(world, JOB_TOKEN_REFRESH, id), 44, 50);
}

static void test_a_refresh_moves_the_next_one(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", id);
	world_advance(world, 20 * WORLD_MINUTE);
	refresh(world, id);
	assert_in_range(minutes_to(world, JOB_TOKEN_REFRESH, id), 44, 50);
}

/* Overdue: more than 15 minutes or its interval late, of what is shown as next_refresh_at and next_sync_at. */
static void test_overdue(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE], run[ID_TEXT_SIZE];
	struct err err;
	world_connect(world, acme, "alice", id);
	scheduler_pause(world->scheduler, 0);
	put(world, JOB_CALENDAR_SYNC, id, world->wall - 59 * WORLD_MINUTE);
	put(world, JOB_FULL_SYNC, id, world->wall - 3 * WORLD_DAY);
	assert_int_equal(scheduler_run_now(world->scheduler, JOB_TOKEN_REFRESH, NULL, run, &err), 0);
	world_run(world);
	world_expect_state(world, id, "connected", "");
	put(world, JOB_CALENDAR_SYNC, id, world->wall - 61 * WORLD_MINUTE);
	assert_int_equal(scheduler_run_now(world->scheduler, JOB_TOKEN_REFRESH, NULL, run, &err), 0);
	world_run(world);
	world_expect_state(world, id, "degraded", "overdue/calendar_sync");
	/* Whoever does by hand what is overdue has caught up. */
	refresh(world, id);
	world_expect_state(world, id, "connected", "");
}

static void test_a_new_consent_wakes_its_siblings(void **state)
{
	struct world *world = *state;
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
	struct world_outcome outcome;
	world_connect(world, acme, "alice", a);
	world_connect(world, globex, "alice", b);
	fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
	world_advance(world, 2 * WORLD_HOUR);
	world_expect_state(world, b, "reauth_required", "grant_revoked/token");
	assert_true(minutes_to(world, JOB_CALENDAR_SYNC, b) > 20 * 60);
	/* As after a restore, too, when its jobs were planned for later. */
	put(world, JOB_TOKEN_REFRESH, b, world->wall + 12 * WORLD_HOUR);
	world_consent(world, acme, a, "alice", &outcome);
	world_expect_state(world, b, "connected", "");
	world_advance(world, 2 * WORLD_MINUTE);
	assert_in_range(minutes_to(world, JOB_CALENDAR_SYNC, b), 0, 60);
	assert_in_range(minutes_to(world, JOB_TOKEN_REFRESH, b), 0, 50);
}

static void test_a_first_list_that_failed_is_tried_again_soon(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_CALENDARS, .status = 500, .uses = 2 });
	world_connect(world, acme, "alice", id);
	world_expect_state(world, id, "degraded", "provider_down/calendar_list");
	world_advance(world, 3 * WORLD_MINUTE);
	world_expect_state(world, id, "connected", "");
	assert_in_range(minutes_to(world, JOB_CALENDAR_SYNC, id), 50, 60);
}

static void test_what_a_stop_cut_off_runs_at_the_next_start(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", id);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_CALENDARS, .hang = true, .uses = 1 });
	put(world, JOB_CALENDAR_SYNC, id, world->wall);
	world_run(world);
	assert_int_equal(look(world, JOB_CALENDAR_SYNC, id).state, JOB_RUNNING);
	world_restart(world);
	assert_in_range(look(world, JOB_CALENDAR_SYNC, id).next_run_at, 1, world->wall + WORLD_MINUTE);
}

/* It goes on as it would have: soon enough, and not all at once. */
static void expect_the_usual(struct world *world)
{
	size_t lists = fake_count(world->fake, GOOGLE_CALENDARS), tokens = fake_count(world->fake, GOOGLE_TOKEN);
	world_run(world);
	assert_in_range(fake_count(world->fake, NULL), lists + tokens, lists + tokens + 4);
	lists = fake_count(world->fake, GOOGLE_CALENDARS);
	tokens = fake_count(world->fake, GOOGLE_TOKEN);
	world_advance(world, 4 * WORLD_HOUR);
	assert_in_range(fake_count(world->fake, GOOGLE_CALENDARS) - lists, 6, 12);
	assert_in_range(fake_count(world->fake, GOOGLE_TOKEN) - tokens, 6, 16);
	assert_in_range(minutes_to(world, JOB_TOKEN_REFRESH, NULL), 0, 15);
}

static void connect_two(struct world *world)
{
	char id[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", id);
	world_advance(world, 20 * WORLD_MINUTE);
	world_connect(world, acme, "bob", id);
	world_advance(world, 2 * WORLD_HOUR);
}

/* The clock was a year ahead, and is put right. */
static void test_a_clock_that_is_put_back(void **state)
{
	struct world *world = *state;
	connect_two(world);
	world->wall -= 365 * WORLD_DAY;
	world_advance(world, 20 * WORLD_MINUTE);
	expect_the_usual(world);
}

static void test_a_clock_that_is_put_back_between_two_lives(void **state)
{
	struct world *world = *state;
	connect_two(world);
	world->wall -= 365 * WORLD_DAY;
	world_restart(world);
	world_schedule(world);
	assert_in_range(minutes_to(world, JOB_CLEANUP, NULL), 6 * 24 * 60, 7 * 24 * 60);
	/* Not once more: the last run is of today. */
	world_restart(world);
	world_schedule(world);
	assert_in_range(minutes_to(world, JOB_CLEANUP, NULL), 6 * 24 * 60, 7 * 24 * 60);
	world_advance(world, 4 * WORLD_HOUR);
	assert_in_range(fake_count(world->fake, GOOGLE_CALENDARS), 6, 12);
	assert_in_range(fake_count(world->fake, GOOGLE_TOKEN), 6, 16);
}

/* What is under way has its lease counted in time that passes. */
static void test_a_clock_that_is_put_forward(void **state)
{
	struct world *world = *state;
	char id[ID_TEXT_SIZE];
	world_connect(world, acme, "alice", id);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_CALENDARS, .hang = true, .uses = 1 });
	put(world, JOB_CALENDAR_SYNC, id, world->wall);
	world_run(world);
	world->wall += WORLD_HOUR / 2;
	put(world, JOB_TOKEN_REFRESH, NULL, world->wall);
	world_run(world);
	assert_int_equal(look(world, JOB_CALENDAR_SYNC, id).state, JOB_RUNNING);
	/* Until it runs out. */
	world_advance(world, 20 * WORLD_MINUTE);
	assert_int_equal(look(world, JOB_CALENDAR_SYNC, id).state, JOB_SCHEDULED);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_store_that_cannot_commit_is_not_hammered),
		TEST(test_the_sweep_does_not_wait_for_the_provider),
		TEST(test_a_pause_ends_in_time),
		TEST(test_an_interval_of_its_own_outlives_a_refresh),
		TEST(test_no_interval_puts_off_a_refresh),
		TEST(test_a_refresh_moves_the_next_one),
		TEST(test_overdue),
		TEST(test_a_new_consent_wakes_its_siblings),
		TEST(test_a_first_list_that_failed_is_tried_again_soon),
		TEST(test_what_a_stop_cut_off_runs_at_the_next_start),
		TEST(test_a_clock_that_is_put_back),
		TEST(test_a_clock_that_is_put_back_between_two_lives),
		TEST(test_a_clock_that_is_put_forward),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
