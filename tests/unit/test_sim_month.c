/* A month in the life of a fleet, in virtual time: outages, revocations, reconnections, pauses, disconnections, steps of the wall clock
 * and a DST change. Every connection ends in the state it must, no job starves, and the same seed gives the same month. */
#include "daemon/agenda.h"
#include "daemon/oauth/disconnect.h"
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

enum { FLEET = 40, DAYS = 30 };
/* 2026-03-20T12:00:00Z: Central Europe changes its clocks on the 29th, nine days in. */
#define MONTH_START ((int64_t)1774008000000)

/* What a connection must be at the end, kept by the test alone. */
struct fate {
	char id[ID_TEXT_SIZE];
	bool revoked, paused, disconnected;
};

struct month {
	struct world *world;
	struct sim_google google;
	struct fate fates[FLEET];
	char workspace[ID_TEXT_SIZE];
	int events[6];
};

static void open_month(struct month *month, struct world *world)
{
	char code[16];
	*month = (struct month){ .world = world };
	world->wall = MONTH_START;
	sim_google_open(&month->google, &world->core);
	world->core.transport = sim_google_transport(&month->google);
	world_schedule(world);
	world_workspace(world, "acme", month->workspace);
	for (int i = 0; i < FLEET; i++) {
		(void)snprintf(code, sizeof code, "a%d", i);
		world_connect(world, month->workspace, code, month->fates[i].id);
	}
}

static void ignore_disconnect(void *arg, const struct disconnect_outcome *outcome)
{
	(void)arg;
	(void)outcome;
}

static void outage(struct month *month)
{
	month->google.down = true;
	world_advance(month->world, WORLD_HOUR + rng_below(&month->world->rng, 5 * WORLD_HOUR));
	month->google.down = false;
}

static void revoke(struct month *month, int i)
{
	if (month->fates[i].disconnected)
		return;
	month->google.revoked[i] = true;
	month->fates[i].revoked = true;
}

static void reconnect(struct month *month, int i)
{
	char code[16], id[ID_TEXT_SIZE];
	(void)snprintf(code, sizeof code, "a%d", i);
	world_connect(month->world, month->workspace, code, id);
	assert_string_equal(id, month->fates[i].id);
	month->fates[i].revoked = month->fates[i].disconnected = false;
}

static void pause_or_resume(struct month *month, int i)
{
	struct fate *fate = &month->fates[i];
	struct err err;
	if (fate->disconnected)
		return;
	int status = fate->paused ? agenda_resumed(&month->world->core, fate->id, "ada", &err)
	                          : agenda_paused(&month->world->core, fate->id, "ada", 0, "holidays", &err);
	assert_int_equal(status, 0);
	fate->paused = !fate->paused;
	world_run(month->world);
}

static void disconnect(struct month *month, int i)
{
	struct err err;
	assert_int_equal(disconnect_run(&month->world->core, month->fates[i].id, true, ignore_disconnect, NULL, &err), 0);
	month->fates[i].disconnected = true;
	world_advance(month->world, WORLD_MINUTE);
}

/* Somebody sets the clock: forwards by hours, or back. */
static void step_clock(struct month *month)
{
	int64_t step = rng_below(&month->world->rng, 6 * WORLD_HOUR) - 2 * WORLD_HOUR;
	month->world->wall += step;
	world_run(month->world);
}

static void one_event(struct month *month)
{
	int what = (int)rng_below(&month->world->rng, 6), who = (int)rng_below(&month->world->rng, FLEET);
	month->events[what]++;
	switch (what) {
	case 0: outage(month); break;
	case 1: revoke(month, who); break;
	case 2: reconnect(month, who); break;
	case 3: pause_or_resume(month, who); break;
	case 4: disconnect(month, who); break;
	default: step_clock(month); break;
	}
}

static void check_job(void *arg, const struct job_row *row)
{
	struct month *month = arg;
	int64_t interval = row->kind == JOB_FULL_SYNC ? WORLD_DAY : WORLD_HOUR;
	if (row->state == JOB_RUNNING)
		fail_msg("a %s still runs", job_kind_name(row->kind));
	/* Nothing is left lying, and nothing is planned for a time that will not come. */
	if (row->state == JOB_SCHEDULED)
		assert_in_range(row->next_run_at, month->world->wall - 10 * WORLD_MINUTE, month->world->wall + interval + WORLD_HOUR);
}

static void take_row(void *arg, const struct connection_row *row)
{
	memcpy(arg, row, sizeof *row);
}

static void check_fate(struct month *month, const struct fate *fate)
{
	static const enum job_kind kinds[] = { JOB_TOKEN_REFRESH, JOB_CALENDAR_SYNC, JOB_FULL_SYNC };
	struct store *store = month->world->core.store;
	struct connection_row row;
	struct err err;
	assert_int_equal(store_connection_get(store, fate->id, take_row, &row, &err), 0);
	enum connection_state want = fate->disconnected ? STATE_DISCONNECTED
	                             : fate->paused     ? STATE_PAUSED
	                             : fate->revoked    ? STATE_REAUTH_REQUIRED
	                                                : STATE_CONNECTED;
	if (row.state != want)
		fail_msg("%s is %s, not %s", fate->id, connection_state_name(row.state), connection_state_name(want));
	if (want == STATE_CONNECTED) {
		assert_in_range(row.last_sync, month->world->wall - 2 * WORLD_HOUR, month->world->wall);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(store_job_find(store, kinds[i], fate->id, check_job, month, &err), 0);
	}
	world_run(month->world);
}

/* One month; what it came to, as a text to compare. */
static void live_a_month(struct buf *summary)
{
	static struct world world;
	static struct month month;
	world_open(&world);
	open_month(&month, &world);
	int64_t end = world.boot + DAYS * WORLD_DAY;
	while (world.boot < end) {
		world_advance(&world, WORLD_HOUR + rng_below(&world.rng, 12 * WORLD_HOUR));
		one_event(&month);
	}
	/* A quiet day, so that everything can come right again. */
	world_advance(&world, WORLD_DAY + 2 * WORLD_HOUR);
	for (int i = 0; i < FLEET; i++)
		check_fate(&month, &month.fates[i]);
	for (int i = 0; i < 6; i++)
		assert_true(month.events[i] > 0);
	buf_printf(summary, "%lld requests, %lld refreshes, %lld refused, %lld ms\n", (long long)month.google.requests,
	           (long long)month.google.refreshes, (long long)month.google.refused, (long long)world.wall);
	for (int i = 0; i < FLEET; i++)
		buf_printf(summary, "%s %d%d%d\n", month.fates[i].id, month.fates[i].revoked, month.fates[i].paused,
		           month.fates[i].disconnected);
	assert_int_equal(month.google.in_flight, 0);
	world_close(&world);
}

static void test_a_month_comes_right_and_can_be_lived_again(void **state)
{
	struct buf first = { 0 }, second = { 0 };
	(void)state;
	live_a_month(&first);
	print_message("%.*s\n", (int)strcspn(buf_text(&first), "\n"), buf_text(&first));
	live_a_month(&second);
	assert_string_equal(buf_text(&first), buf_text(&second));
	buf_free(&first);
	buf_free(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_month_comes_right_and_can_be_lived_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
