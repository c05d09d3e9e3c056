/* Lists of connections: orders, filters, scopes, totals, and pages that stay stable while rows come and go. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/workspaces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 60
#define WORKSPACES 3

struct world {
	struct store_fixture fixture;
	char workspaces[WORKSPACES][ID_TEXT_SIZE];
	char ids[ROWS][ID_TEXT_SIZE];
};

struct seen {
	int count;
	char ids[4 * ROWS][ID_TEXT_SIZE];
	char emails[4 * ROWS][64];
	int64_t keys[4 * ROWS];
	enum connection_sort sort;
};

static void on_row(void *arg, const struct connection_row *row)
{
	struct seen *seen = arg;
	assert_true(seen->count < 4 * ROWS);
	memcpy(seen->ids[seen->count], row->id, ID_TEXT_SIZE);
	(void)snprintf(seen->emails[seen->count], sizeof seen->emails[0], "%s", row->account_email);
	seen->keys[seen->count] = seen->sort == SORT_STATE       ? (int64_t)row->state
	                          : seen->sort == SORT_LAST_SYNC ? row->last_sync
	                                                         : row->since;
	seen->count++;
}

/* Sixty connections in three workspaces, with keys that repeat. */
static void fill(struct world *world)
{
	struct err err = { 0 };
	store_fixture_open(&world->fixture);
	for (int i = 0; i < WORKSPACES; i++) {
		char slug[16];
		(void)snprintf(slug, sizeof slug, "w%d", i);
		store_fixture_workspace(&world->fixture, slug, world->workspaces[i]);
	}
	for (int i = 0; i < ROWS; i++) {
		char email[64];
		(void)snprintf(email, sizeof email, "%c%d_%%@example.com", "azmAZ"[i % 5], (i * 37) % ROWS);
		store_fixture_connection(&world->fixture, world->workspaces[i % WORKSPACES], email, world->ids[i]);
		world->fixture.now += i % 4 == 0;
		check_ok(store_connection_set_state(world->fixture.store, world->ids[i], (enum connection_state)(i * 7 % STATE_COUNT),
		                                    NULL, &err), &err);
		if (i % 3)
			check_ok(store_connection_set_synced(world->fixture.store, world->ids[i], NULL, &err), &err);
	}
	store_fixture_commit(&world->fixture);
}

static void page_through(struct world *world, const struct connection_filter *filter, const char *scope, int limit,
                         struct seen *seen, int64_t total)
{
	char cursor[512];
	struct store_page_end end;
	struct store_page page = { .limit = limit, .scope = scope };
	struct err err = { 0 };
	seen->sort = filter->sort;
	do {
		int before = seen->count;
		check_ok(store_connection_list(world->fixture.store, &page, filter, on_row, seen, &end, &err), &err);
		assert_true(end.has_total);
		assert_int_equal(end.total, total);
		assert_true(seen->count - before <= limit);
		assert_true(end.next_cursor[0] == '\0' || seen->count - before == limit);
		memcpy(cursor, end.next_cursor, sizeof cursor);
		page.cursor = cursor;
	} while (cursor[0]);
}

static int compare(const struct seen *seen, int a, int b)
{
	int order = 0;
	if (seen->sort == SORT_EMAIL)
		order = strcmp(seen->emails[a], seen->emails[b]);
	else if (seen->sort != SORT_CREATED)
		order = (seen->keys[a] > seen->keys[b]) - (seen->keys[a] < seen->keys[b]);
	return order ? order : strcmp(seen->ids[a], seen->ids[b]);
}

static void check_order(const struct seen *seen, bool descending)
{
	for (int i = 1; i < seen->count; i++) {
		int order = compare(seen, i - 1, i);
		assert_true(descending ? order > 0 : order < 0);
	}
}

static void test_every_order_and_page_size(void **state)
{
	static const int limits[] = { 1, 7, 20, 60, 61, 500 };
	struct world world;
	(void)state;
	fill(&world);
	for (int sort = SORT_CREATED; sort <= SORT_SINCE; sort++) {
		for (int variant = 0; variant < 4; variant++) {
			for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
				struct seen seen = { .count = 0 };
				const struct connection_filter filter = {
					.sort = (enum connection_sort)sort,
					.descending = variant & 1,
					.state = -1,
					.workspace_id = variant & 2 ? world.workspaces[1] : NULL,
				};
				int rows = variant & 2 ? ROWS / WORKSPACES : ROWS;
				page_through(&world, &filter, NULL, limits[i], &seen, rows);
				assert_int_equal(seen.count, rows);
				check_order(&seen, filter.descending);
			}
		}
	}
	store_fixture_close(&world.fixture);
}

static void check_count(struct world *world, const struct connection_filter *filter, const char *scope, int rows)
{
	struct seen seen = { .count = 0 };
	page_through(world, filter, scope, 7, &seen, rows);
	assert_int_equal(seen.count, rows);
}

static void test_filters(void **state)
{
	struct world world;
	struct err err = { 0 };
	(void)state;
	fill(&world);
	for (int i = 0; i < STATE_COUNT; i++) {
		int expected = 0;
		for (int row = 0; row < ROWS; row++)
			expected += row * 7 % STATE_COUNT == i;
		check_count(&world, &(struct connection_filter){ .state = i }, NULL, expected);
		check_count(&world, &(struct connection_filter){ .state = i, .provider = "google" }, NULL, expected);
	}
	check_count(&world, &(struct connection_filter){ .state = -1, .provider = "outlook" }, NULL, 0);
	/* Taken literally: the wildcards of LIKE are characters of the address here. */
	check_count(&world, &(struct connection_filter){ .state = -1, .query = "_%@" }, NULL, ROWS);
	check_count(&world, &(struct connection_filter){ .state = -1, .query = "0_@" }, NULL, 0);
	check_count(&world, &(struct connection_filter){ .state = -1, .query = "a%com" }, NULL, 0);
	check_count(&world, &(struct connection_filter){ .state = -1, .query = "!" }, NULL, 0);
	check_count(&world, &(struct connection_filter){ .state = -1, .query = "EXAMPLE" }, NULL, ROWS);
	check_count(&world, &(struct connection_filter){ .state = -1, .query = "' OR 1=1 --" }, NULL, 0);
	check_count(&world, &(struct connection_filter){ .state = -1, .query = "" }, NULL, ROWS);
	for (int i = 0; i < 9; i++) {
		const struct sync_error_new trouble = { .connection_id = world.ids[i], .code = i % 3 ? "provider_down" : "overdue" };
		check_ok(store_sync_error_open(world.fixture.store, &trouble, &err), &err);
	}
	check_ok(store_sync_error_resolve(world.fixture.store, world.ids[1], NULL, NULL, &err), &err);
	for (int sort = SORT_CREATED; sort <= SORT_SINCE; sort++) {
		const struct connection_filter filter = { .state = -1, .reason = "provider_down", .sort = (enum connection_sort)sort };
		check_count(&world, &filter, NULL, 5);
	}
	store_fixture_close(&world.fixture);
}

static void test_scope(void **state)
{
	struct world world;
	char one[64], two[128];
	struct connection_filter filter = { .state = -1 };
	struct connection_counts counts;
	struct err err = { 0 };
	int64_t sum = 0;
	(void)state;
	fill(&world);
	(void)snprintf(one, sizeof one, "[\"%s\"]", world.workspaces[0]);
	(void)snprintf(two, sizeof two, "[\"%s\",\"%s\"]", world.workspaces[0], world.workspaces[1]);
	for (int sort = SORT_CREATED; sort <= SORT_SINCE; sort++) {
		filter.sort = (enum connection_sort)sort;
		filter.workspace_id = NULL;
		check_count(&world, &filter, one, 20);
		check_count(&world, &filter, two, 40);
		check_count(&world, &filter, "[]", 0);
		filter.workspace_id = world.workspaces[2];
		check_count(&world, &filter, one, 0);
		check_count(&world, &filter, two, 0);
		filter.workspace_id = world.workspaces[1];
		check_count(&world, &filter, two, 20);
	}
	filter = (struct connection_filter){ .state = -1, .query = "a" };
	check_count(&world, &filter, two, 40);
	check_ok(store_connection_counts(world.fixture.store, two, &counts, &err), &err);
	for (int i = 0; i < STATE_COUNT; i++)
		sum += counts.by_state[i];
	assert_int_equal(sum, 40);
	store_fixture_close(&world.fixture);
}

static void test_foreign_cursors(void **state)
{
	static const char *const bad[] = { "", "!", "AAAA", "YQ", "zzzzzzzzzzzzzzzzzzzzzzzzzzzz", "a b", "\xff", "YWFhYWFhYWFhYWFh" };
	static const int limits[] = { -1, 0, 501 };
	struct world world;
	struct seen seen = { .count = 0 };
	struct store_page_end end;
	struct err err = { 0 };
	char mine[512], longest[600];
	(void)state;
	fill(&world);
	struct store *store = world.fixture.store;
	struct connection_filter filter = { .state = -1, .sort = SORT_EMAIL };
	struct store_page page = { .limit = 5 };
	check_ok(store_connection_list(store, &page, &filter, on_row, &seen, &end, &err), &err);
	memcpy(mine, end.next_cursor, sizeof mine);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		page.cursor = bad[i];
		check_fails(store_connection_list(store, &page, &filter, on_row, &seen, &end, &err), &err, ERR_INVALID_PARAMS);
		assert_string_equal(err.field, "cursor");
	}
	memset(longest, 'A', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	page.cursor = longest;
	check_fails(store_connection_list(store, &page, &filter, on_row, &seen, &end, &err), &err, ERR_INVALID_PARAMS);
	/* That of another order, and of another direction. */
	page.cursor = mine;
	filter.descending = true;
	check_fails(store_connection_list(store, &page, &filter, on_row, &seen, &end, &err), &err, ERR_INVALID_PARAMS);
	filter = (struct connection_filter){ .state = -1, .sort = SORT_SINCE };
	check_fails(store_connection_list(store, &page, &filter, on_row, &seen, &end, &err), &err, ERR_INVALID_PARAMS);
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		page = (struct store_page){ .limit = limits[i] };
		check_fails(store_connection_list(store, &page, &filter, on_row, &seen, &end, &err), &err, ERR_INVALID_PARAMS);
		assert_string_equal(err.field, "limit");
	}
	assert_false(store_tick_failed(store));
	store_fixture_close(&world.fixture);
}

static bool was_seen(const struct seen *seen, const char *id)
{
	for (int i = 0; i < seen->count; i++)
		if (strcmp(seen->ids[i], id) == 0)
			return true;
	return false;
}

/* The workspace that goes in the middle of the paging: that of the row the cursor names. */
static int workspace_of(const struct world *world, const char *id)
{
	for (int i = 0; i < ROWS; i++)
		if (strcmp(world->ids[i], id) == 0)
			return i % WORKSPACES;
	fail_msg("%s is none of the first rows", id);
	return -1;
}

/* The row a cursor names goes away, others come: what was there all the time is seen exactly once. */
static void test_pages_are_stable(void **state)
{
	struct world world;
	struct seen seen = { .sort = SORT_EMAIL };
	struct store_page_end end = { .next_cursor = "" };
	struct err err = { 0 };
	char cursor[512], id[ID_TEXT_SIZE], extra[ID_TEXT_SIZE];
	int gone = -1;
	(void)state;
	fill(&world);
	store_fixture_workspace(&world.fixture, "extra", extra);
	struct store *store = world.fixture.store;
	const struct connection_filter filter = { .state = -1, .sort = SORT_EMAIL };
	struct store_page page = { .limit = 6 };
	for (int round = 0; round == 0 || end.next_cursor[0]; round++) {
		check_ok(store_connection_list(store, &page, &filter, on_row, &seen, &end, &err), &err);
		memcpy(cursor, end.next_cursor, sizeof cursor);
		page.cursor = cursor;
		if (round == 1) {
			gone = workspace_of(&world, seen.ids[seen.count - 1]);
			for (int i = gone; i < ROWS; i += WORKSPACES)
				check_ok(store_connection_detach(store, world.ids[i], &err), &err);
			check_ok(store_workspace_delete(store, world.workspaces[gone], &err), &err);
		}
		char email[64];
		(void)snprintf(email, sizeof email, "%c-new%d@example.com", "Aaz"[round % 3], round);
		store_fixture_connection(&world.fixture, extra, email, id);
		store_fixture_commit(&world.fixture);
	}
	check_order(&seen, false);
	for (int i = 0; i < ROWS; i++)
		assert_true(i % WORKSPACES == gone || was_seen(&seen, world.ids[i]));
	store_fixture_close(&world.fixture);
}

static void on_count(void *arg, const struct connection_row *row)
{
	(void)row;
	++*(int *)arg;
}

/* So many that the scope is walked in the order of the list and not sorted. */
static void test_a_large_scope(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	struct store_page_end end;
	char ids[3][ID_TEXT_SIZE], id[ID_TEXT_SIZE], scope[128], cursor[512];
	(void)state;
	store_fixture_open(&fixture);
	for (int i = 0; i < 3; i++) {
		char slug[16];
		(void)snprintf(slug, sizeof slug, "w%d", i);
		store_fixture_workspace(&fixture, slug, ids[i]);
	}
	for (int i = 0; i < 3300; i++) {
		char email[64];
		(void)snprintf(email, sizeof email, "user%d@example.com", i * 7919 % 3300);
		const struct connection_new in = { .workspace_id = ids[i % 3], .provider = "google", .account_email = email,
			                           .subject = email };
		check_ok(store_connection_create(fixture.store, &in, id, &err), &err);
	}
	(void)snprintf(scope, sizeof scope, "[\"%s\",\"%s\"]", ids[0], ids[2]);
	for (int sort = SORT_CREATED; sort <= SORT_SINCE; sort++) {
		const struct connection_filter filter = { .state = -1, .sort = (enum connection_sort)sort };
		struct store_page page = { .limit = 500, .scope = scope };
		int rows = 0;
		do {
			check_ok(store_connection_list(fixture.store, &page, &filter, on_count, &rows, &end, &err), &err);
			memcpy(cursor, end.next_cursor, sizeof cursor);
			page.cursor = cursor;
		} while (cursor[0]);
		assert_int_equal(rows, 2200);
		assert_int_equal(end.total, 2200);
	}
	store_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order_and_page_size),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_foreign_cursors),
		cmocka_unit_test(test_pages_are_stable),
		cmocka_unit_test(test_a_large_scope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
