/* Calendars: put, gone, the sweep of a full list, updates, lists. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/calendars.h"

#include <stdio.h>
#include <string.h>

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

struct world {
	struct store_fixture fixture;
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
};

struct story {
	int rows;
	char text[512], id[ID_TEXT_SIZE];
	int64_t version;
	bool active, primary;
};

static void setup(struct world *world)
{
	store_fixture_open(&world->fixture);
	store_fixture_workspace(&world->fixture, "acme", world->acme);
	store_fixture_workspace(&world->fixture, "globex", world->globex);
	store_fixture_connection(&world->fixture, world->acme, "a@example.com", world->a);
	store_fixture_connection(&world->fixture, world->globex, "b@example.com", world->b);
}

static void put(struct world *world, const char *connection, const char *external, const char *summary,
                enum calendar_change expected)
{
	const struct calendar_seen seen = { .external_id = external, .summary = summary, .time_zone = "UTC",
		                            .primary = strcmp(external, "primary") == 0 };
	enum calendar_change change;
	struct err err = { 0 };
	check_ok(store_calendar_put(world->fixture.store, connection, &seen, &change, &err), &err);
	assert_int_equal(change, expected);
}

static void take(void *arg, const struct calendar_row *row)
{
	struct story *story = arg;
	size_t len = strlen(story->text);
	(void)snprintf(story->text + len, sizeof story->text - len, "%s(%s) ", row->name, row->state);
	story->rows++;
	memcpy(story->id, row->id, ID_TEXT_SIZE);
	story->version = row->version;
	story->active = row->active;
	story->primary = row->primary;
	assert_int_equal(row->connection_state, STATE_PENDING);
	assert_non_null(row->connection_email);
}

static struct story of_connection(struct world *world, const char *connection)
{
	struct story story = { .rows = 0 };
	struct err err = { 0 };
	check_ok(store_calendar_of_connection(world->fixture.store, connection, take, &story, &err), &err);
	return story;
}

static void take_count(void *arg, const struct connection_row *row)
{
	*(int64_t *)arg = row->calendars;
}

static int64_t counted(struct world *world, const char *connection)
{
	int64_t count = -1;
	struct err err = { 0 };
	check_ok(store_connection_get(world->fixture.store, connection, take_count, &count, &err), &err);
	return count;
}

static void test_put(void **state)
{
	struct world world;
	struct err err = { 0 };
	bool changed = false;
	(void)state;
	setup(&world);
	put(&world, world.a, "primary", "Mine", CALENDAR_ADDED);
	put(&world, world.a, "team", "Beta", CALENDAR_ADDED);
	put(&world, world.a, "other", "Alpha", CALENDAR_ADDED);
	put(&world, world.b, "team", "Elsewhere", CALENDAR_ADDED);
	assert_string_equal(of_connection(&world, world.a).text, "Mine(ok) Alpha(ok) Beta(ok) ");
	put(&world, world.a, "team", "Beta", CALENDAR_SAME);
	put(&world, world.a, "team", "Gamma", CALENDAR_CHANGED);
	assert_int_equal(of_connection(&world, world.a).version, 2);
	assert_int_equal(counted(&world, world.a), 3);
	check_ok(store_calendar_mark_gone(world.fixture.store, world.a, "team", &changed, &err), &err);
	assert_true(changed);
	check_ok(store_calendar_mark_gone(world.fixture.store, world.a, "team", &changed, &err), &err);
	assert_false(changed);
	check_ok(store_calendar_mark_gone(world.fixture.store, world.a, "never", &changed, &err), &err);
	assert_false(changed);
	assert_string_equal(of_connection(&world, world.a).text, "Mine(ok) Alpha(ok) Gamma(gone) ");
	assert_int_equal(counted(&world, world.a), 2);
	assert_int_equal(counted(&world, world.b), 1);
	put(&world, world.a, "team", "Gamma", CALENDAR_CHANGED);
	assert_int_equal(counted(&world, world.a), 3);
	const struct calendar_seen seen = { .external_id = "x" };
	enum calendar_change change;
	check_fails(store_calendar_put(world.fixture.store, unknown, &seen, &change, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&world.fixture);
}

static void test_every_difference_is_seen(void **state)
{
	struct world world;
	struct err err = { 0 };
	(void)state;
	setup(&world);
	struct calendar_seen seen = { .external_id = "x" };
	const char **const texts[] = { &seen.summary,   &seen.description,      &seen.access_role,
		                       &seen.time_zone, &seen.background_color, &seen.foreground_color };
	enum calendar_change change;
	check_ok(store_calendar_put(world.fixture.store, world.a, &seen, &change, &err), &err);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		for (int step = 0; step < 3; step++) {
			*texts[i] = step == 0 ? "one" : step == 1 ? "two" : NULL;
			check_ok(store_calendar_put(world.fixture.store, world.a, &seen, &change, &err), &err);
			assert_int_equal(change, CALENDAR_CHANGED);
			check_ok(store_calendar_put(world.fixture.store, world.a, &seen, &change, &err), &err);
			assert_int_equal(change, CALENDAR_SAME);
		}
	}
	seen.primary = true;
	check_ok(store_calendar_put(world.fixture.store, world.a, &seen, &change, &err), &err);
	assert_int_equal(change, CALENDAR_CHANGED);
	assert_true(of_connection(&world, world.a).primary);
	store_fixture_close(&world.fixture);
}

static void test_sweep(void **state)
{
	struct world world;
	struct err err = { 0 };
	int64_t mark = 0, late = 0, gone = -1;
	(void)state;
	setup(&world);
	struct store *store = world.fixture.store;
	put(&world, world.a, "one", "1", CALENDAR_ADDED);
	put(&world, world.a, "two", "2", CALENDAR_ADDED);
	put(&world, world.b, "two", "other", CALENDAR_ADDED);
	check_ok(store_calendar_sweep_begin(store, world.a, &mark, &err), &err);
	store_fixture_commit(&world.fixture);
	put(&world, world.a, "one", "1", CALENDAR_SAME);
	store_fixture_commit(&world.fixture);
	put(&world, world.a, "three", "3", CALENDAR_ADDED);
	check_ok(store_calendar_sweep_end(store, world.a, mark, &gone, &err), &err);
	assert_int_equal(gone, 1);
	assert_string_equal(of_connection(&world, world.a).text, "1(ok) 2(gone) 3(ok) ");
	assert_string_equal(of_connection(&world, world.b).text, "other(ok) ");
	assert_int_equal(counted(&world, world.a), 2);
	/* A second full list, the first having been cut off: its mark counts for nothing. */
	check_ok(store_calendar_sweep_begin(store, world.a, &mark, &err), &err);
	put(&world, world.a, "one", "1", CALENDAR_SAME);
	check_ok(store_calendar_sweep_begin(store, world.a, &late, &err), &err);
	assert_int_not_equal(mark, late);
	check_fails(store_calendar_sweep_end(store, world.a, mark, &gone, &err), &err, ERR_CONFLICT);
	put(&world, world.a, "two", "2", CALENDAR_CHANGED);
	put(&world, world.a, "three", "3", CALENDAR_SAME);
	check_ok(store_calendar_sweep_end(store, world.a, late, &gone, &err), &err);
	assert_int_equal(gone, 1);
	assert_string_equal(of_connection(&world, world.a).text, "1(gone) 2(ok) 3(ok) ");
	/* And one that finds nothing new. */
	check_ok(store_calendar_sweep_begin(store, world.a, &mark, &err), &err);
	put(&world, world.a, "two", "2", CALENDAR_SAME);
	put(&world, world.a, "three", "3", CALENDAR_SAME);
	check_ok(store_calendar_sweep_end(store, world.a, mark, &gone, &err), &err);
	assert_int_equal(gone, 0);
	check_fails(store_calendar_sweep_begin(store, unknown, &mark, &err), &err, ERR_NOT_FOUND);
	check_fails(store_calendar_sweep_end(store, unknown, mark, &gone, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&world.fixture);
}

static void test_update(void **state)
{
	struct world world;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	(void)state;
	setup(&world);
	struct store *store = world.fixture.store;
	put(&world, world.a, "x", "Theirs", CALENDAR_ADDED);
	memcpy(id, of_connection(&world, world.a).id, sizeof id);
	check_ok(store_calendar_update(store, id, "Ours", -1, 1, &err), &err);
	struct story story = of_connection(&world, world.a);
	assert_string_equal(story.text, "Ours(ok) ");
	assert_true(story.active);
	check_fails(store_calendar_update(store, id, "Late", -1, 1, &err), &err, ERR_CONFLICT);
	/* The given name outlives what the provider says. */
	put(&world, world.a, "x", "Renamed", CALENDAR_CHANGED);
	assert_string_equal(of_connection(&world, world.a).text, "Ours(ok) ");
	check_ok(store_calendar_update(store, id, NULL, 0, 0, &err), &err);
	assert_false(of_connection(&world, world.a).active);
	check_ok(store_calendar_update(store, id, "", -1, 0, &err), &err);
	story = of_connection(&world, world.a);
	assert_string_equal(story.text, "Renamed(ok) ");
	assert_false(story.active);
	check_ok(store_calendar_update(store, id, NULL, 1, 0, &err), &err);
	assert_true(of_connection(&world, world.a).active);
	check_fails(store_calendar_update(store, unknown, "X", -1, 0, &err), &err, ERR_NOT_FOUND);
	check_ok(store_calendar_get(store, id, take, &story, &err), &err);
	check_fails(store_calendar_get(store, unknown, take, &story, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&world.fixture);
}

static void check_list(struct world *world, const struct calendar_filter *filter, const char *scope, int rows)
{
	struct story story = { .rows = 0 };
	struct store_page_end end;
	const struct store_page page = { .limit = 100, .scope = scope };
	struct err err = { 0 };
	check_ok(store_calendar_list(world->fixture.store, &page, filter, take, &story, &end, &err), &err);
	assert_int_equal(story.rows, rows);
	assert_int_equal(end.total, rows);
}

static void test_list(void **state)
{
	struct world world;
	struct err err = { 0 };
	char scope[64];
	(void)state;
	setup(&world);
	put(&world, world.a, "1", "one", CALENDAR_ADDED);
	put(&world, world.a, "2", "two", CALENDAR_ADDED);
	put(&world, world.b, "3", "three", CALENDAR_ADDED);
	check_ok(store_calendar_update(world.fixture.store, of_connection(&world, world.b).id, NULL, 0, 0, &err), &err);
	check_list(&world, &(struct calendar_filter){ .active = -1 }, NULL, 3);
	check_list(&world, &(struct calendar_filter){ .active = 0 }, NULL, 1);
	check_list(&world, &(struct calendar_filter){ .active = 1 }, NULL, 2);
	check_list(&world, &(struct calendar_filter){ .active = -1, .workspace_id = world.acme }, NULL, 2);
	check_list(&world, &(struct calendar_filter){ .active = -1, .connection_id = world.b }, NULL, 1);
	check_list(&world, &(struct calendar_filter){ .active = -1, .provider = "outlook" }, NULL, 0);
	(void)snprintf(scope, sizeof scope, "[\"%s\"]", world.globex);
	check_list(&world, &(struct calendar_filter){ .active = -1 }, scope, 1);
	check_list(&world, &(struct calendar_filter){ .active = -1, .workspace_id = world.acme }, scope, 0);
	store_fixture_close(&world.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),    cmocka_unit_test(test_every_difference_is_seen),
		cmocka_unit_test(test_sweep),  cmocka_unit_test(test_update),
		cmocka_unit_test(test_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
