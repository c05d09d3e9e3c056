/* Workspaces and their users. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/attempts.h"
#include "store/audit.h"
#include "store/calendars.h"
#include "store/users.h"
#include "store/workspaces.h"

#include <stdio.h>
#include <string.h>

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

/* A copy of what outlives the callback. */
struct taken {
	int rows;
	int64_t version, updated_at, by_state[STATE_COUNT];
	char id[ID_TEXT_SIZE], name[64], slug[64], time_zone[64], email[64], workspace_id[ID_TEXT_SIZE];
};

static void copy(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text);
}

static void take_workspace(void *arg, const struct workspace_row *row)
{
	struct taken *taken = arg;
	taken->rows++;
	taken->version = row->version;
	taken->updated_at = row->updated_at;
	memcpy(taken->by_state, row->by_state, sizeof taken->by_state);
	copy(taken->id, sizeof taken->id, row->id);
	copy(taken->name, sizeof taken->name, row->name);
	copy(taken->slug, sizeof taken->slug, row->slug);
	copy(taken->time_zone, sizeof taken->time_zone, row->time_zone);
}

static void take_user(void *arg, const struct user_row *row)
{
	struct taken *taken = arg;
	taken->rows++;
	taken->version = row->version;
	copy(taken->id, sizeof taken->id, row->id);
	copy(taken->name, sizeof taken->name, row->name);
	copy(taken->email, sizeof taken->email, row->email);
	copy(taken->workspace_id, sizeof taken->workspace_id, row->workspace_id);
}

static void test_workspace_create_and_get(void **state)
{
	struct store_fixture fixture;
	struct taken taken = { 0 };
	struct err err = { 0 };
	char id[ID_TEXT_SIZE], other[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	uint64_t epoch = store_workspace_epoch(fixture.store);
	check_ok(store_workspace_create(fixture.store, "Acme \"Inc\"; --", "acme", "Europe/Berlin", id, &err), &err);
	assert_true(store_workspace_epoch(fixture.store) > epoch);
	check_ok(store_workspace_get(fixture.store, id, false, take_workspace, &taken, &err), &err);
	assert_string_equal(taken.name, "Acme \"Inc\"; --");
	assert_string_equal(taken.slug, "acme");
	assert_string_equal(taken.time_zone, "Europe/Berlin");
	assert_int_equal(taken.version, 1);
	check_ok(store_workspace_get(fixture.store, "acme", true, take_workspace, &taken, &err), &err);
	assert_string_equal(taken.id, id);
	check_fails(store_workspace_get(fixture.store, "acme", false, take_workspace, &taken, &err), &err, ERR_NOT_FOUND);
	check_fails(store_workspace_get(fixture.store, unknown, false, take_workspace, &taken, &err), &err, ERR_NOT_FOUND);
	assert_null(strstr(err.message, unknown));
	check_fails(store_workspace_create(fixture.store, "B", "acme", "UTC", other, &err), &err, ERR_CONFLICT);
	assert_non_null(strstr(err.message, "slug"));
	char endless[300];
	memset(endless, 'a', sizeof endless);
	endless[sizeof endless - 1] = '\0';
	check_fails(store_workspace_create(fixture.store, "B", endless, "UTC", other, &err), &err, ERR_INVALID_PARAMS);
	assert_string_equal(err.field, "slug");
	store_fixture_commit(&fixture);
	store_fixture_close(&fixture);
}

static void test_workspace_update(void **state)
{
	struct store_fixture fixture;
	struct taken taken = { 0 };
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", id);
	fixture.now += 5;
	check_ok(store_workspace_update(fixture.store, id, "New", NULL, 1, &err), &err);
	check_fails(store_workspace_update(fixture.store, id, "Newer", NULL, 1, &err), &err, ERR_CONFLICT);
	check_ok(store_workspace_update(fixture.store, id, NULL, "Asia/Tokyo", 0, &err), &err);
	check_ok(store_workspace_get(fixture.store, id, false, take_workspace, &taken, &err), &err);
	assert_string_equal(taken.name, "New");
	assert_string_equal(taken.time_zone, "Asia/Tokyo");
	assert_int_equal(taken.version, 3);
	assert_int_equal(taken.updated_at, FIXTURE_NOW + 5);
	check_fails(store_workspace_update(fixture.store, unknown, "X", NULL, 1, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

static void on_audit(void *arg, const struct audit_row *row)
{
	(void)row;
	++*(int *)arg;
}

static void test_workspace_delete_takes_its_own_along(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	struct workspace_effects effects;
	char id[ID_TEXT_SIZE], user[ID_TEXT_SIZE], connection[ID_TEXT_SIZE], other[ID_TEXT_SIZE], kept[ID_TEXT_SIZE];
	enum calendar_change change;
	(void)state;
	store_fixture_open(&fixture);
	struct store *store = fixture.store;
	store_fixture_workspace(&fixture, "acme", id);
	store_fixture_workspace(&fixture, "globex", other);
	store_fixture_connection(&fixture, other, "kept@example.com", kept);
	store_fixture_user(&fixture, id, "a@example.com", user);
	store_fixture_connection(&fixture, id, "a@example.com", connection);
	const struct calendar_seen seen = { .external_id = "primary", .summary = "Mine" };
	check_ok(store_calendar_put(store, connection, &seen, &change, &err), &err);
	const struct sync_error_new trouble = { .connection_id = connection, .code = "provider_down" };
	check_ok(store_sync_error_open(store, &trouble, &err), &err);
	const struct attempt_new attempt = { .id = unknown, .workspace_id = id, .user_id = user, .connection_id = connection,
		                             .provider = "google", .state_hash = "1", .short_hash = "2", .expires_at = 1 };
	check_ok(store_attempt_create(store, &attempt, &err), &err);
	const struct audit_row audit = { .workspace_id = id, .method = "connection.create" };
	check_ok(store_audit_append(store, &audit, &err), &err);

	check_ok(store_workspace_effects(store, id, &effects, &err), &err);
	assert_int_equal(effects.live_connections, 1);
	assert_int_equal(effects.connections, 1);
	assert_int_equal(effects.calendars, 1);
	assert_int_equal(effects.users, 1);
	check_fails(store_workspace_delete(store, id, &err), &err, ERR_CONFLICT);
	check_ok(store_connection_detach(store, connection, &err), &err);
	uint64_t epoch = store_workspace_epoch(store);
	check_ok(store_workspace_delete(store, id, &err), &err);
	assert_true(store_workspace_epoch(store) > epoch);
	check_fails(store_workspace_delete(store, id, &err), &err, ERR_NOT_FOUND);
	check_fails(store_connection_get(store, connection, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_fails(store_user_get(store, user, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_fails(store_attempt_get(store, unknown, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	int audits = 0;
	struct store_page_end end;
	const struct store_page page = { .limit = 10 };
	check_ok(store_audit_list(store, &page, id, NULL, on_audit, &audits, &end, &err), &err);
	assert_int_equal(audits, 1);
	check_ok(store_connection_get(store, kept, NULL, NULL, &err), &err);
	store_fixture_commit(&fixture);
	store_close(store);
	fixture.store = NULL;
	char left[16];
	store_fixture_sql(&fixture, "SELECT (SELECT count(*) FROM connections) || (SELECT count(*) FROM calendars) || "
	                            "(SELECT count(*) FROM sync_errors) || (SELECT count(*) FROM workspace_states)", left, sizeof left);
	assert_string_equal(left, "1001");
	store_fixture_close(&fixture);
}

static void test_workspace_counts(void **state)
{
	struct store_fixture fixture;
	struct taken taken = { 0 };
	struct err err = { 0 };
	char id[ID_TEXT_SIZE], connection[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", id);
	store_fixture_connection(&fixture, id, "a@example.com", connection);
	store_fixture_connection(&fixture, id, "b@example.com", connection);
	check_ok(store_connection_set_state(fixture.store, connection, STATE_FAILING, NULL, &err), &err);
	struct store_page_end end;
	const struct store_page page = { .limit = 1 };
	check_ok(store_workspace_list(fixture.store, &page, take_workspace, &taken, &end, &err), &err);
	assert_int_equal(taken.by_state[STATE_PENDING], 1);
	assert_int_equal(taken.by_state[STATE_FAILING], 1);
	assert_int_equal(taken.by_state[STATE_CONNECTED], 0);
	store_fixture_close(&fixture);
}

static void take_slugs(void *arg, const struct workspace_row *row)
{
	char *slugs = arg;
	size_t len = strlen(slugs);
	(void)snprintf(slugs + len, 64 - len, "%s ", row->slug);
}

static void test_workspace_list(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], c[ID_TEXT_SIZE], scope[128], cursor[512], slugs[64] = "";
	struct store_page_end end;
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "charlie", c);
	store_fixture_workspace(&fixture, "alpha", a);
	store_fixture_workspace(&fixture, "bravo", b);
	struct store_page page = { .limit = 2 };
	check_ok(store_workspace_list(fixture.store, &page, take_slugs, slugs, &end, &err), &err);
	assert_string_equal(slugs, "alpha bravo ");
	assert_true(end.has_total && end.total == 3);
	copy(cursor, sizeof cursor, end.next_cursor);
	page.cursor = cursor;
	check_ok(store_workspace_list(fixture.store, &page, take_slugs, slugs, &end, &err), &err);
	assert_string_equal(slugs, "alpha bravo charlie ");
	assert_string_equal(end.next_cursor, "");
	(void)snprintf(scope, sizeof scope, "[\"%s\",\"%s\"]", a, c);
	page = (struct store_page){ .limit = 10, .scope = scope };
	slugs[0] = '\0';
	check_ok(store_workspace_list(fixture.store, &page, take_slugs, slugs, &end, &err), &err);
	assert_string_equal(slugs, "alpha charlie ");
	assert_int_equal(end.total, 2);
	page.scope = "[]";
	check_ok(store_workspace_list(fixture.store, &page, take_slugs, slugs, &end, &err), &err);
	assert_string_equal(slugs, "alpha charlie ");
	store_fixture_close(&fixture);
}

static void test_users(void **state)
{
	struct store_fixture fixture;
	struct taken taken = { 0 };
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], id[ID_TEXT_SIZE], other[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	struct store *store = fixture.store;
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_workspace(&fixture, "globex", globex);
	store_fixture_user(&fixture, acme, "Ann@Example.com", id);
	store_fixture_user(&fixture, globex, "ann@example.com", other);
	check_fails(store_user_create(store, acme, "aNN@example.COM", "Ann", other, &err), &err, ERR_CONFLICT);
	check_fails(store_user_create(store, unknown, "b@example.com", "B", other, &err), &err, ERR_NOT_FOUND);
	store_fixture_user(&fixture, acme, "bob@example.com", other);
	check_fails(store_user_update(store, other, "ANN@example.com", NULL, 0, &err), &err, ERR_CONFLICT);
	check_ok(store_user_update(store, id, "ann@example.com", NULL, 1, &err), &err);
	check_fails(store_user_update(store, id, NULL, "Ann", 1, &err), &err, ERR_CONFLICT);
	check_fails(store_user_update(store, unknown, NULL, "Ann", 0, &err), &err, ERR_NOT_FOUND);
	check_ok(store_user_get(store, id, take_user, &taken, &err), &err);
	assert_string_equal(taken.email, "ann@example.com");
	assert_string_equal(taken.name, "Somebody");
	assert_string_equal(taken.workspace_id, acme);
	assert_int_equal(taken.version, 2);
	struct store_page_end end;
	struct store_page page = { .limit = 10 };
	taken.rows = 0;
	check_ok(store_user_list(store, &page, acme, take_user, &taken, &end, &err), &err);
	assert_int_equal(taken.rows, 2);
	char scope[64];
	(void)snprintf(scope, sizeof scope, "[\"%s\"]", globex);
	page.scope = scope;
	check_ok(store_user_list(store, &page, NULL, take_user, &taken, &end, &err), &err);
	assert_int_equal(taken.rows, 3);
	check_ok(store_user_list(store, &page, acme, take_user, &taken, &end, &err), &err);
	assert_int_equal(taken.rows, 3);
	store_fixture_close(&fixture);
}

struct owned {
	bool by_user;
	int64_t version;
};

static void take_owner(void *arg, const struct connection_row *row)
{
	*(struct owned *)arg = (struct owned){ row->user_id != NULL, row->version };
}

static void test_user_delete(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], user[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
	int64_t count = 0;
	struct owned owned = { .version = 0 };
	(void)state;
	store_fixture_open(&fixture);
	struct store *store = fixture.store;
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_workspace(&fixture, "globex", globex);
	store_fixture_user(&fixture, acme, "a@example.com", user);
	struct connection_new in = { .workspace_id = globex, .user_id = user, .provider = "google",
		                     .account_email = "a@example.com", .subject = "1" };
	/* A user of another workspace is not to be had. */
	check_fails(store_connection_create(store, &in, id, &err), &err, ERR_NOT_FOUND);
	in.workspace_id = acme;
	check_ok(store_connection_create(store, &in, id, &err), &err);
	check_ok(store_connection_get(store, id, take_owner, &owned, &err), &err);
	assert_true(owned.by_user);
	check_ok(store_user_delete(store, user, true, &count, &err), &err);
	assert_int_equal(count, 1);
	check_ok(store_user_get(store, user, NULL, NULL, &err), &err);
	check_ok(store_user_delete(store, user, false, &count, &err), &err);
	assert_int_equal(count, 1);
	check_ok(store_connection_get(store, id, take_owner, &owned, &err), &err);
	assert_false(owned.by_user);
	assert_int_equal(owned.version, 2);
	check_fails(store_user_delete(store, user, false, &count, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workspace_create_and_get),
		cmocka_unit_test(test_workspace_update),
		cmocka_unit_test(test_workspace_delete_takes_its_own_along),
		cmocka_unit_test(test_workspace_counts),
		cmocka_unit_test(test_workspace_list),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_user_delete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
