/* Sync errors as a history: lists, groups by cause, acknowledging, and their end. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/sync_errors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOW FIXTURE_NOW
#define HOUR INT64_C(3600000)

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

struct scene {
	struct store_fixture fixture;
	struct store *store;
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], c[ID_TEXT_SIZE];
	char scope[64]; /* acme */
};

static void setup(struct scene *scene)
{
	store_fixture_open(&scene->fixture);
	scene->store = scene->fixture.store;
	store_fixture_workspace(&scene->fixture, "acme", scene->acme);
	store_fixture_workspace(&scene->fixture, "globex", scene->globex);
	store_fixture_connection(&scene->fixture, scene->acme, "a@example.com", scene->a);
	store_fixture_connection(&scene->fixture, scene->acme, "b@example.com", scene->b);
	store_fixture_connection(&scene->fixture, scene->globex, "c@example.com", scene->c);
	(void)snprintf(scene->scope, sizeof scene->scope, "[\"%s\"]", scene->acme);
}

static void trouble(struct scene *scene, int64_t at, const char *connection, const char *code, const char *operation)
{
	struct err err = { 0 };
	const struct sync_error_new in = { .connection_id = connection, .code = code, .operation = operation };
	scene->fixture.now = at;
	check_ok(store_sync_error_open(scene->store, &in, &err), &err);
}

static void mend(struct scene *scene, int64_t at, const char *connection, const char *code)
{
	struct err err = { 0 };
	scene->fixture.now = at;
	check_ok(store_sync_error_resolve(scene->store, connection, code, NULL, &err), &err);
}

struct taken {
	struct sync_error_row row; /* strings gone; those that matter are below */
	int rows;
	char id[ID_TEXT_SIZE], by[16], all[512];
};

static void take(void *arg, const struct sync_error_row *row)
{
	struct taken *taken = arg;
	taken->row = *row;
	taken->rows++;
	(void)snprintf(taken->id, sizeof taken->id, "%s", row->id);
	(void)snprintf(taken->by, sizeof taken->by, "%s", row->acknowledged_by ? row->acknowledged_by : "NULL");
	size_t len = strlen(taken->all);
	(void)snprintf(taken->all + len, sizeof taken->all - len, "%s%s%" PRId64 " ", row->code, row->resolved_at ? "-" : "+",
	               row->count);
}

static struct taken list(struct scene *scene, const struct sync_error_filter *filter, int limit, const char *scope)
{
	struct taken taken = { .rows = 0 };
	struct err err = { 0 };
	struct store_page_end end = { .total = 0 };
	char cursor[sizeof end.next_cursor] = "";
	do {
		const struct store_page page = { .limit = limit, .cursor = cursor[0] ? cursor : NULL, .scope = scope };
		check_ok(store_sync_error_list(scene->store, &page, filter, take, &taken, &end, &err), &err);
		memcpy(cursor, end.next_cursor, sizeof cursor);
	} while (cursor[0]);
	assert_int_equal(end.total, taken.rows);
	return taken;
}

static void test_list(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	(void)state;
	setup(&scene);
	trouble(&scene, NOW + 1, scene.a, "x", "token");
	trouble(&scene, NOW + 2, scene.b, "y", "token");
	trouble(&scene, NOW + 3, scene.c, "x", "token");
	trouble(&scene, NOW + 4, scene.a, "x", "token"); /* counts */
	trouble(&scene, NOW + 5, scene.a, "x", "sync");
	mend(&scene, NOW + 6, scene.b, "y");
	trouble(&scene, NOW + 7, scene.b, "y", "token"); /* anew */
	struct sync_error_filter filter = { .open = -1 };
	assert_string_equal(list(&scene, &filter, 100, NULL).all, "y+1 x+1 x+1 y-1 x+2 ");
	assert_string_equal(list(&scene, &filter, 2, NULL).all, "y+1 x+1 x+1 y-1 x+2 ");
	assert_string_equal(list(&scene, &filter, 2, scene.scope).all, "y+1 x+1 y-1 x+2 ");
	assert_int_equal(list(&scene, &filter, 2, "[]").rows, 0);
	filter.open = 1;
	assert_string_equal(list(&scene, &filter, 100, NULL).all, "y+1 x+1 x+1 x+2 ");
	filter.code = "x";
	assert_string_equal(list(&scene, &filter, 2, scene.scope).all, "x+1 x+2 ");
	filter.connection_id = scene.c;
	assert_string_equal(list(&scene, &filter, 2, NULL).all, "x+1 ");
	filter = (struct sync_error_filter){ .open = 0 };
	assert_string_equal(list(&scene, &filter, 2, NULL).all, "y-1 ");
	filter = (struct sync_error_filter){ .open = 1, .workspace_id = scene.globex };
	assert_string_equal(list(&scene, &filter, 2, NULL).all, "x+1 ");
	filter = (struct sync_error_filter){ .open = -1, .codes = "[\"y\",\"z\"]" };
	assert_string_equal(list(&scene, &filter, 2, NULL).all, "y+1 y-1 ");
	check_fails(store_sync_error_get(scene.store, unknown, take, NULL, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&scene.fixture);
}

static struct taken get(struct scene *scene, const char *id)
{
	struct taken taken = { .rows = 0 };
	struct err err = { 0 };
	check_ok(store_sync_error_get(scene->store, id, take, &taken, &err), &err);
	return taken;
}

static void test_acknowledge(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	(void)state;
	setup(&scene);
	trouble(&scene, NOW, scene.a, "x", "token");
	const struct sync_error_filter any = { .open = -1 };
	memcpy(id, list(&scene, &any, 1, NULL).id, sizeof id);
	assert_string_equal(get(&scene, id).by, "NULL");
	scene.fixture.now = NOW + 1;
	check_ok(store_sync_error_acknowledge(scene.store, id, "ada", &err), &err);
	scene.fixture.now = NOW + 2;
	check_ok(store_sync_error_acknowledge(scene.store, id, "bob", &err), &err);
	assert_string_equal(get(&scene, id).by, "ada");
	assert_int_equal(get(&scene, id).row.acknowledged_at, NOW + 1);
	/* It counts on; what opens anew is not acknowledged. */
	trouble(&scene, NOW + 3, scene.a, "x", "token");
	assert_int_equal(get(&scene, id).row.count, 2);
	assert_string_equal(get(&scene, id).by, "ada");
	mend(&scene, NOW + 4, scene.a, NULL);
	assert_string_equal(get(&scene, id).by, "ada");
	trouble(&scene, NOW + 5, scene.a, "x", "token");
	const struct sync_error_filter open = { .open = 1 };
	assert_string_equal(list(&scene, &open, 1, NULL).by, "NULL");
	check_fails(store_sync_error_acknowledge(scene.store, unknown, "ada", &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&scene.fixture);
}

struct groups {
	char text[512];
};

static void take_group(void *arg, const struct sync_error_group *group)
{
	struct groups *groups = arg;
	size_t len = strlen(groups->text);
	(void)snprintf(groups->text + len, sizeof groups->text - len,
	               "%s open %" PRId64 " ack %" PRId64 " conn %" PRId64 " ws %" PRId64 " count %" PRId64 " from %" PRId64
	               " to %" PRId64 " trend %" PRId64 " %" PRId64 "\n",
	               group->code, group->open, group->acknowledged, group->connections, group->workspaces, group->count,
	               (group->first_at - NOW) / HOUR, (group->last_at - NOW) / HOUR, group->last_hour, group->hour_before);
}

static struct groups groups_of(struct scene *scene, const char *scope)
{
	struct groups groups = { "" };
	struct err err = { 0 };
	check_ok(store_sync_error_groups(scene->store, scope, take_group, &groups, &err), &err);
	return groups;
}

static void test_groups(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	(void)state;
	setup(&scene);
	assert_string_equal(groups_of(&scene, NULL).text, "");
	trouble(&scene, NOW, scene.a, "x", "token");
	trouble(&scene, NOW + HOUR, scene.a, "x", "sync");
	trouble(&scene, NOW + 8 * HOUR + 1, scene.b, "x", "token"); /* the hour before */
	trouble(&scene, NOW + 9 * HOUR, scene.b, "gone", "token");  /* exactly an hour ago is the hour before */
	mend(&scene, NOW + 9 * HOUR, scene.b, "gone");
	trouble(&scene, NOW + 9 * HOUR + 1, scene.c, "x", "token"); /* the last hour */
	trouble(&scene, NOW + 9 * HOUR + 2, scene.b, "x", "sync");
	mend(&scene, NOW + 9 * HOUR + 3, scene.b, "x"); /* counts in the trend all the same */
	trouble(&scene, NOW + 9 * HOUR + 4, scene.b, "gone", "token");
	trouble(&scene, NOW + 10 * HOUR, scene.a, "x", "token");
	const struct sync_error_filter of_a = { .open = 1, .connection_id = scene.a, .code = "x" };
	check_ok(store_sync_error_acknowledge(scene.store, list(&scene, &of_a, 9, NULL).id, "ada", &err), &err);
	assert_string_equal(groups_of(&scene, NULL).text,
	                    "gone open 1 ack 0 conn 1 ws 1 count 1 from 9 to 9 trend 1 1\n"
	                    "x open 3 ack 1 conn 2 ws 2 count 4 from 0 to 10 trend 2 1\n");
	assert_string_equal(groups_of(&scene, scene.scope).text,
	                    "gone open 1 ack 0 conn 1 ws 1 count 1 from 9 to 9 trend 1 1\n"
	                    "x open 2 ack 1 conn 1 ws 1 count 3 from 0 to 10 trend 1 1\n");
	assert_string_equal(groups_of(&scene, "[]").text, "");
	store_fixture_close(&scene.fixture);
}

static void test_history_past_its_time(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	int64_t deleted = -1;
	(void)state;
	setup(&scene);
	for (int i = 0; i < 4; i++) {
		trouble(&scene, NOW + i, scene.a, "x", "token");
		mend(&scene, NOW + i, scene.a, "x");
	}
	trouble(&scene, NOW, scene.b, "x", "token"); /* as old, but open */
	check_ok(store_sync_error_delete_before(scene.store, NOW + 3, 2, &deleted, &err), &err);
	assert_int_equal(deleted, 2);
	check_ok(store_sync_error_delete_before(scene.store, NOW + 3, 2, &deleted, &err), &err);
	assert_int_equal(deleted, 1);
	check_ok(store_sync_error_delete_before(scene.store, NOW + 3, 2, &deleted, &err), &err);
	assert_int_equal(deleted, 0);
	const struct sync_error_filter any = { .open = -1 };
	assert_string_equal(list(&scene, &any, 9, NULL).all, "x-1 x+1 ");
	store_fixture_close(&scene.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_acknowledge),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_history_past_its_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
