/* Connections one by one, and their reasons. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/grants.h"
#include "store/users.h"

#include <stdio.h>
#include <string.h>

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

struct taken {
	struct connection_row row; /* strings gone; those that matter are below */
	int rows;
	char id[ID_TEXT_SIZE], email[64], grant[ID_TEXT_SIZE], user[ID_TEXT_SIZE], cursor[32], required[32], scopes[64],
		fingerprint[32];
};

static void keep(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "NULL");
}

static void take(void *arg, const struct connection_row *row)
{
	struct taken *taken = arg;
	taken->row = *row;
	taken->rows++;
	keep(taken->id, sizeof taken->id, row->id);
	keep(taken->email, sizeof taken->email, row->account_email);
	keep(taken->grant, sizeof taken->grant, row->grant_id);
	keep(taken->user, sizeof taken->user, row->user_id);
	keep(taken->cursor, sizeof taken->cursor, row->sync_cursor);
	keep(taken->required, sizeof taken->required, row->required_scopes);
	keep(taken->scopes, sizeof taken->scopes, row->scopes);
	keep(taken->fingerprint, sizeof taken->fingerprint, row->fingerprint);
}

static struct taken look(struct store_fixture *fixture, const char *id)
{
	struct taken taken = { .rows = 0 };
	struct err err = { 0 };
	check_ok(store_connection_get(fixture->store, id, take, &taken, &err), &err);
	return taken;
}

static void test_create(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], id[ID_TEXT_SIZE], other[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_connection(&fixture, acme, "a@example.com", id);
	struct taken taken = look(&fixture, id);
	assert_string_equal(taken.id, id);
	assert_string_equal(taken.email, "a@example.com");
	assert_string_equal(taken.user, "NULL");
	assert_string_equal(taken.cursor, "NULL");
	assert_string_equal(taken.scopes, "calendar openid");
	assert_string_equal(taken.required, "calendar");
	assert_string_equal(taken.fingerprint, "0123456789abcdef");
	assert_true(taken.row.active && taken.row.token_present);
	assert_int_equal(taken.row.state, STATE_PENDING);
	assert_int_equal(taken.row.since, FIXTURE_NOW);
	assert_int_equal(taken.row.generation, 1);
	assert_int_equal(taken.row.access_expires_at, FIXTURE_NOW + 3600000);
	assert_int_equal(taken.row.version, 1);
	const struct connection_new again = { .workspace_id = acme, .provider = "google", .account_email = "x",
		                              .subject = "a@example.com" };
	check_fails(store_connection_create(fixture.store, &again, other, &err), &err, ERR_CONFLICT);
	const struct connection_new lost = { .workspace_id = unknown, .provider = "google", .account_email = "x", .subject = "x" };
	check_fails(store_connection_create(fixture.store, &lost, other, &err), &err, ERR_NOT_FOUND);
	char endless[300];
	memset(endless, 'a', sizeof endless);
	endless[sizeof endless - 1] = '\0';
	const struct connection_new longest = { .workspace_id = acme, .provider = "google", .account_email = endless,
		                                .subject = "y" };
	check_fails(store_connection_create(fixture.store, &longest, other, &err), &err, ERR_INVALID_PARAMS);
	check_fails(store_connection_get(fixture.store, unknown, take, &taken, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

static void test_find(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	struct taken taken = { .rows = 0 };
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], a[ID_TEXT_SIZE], b[ID_TEXT_SIZE], grant[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_workspace(&fixture, "globex", globex);
	store_fixture_connection(&fixture, acme, "a@example.com", a);
	keep(grant, sizeof grant, look(&fixture, a).grant);
	const struct connection_new in = { .workspace_id = globex, .provider = "google", .account_email = "a@example.com",
		                           .subject = "a@example.com", .grant_id = grant };
	check_ok(store_connection_create(fixture.store, &in, b, &err), &err);
	check_ok(store_connection_find(fixture.store, globex, "google", "a@example.com", take, &taken, &err), &err);
	assert_string_equal(taken.id, b);
	check_fails(store_connection_find(fixture.store, globex, "outlook", "a@example.com", take, &taken, &err), &err,
	            ERR_NOT_FOUND);
	taken.rows = 0;
	check_ok(store_connection_of_grant(fixture.store, grant, take, &taken, &err), &err);
	assert_int_equal(taken.rows, 2);
	store_fixture_close(&fixture);
}

static void test_detach_and_attach(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], id[ID_TEXT_SIZE], grant[ID_TEXT_SIZE], user[ID_TEXT_SIZE],
		stranger[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	struct store *store = fixture.store;
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_workspace(&fixture, "globex", globex);
	store_fixture_user(&fixture, acme, "u@example.com", user);
	store_fixture_user(&fixture, globex, "u@example.com", stranger);
	store_fixture_connection(&fixture, acme, "a@example.com", id);
	keep(grant, sizeof grant, look(&fixture, id).grant);
	check_ok(store_connection_set_synced(store, id, "cursor-1", &err), &err);
	fixture.now += 10;
	check_ok(store_connection_detach(store, id, &err), &err);
	struct taken taken = look(&fixture, id);
	assert_string_equal(taken.grant, "NULL");
	assert_string_equal(taken.scopes, "NULL");
	assert_string_equal(taken.cursor, "NULL");
	assert_false(taken.row.active || taken.row.token_present);
	assert_int_equal(taken.row.generation, 0);
	assert_int_equal(taken.row.disconnected_at, FIXTURE_NOW + 10);
	assert_int_equal(taken.row.state, STATE_DISCONNECTED);
	assert_true(taken.row.version > 1);
	int64_t version = taken.row.version;
	fixture.now += 10;
	check_ok(store_connection_attach(store, id, grant, "new@example.com", user, "calendar openid", &err), &err);
	taken = look(&fixture, id);
	assert_string_equal(taken.id, id);
	assert_string_equal(taken.grant, grant);
	assert_string_equal(taken.email, "new@example.com");
	assert_string_equal(taken.user, user);
	assert_string_equal(taken.required, "calendar openid");
	assert_true(taken.row.active && taken.row.token_present);
	assert_int_equal(taken.row.disconnected_at, 0);
	assert_int_equal(taken.row.state, STATE_PENDING);
	assert_int_equal(taken.row.since, FIXTURE_NOW + 20);
	assert_true(taken.row.version > version);
	check_ok(store_connection_attach(store, id, grant, "new@example.com", NULL, NULL, &err), &err);
	assert_string_equal(look(&fixture, id).user, user);
	check_fails(store_connection_attach(store, id, grant, "n", stranger, NULL, &err), &err, ERR_NOT_FOUND);
	check_fails(store_connection_attach(store, id, unknown, "n", NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_fails(store_connection_attach(store, unknown, grant, "n", NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_fails(store_connection_detach(store, unknown, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

static void test_attaching_never_unpauses(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], id[ID_TEXT_SIZE], grant[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_connection(&fixture, acme, "a@example.com", id);
	keep(grant, sizeof grant, look(&fixture, id).grant);
	store_fixture_commit(&fixture);
	store_close(fixture.store);
	fixture.store = NULL;
	store_fixture_sql(&fixture, "UPDATE connections SET paused_at = 5, active = 0", NULL, 0);
	check_ok(store_fixture_try(&fixture, &err), &err);
	check_ok(store_connection_attach(fixture.store, id, grant, "a@example.com", NULL, "calendar", &err), &err);
	struct taken taken = look(&fixture, id);
	assert_int_equal(taken.row.state, STATE_PAUSED);
	assert_int_equal(taken.row.paused_at, 5);
	assert_false(taken.row.active);
	store_fixture_close(&fixture);
}

static void test_token_present_needs_a_live_grant(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], id[ID_TEXT_SIZE], grant[ID_TEXT_SIZE];
	bool marked;
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_connection(&fixture, acme, "a@example.com", id);
	keep(grant, sizeof grant, look(&fixture, id).grant);
	check_ok(store_grant_mark_dead(fixture.store, grant, 1, &marked, &err), &err);
	assert_false(look(&fixture, id).row.token_present);
	const struct grant_row consent = { .id = grant, .email = "e", .scopes = "s", .key_id = "k", .access_token = { "a", 1 } };
	check_ok(store_grant_replace(fixture.store, &consent, &err), &err);
	assert_false(look(&fixture, id).row.token_present);
	store_fixture_close(&fixture);
}

static void test_state(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
	bool changed = true;
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_connection(&fixture, acme, "a@example.com", id);
	fixture.now += 10;
	check_ok(store_connection_set_state(fixture.store, id, STATE_PENDING, &changed, &err), &err);
	assert_false(changed);
	assert_int_equal(look(&fixture, id).row.since, FIXTURE_NOW);
	for (int i = 0; i < STATE_COUNT; i++) {
		int64_t version = look(&fixture, id).row.version;
		bool same = look(&fixture, id).row.state == (enum connection_state)i;
		check_ok(store_connection_set_state(fixture.store, id, (enum connection_state)i, &changed, &err), &err);
		struct taken taken = look(&fixture, id);
		assert_int_equal(taken.row.state, i);
		assert_int_equal(changed, !same);
		assert_int_equal(taken.row.version, version + !same);
		assert_int_equal(taken.row.since, FIXTURE_NOW + 10);
	}
	check_fails(store_connection_set_state(fixture.store, unknown, STATE_FAILING, NULL, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

static void test_synced(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_connection(&fixture, acme, "a@example.com", id);
	fixture.now += 10;
	check_ok(store_connection_set_synced(fixture.store, id, "cursor", &err), &err);
	struct taken taken = look(&fixture, id);
	assert_int_equal(taken.row.last_sync, FIXTURE_NOW + 10);
	assert_string_equal(taken.cursor, "cursor");
	assert_int_equal(taken.row.version, 1);
	check_ok(store_connection_drop_cursor(fixture.store, id, &err), &err);
	assert_string_equal(look(&fixture, id).cursor, "NULL");
	check_fails(store_connection_set_synced(fixture.store, unknown, "c", &err), &err, ERR_NOT_FOUND);
	check_fails(store_connection_drop_cursor(fixture.store, unknown, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

static void take_error(void *arg, const struct sync_error_row *row)
{
	char *story = arg;
	(void)snprintf(story + strlen(story), 256 - strlen(story), "%s/%s x%d %s%s ", row->code, row->operation, (int)row->count,
	               row->message, row->resolved_at ? " resolved" : "");
}

static void check_errors(struct store_fixture *fixture, const char *id, bool open_only, const char *expected)
{
	char story[256] = "";
	struct err err = { 0 };
	check_ok(store_sync_error_of(fixture->store, id, open_only, take_error, story, &err), &err);
	assert_string_equal(story, expected);
}

static void test_sync_errors(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	struct store *store = fixture.store;
	store_fixture_workspace(&fixture, "acme", acme);
	store_fixture_connection(&fixture, acme, "a@example.com", id);
	struct sync_error_new trouble = { .connection_id = id, .code = "provider_down", .operation = "token", .message = "first",
		                          .provider_status = 503 };
	check_ok(store_sync_error_open(store, &trouble, &err), &err);
	fixture.now++;
	trouble.message = "second";
	check_ok(store_sync_error_open(store, &trouble, &err), &err);
	fixture.now++;
	trouble.operation = NULL;
	check_ok(store_sync_error_open(store, &trouble, &err), &err);
	check_errors(&fixture, id, true, "provider_down/ x1 second provider_down/token x2 second ");
	assert_int_equal(look(&fixture, id).row.sync_errors, 2);
	check_ok(store_sync_error_resolve(store, id, "provider_down", "token", &err), &err);
	assert_int_equal(look(&fixture, id).row.sync_errors, 1);
	/* A resolved one stays as it is; trouble that comes back is a new row. */
	fixture.now++;
	trouble.operation = "token";
	trouble.message = "third";
	check_ok(store_sync_error_open(store, &trouble, &err), &err);
	check_errors(&fixture, id, false, "provider_down/token x1 third provider_down/ x1 second provider_down/token x2 second resolved ");
	check_ok(store_sync_error_resolve(store, id, "other", NULL, &err), &err);
	assert_int_equal(look(&fixture, id).row.sync_errors, 2);
	check_ok(store_sync_error_resolve(store, id, NULL, NULL, &err), &err);
	check_errors(&fixture, id, true, "");
	assert_int_equal(look(&fixture, id).row.sync_errors, 0);
	trouble.connection_id = unknown;
	check_fails(store_sync_error_open(store, &trouble, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_detach_and_attach),
		cmocka_unit_test(test_attaching_never_unpauses),
		cmocka_unit_test(test_token_present_needs_a_live_grant),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_synced),
		cmocka_unit_test(test_sync_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
