/* The counters kept by triggers against a recount, after random work with units and ticks that are undone. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/calendars.h"
#include "store/workspaces.h"

#include <stdio.h>
#include <string.h>

#define STEPS 4000
#define PLACES 12 /* subjects in each workspace */
#define WORKSPACES 4

struct world {
	struct store_fixture fixture;
	uint64_t random;
	char workspaces[WORKSPACES][ID_TEXT_SIZE];
	char connection[ID_TEXT_SIZE]; /* the one drawn, "" if that place is empty */
};

static int draw(struct world *world, int below)
{
	world->random = world->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((world->random >> 33) % (uint64_t)below);
}

static void take_id(void *arg, const struct connection_row *row)
{
	memcpy(arg, row->id, ID_TEXT_SIZE);
}

static void take_state(void *arg, const struct workspace_row *row)
{
	int64_t *live = arg;
	for (int i = STATE_PAUSED; i < STATE_COUNT; i++)
		*live += row->by_state[i];
}

/* Draw a place; make its workspace and sometimes its connection if they are not there. */
static void pick(struct world *world)
{
	struct err err = { 0 };
	struct store *store = world->fixture.store;
	int w = draw(world, WORKSPACES);
	char slug[16], subject[16];
	(void)snprintf(slug, sizeof slug, "w%d", w);
	(void)snprintf(subject, sizeof subject, "s%d", draw(world, PLACES));
	world->connection[0] = '\0';
	/* What was undone is not there any more, whatever we remember. */
	if (store_workspace_get(store, slug, true, NULL, NULL, &err) < 0)
		store_fixture_workspace(&world->fixture, slug, world->workspaces[w]);
	if (store_connection_find(store, world->workspaces[w], "google", subject, take_id, world->connection, &err) == 0)
		return;
	assert_int_equal(err.code, ERR_NOT_FOUND);
	const struct connection_new in = { .workspace_id = world->workspaces[w], .provider = "google", .account_email = subject,
		                           .subject = subject };
	check_ok(store_connection_create(store, &in, world->connection, &err), &err);
}

static void work(struct world *world)
{
	static const char *const codes[] = { "provider_down", "overdue", "rate_user" };
	struct err err = { 0 };
	struct store *store = world->fixture.store;
	char external[16];
	bool changed;
	int64_t mark, gone;
	(void)snprintf(external, sizeof external, "e%d", draw(world, 5));
	const struct sync_error_new trouble = { .connection_id = world->connection, .code = codes[draw(world, 3)],
		                                .operation = draw(world, 2) ? "token" : NULL };
	const struct calendar_seen seen = { .external_id = external, .summary = draw(world, 2) ? "a" : "b" };
	enum calendar_change change;
	switch (draw(world, 8)) {
	case 0:
	case 1:
		check_ok(store_connection_set_state(store, world->connection, (enum connection_state)draw(world, STATE_COUNT), NULL,
		                                    &err), &err);
		break;
	case 2:
		check_ok(store_sync_error_open(store, &trouble, &err), &err);
		break;
	case 3:
		check_ok(store_sync_error_resolve(store, world->connection, draw(world, 2) ? trouble.code : NULL, NULL, &err), &err);
		break;
	case 4:
	case 5:
		check_ok(store_calendar_put(store, world->connection, &seen, &change, &err), &err);
		break;
	case 6:
		check_ok(store_calendar_mark_gone(store, world->connection, external, &changed, &err), &err);
		break;
	default:
		check_ok(store_calendar_sweep_begin(store, world->connection, &mark, &err), &err);
		check_ok(store_calendar_put(store, world->connection, &seen, &change, &err), &err);
		check_ok(store_calendar_sweep_end(store, world->connection, mark, &gone, &err), &err);
	}
}

static void delete_workspace(struct world *world)
{
	struct err err = { 0 };
	char slug[16], subject[16];
	int w = draw(world, WORKSPACES);
	int64_t live = 0;
	(void)snprintf(slug, sizeof slug, "w%d", w);
	if (store_workspace_get(world->fixture.store, slug, true, take_state, &live, &err) < 0)
		return;
	for (int i = 0; i < PLACES; i++) {
		char id[ID_TEXT_SIZE];
		(void)snprintf(subject, sizeof subject, "s%d", i);
		if (store_connection_find(world->fixture.store, world->workspaces[w], "google", subject, take_id, id, &err) == 0)
			check_ok(store_connection_detach(world->fixture.store, id, &err), &err);
	}
	check_ok(store_workspace_delete(world->fixture.store, world->workspaces[w], &err), &err);
}

static void check_counters(struct world *world)
{
	static const char *const wrong[] = {
		"SELECT count(*) FROM connections c WHERE sync_errors <> "
		"(SELECT count(*) FROM sync_errors e WHERE e.connection_id = c.id AND e.resolved_at = 0)",
		"SELECT count(*) FROM connections c WHERE calendars <> "
		"(SELECT count(*) FROM calendars k WHERE k.connection_id = c.id AND k.state = 'ok')",
		"SELECT count(*) FROM workspace_states s WHERE n <> "
		"(SELECT count(*) FROM connections c WHERE c.workspace_id = s.workspace_id AND c.state = s.state)",
		"SELECT (SELECT count(*) FROM connections) - (SELECT coalesce(sum(n), 0) FROM workspace_states)",
		"SELECT count(*) FROM (SELECT 1 FROM sync_errors WHERE resolved_at = 0 GROUP BY connection_id, code, operation "
		"HAVING count(*) > 1)",
		"SELECT count(*) FROM pragma_foreign_key_check",
	};
	char text[64];
	struct err err = { 0 };
	store_close(world->fixture.store);
	world->fixture.store = NULL;
	/* Rows may also go by themselves. */
	store_fixture_sql(&world->fixture, "DELETE FROM sync_errors WHERE id IN (SELECT max(id) FROM sync_errors WHERE resolved_at = 0)",
	                  NULL, 0);
	store_fixture_sql(&world->fixture, "DELETE FROM calendars WHERE id IN (SELECT max(id) FROM calendars WHERE state = 'ok')",
	                  NULL, 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		store_fixture_sql(&world->fixture, wrong[i], text, sizeof text);
		assert_string_equal(text, "0");
	}
	store_fixture_sql(&world->fixture, "PRAGMA integrity_check", text, sizeof text);
	assert_string_equal(text, "ok");
	check_ok(store_fixture_try(&world->fixture, &err), &err);
}

static void test_random_work(void **state)
{
	struct world world = { .random = 7 };
	struct err err = { 0 };
	(void)state;
	store_fixture_open(&world.fixture);
	for (int i = 0; i < WORKSPACES; i++) {
		char slug[16];
		(void)snprintf(slug, sizeof slug, "w%d", i);
		store_fixture_workspace(&world.fixture, slug, world.workspaces[i]);
	}
	store_fixture_commit(&world.fixture);
	for (int step = 1; step <= STEPS; step++) {
		world.fixture.now++;
		if (draw(&world, 100) == 0) {
			delete_workspace(&world);
		} else {
			pick(&world);
			bool unit = draw(&world, 3) == 0;
			if (unit)
				check_ok(store_unit_begin(world.fixture.store, &err), &err);
			for (int i = draw(&world, 4); i >= 0; i--)
				work(&world);
			if (unit)
				check_ok(store_unit_end(world.fixture.store, draw(&world, 2), NULL, &err), &err);
		}
		if (draw(&world, 10) == 0)
			store_fixture_commit(&world.fixture);
		if (step % 1000 == 0)
			check_counters(&world);
	}
	store_fixture_close(&world.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
