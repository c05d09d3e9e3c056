/* The timeline of a connection, and the life that it tells: runs, pauses, the trash, the purge; and, after random work, the
 * times that connections show against their jobs. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/attempts.h"
#include "store/calendars.h"
#include "store/grants.h"
#include "store/jobs.h"
#include "store/sync_errors.h"
#include "store/timeline.h"
#include "store/workspaces.h"

#include <stdio.h>
#include <string.h>

#define NOW FIXTURE_NOW

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

struct scene {
	struct store_fixture fixture;
	char acme[ID_TEXT_SIZE], a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
};

static void setup(struct scene *scene)
{
	store_fixture_open(&scene->fixture);
	store_fixture_workspace(&scene->fixture, "acme", scene->acme);
	store_fixture_connection(&scene->fixture, scene->acme, "a@example.com", scene->a);
	store_fixture_connection(&scene->fixture, scene->acme, "b@example.com", scene->b);
}

static void tell(struct scene *scene, const char *connection, const char *text, const char *actor)
{
	struct err err = { 0 };
	const struct timeline_row row = { .connection_id = connection, .kind = "state", .actor = actor, .text = text };
	check_ok(store_timeline_append(scene->fixture.store, &row, &err), &err);
}

struct story {
	const struct scene *scene;
	char text[512];
	int rows;
};

static void take_row(void *arg, const struct timeline_row *row)
{
	struct story *story = arg;
	assert_true(id_is_valid(row->id));
	assert_string_equal(row->workspace_id, story->scene->acme);
	assert_string_equal(row->kind, "state");
	assert_null(row->details);
	size_t len = strlen(story->text);
	(void)snprintf(story->text + len, sizeof story->text - len, "%s:%s:%d ", row->text, row->actor ? row->actor : "",
	               (int)(row->at - NOW));
	story->rows++;
}

static struct story read_story(const struct scene *scene, const char *connection, int limit, const char *scope)
{
	struct story story = { .scene = scene };
	struct err err = { 0 };
	struct store_page_end end = { .total = 0 };
	char cursor[sizeof end.next_cursor] = "";
	do {
		const struct store_page page = { .limit = limit, .cursor = cursor[0] ? cursor : NULL, .scope = scope };
		check_ok(store_timeline_list(scene->fixture.store, &page, connection, take_row, &story, &end, &err), &err);
		memcpy(cursor, end.next_cursor, sizeof cursor);
	} while (cursor[0]);
	assert_int_equal(end.total, story.rows);
	return story;
}

static void test_timeline(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char scope[64];
	int64_t deleted = -1;
	(void)state;
	setup(&scene);
	tell(&scene, scene.a, "one", NULL);
	tell(&scene, scene.a, "two", "ada"); /* of the same instant, and later all the same */
	scene.fixture.now++;
	tell(&scene, scene.b, "other", NULL);
	tell(&scene, scene.a, "three", NULL);
	(void)snprintf(scope, sizeof scope, "[\"%s\"]", scene.acme);
	assert_string_equal(read_story(&scene, scene.a, 100, NULL).text, "three::1 two:ada:0 one::0 ");
	assert_string_equal(read_story(&scene, scene.a, 1, scope).text, "three::1 two:ada:0 one::0 ");
	assert_int_equal(read_story(&scene, scene.a, 2, "[]").rows, 0);
	const struct timeline_row lost = { .connection_id = unknown, .kind = "state", .text = "x" };
	check_fails(store_timeline_append(scene.fixture.store, &lost, &err), &err, ERR_NOT_FOUND);
	check_ok(store_timeline_delete_before(scene.fixture.store, NOW + 1, 1, &deleted, &err), &err);
	assert_int_equal(deleted, 1);
	assert_string_equal(read_story(&scene, scene.a, 2, NULL).text, "three::1 two:ada:0 ");
	check_ok(store_timeline_delete_before(scene.fixture.store, NOW + 1, 9, &deleted, &err), &err);
	assert_int_equal(deleted, 1);
	assert_int_equal(read_story(&scene, scene.b, 2, NULL).rows, 1);
	store_fixture_close(&scene.fixture);
}

struct taken {
	struct connection_row row; /* strings gone; those that matter are below */
	char reason[32], emails[256];
	int rows;
};

static void take(void *arg, const struct connection_row *row)
{
	struct taken *taken = arg;
	taken->row = *row;
	(void)snprintf(taken->reason, sizeof taken->reason, "%s", row->paused_reason ? row->paused_reason : "NULL");
	size_t len = strlen(taken->emails);
	(void)snprintf(taken->emails + len, sizeof taken->emails - len, "%c ", row->account_email[0]);
	taken->rows++;
}

static struct taken look(struct scene *scene, const char *id)
{
	struct taken taken = { .rows = 0 };
	struct err err = { 0 };
	check_ok(store_connection_get(scene->fixture.store, id, take, &taken, &err), &err);
	return taken;
}

static bool pause(struct scene *scene, const char *id, bool paused, int64_t until, const char *reason)
{
	struct err err = { 0 };
	bool changed = false;
	check_ok(store_connection_pause(scene->fixture.store, id, paused, until, reason, &changed, &err), &err);
	return changed;
}

static const char *pauses_due(struct scene *scene, int64_t now, int limit, struct taken *taken)
{
	struct err err = { 0 };
	*taken = (struct taken){ .rows = 0 };
	check_ok(store_connection_pauses_due(scene->fixture.store, now, limit, take, taken, &err), &err);
	return taken->emails;
}

static void test_pause(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	struct taken due;
	int64_t next = -1;
	(void)state;
	setup(&scene);
	struct store *store = scene.fixture.store;
	scene.fixture.now = NOW + 1;
	assert_true(pause(&scene, scene.a, true, NOW + 100, "holiday"));
	struct taken taken = look(&scene, scene.a);
	assert_int_equal(taken.row.state, STATE_PAUSED);
	assert_false(taken.row.active);
	assert_int_equal(taken.row.paused_at, NOW + 1);
	assert_int_equal(taken.row.paused_until, NOW + 100);
	assert_string_equal(taken.reason, "holiday");
	scene.fixture.now = NOW + 2;
	assert_false(pause(&scene, scene.a, true, NOW + 100, "holiday"));
	assert_int_equal(look(&scene, scene.a).row.version, taken.row.version);
	assert_true(pause(&scene, scene.a, true, NOW + 200, NULL));
	taken = look(&scene, scene.a);
	assert_int_equal(taken.row.paused_at, NOW + 1);
	assert_int_equal(taken.row.paused_until, NOW + 200);
	assert_string_equal(taken.reason, "NULL");
	assert_true(pause(&scene, scene.b, true, NOW + 150, NULL));
	check_ok(store_connection_pauses_next(store, &next, &err), &err);
	assert_int_equal(next, NOW + 150);
	assert_string_equal(pauses_due(&scene, NOW + 200, 9, &due), "b a ");
	assert_string_equal(pauses_due(&scene, NOW + 200, 1, &due), "b ");
	assert_string_equal(pauses_due(&scene, NOW + 149, 9, &due), "");
	assert_true(pause(&scene, scene.b, false, 0, NULL));
	assert_false(pause(&scene, scene.b, false, 0, NULL));
	taken = look(&scene, scene.b);
	assert_true(taken.row.active && taken.row.paused_at == 0 && taken.row.paused_until == 0);
	/* Pausing outlives a disconnect; resuming does not connect. */
	check_ok(store_connection_detach(store, scene.a, &err), &err);
	check_fails(store_connection_pause(store, scene.a, true, 0, NULL, NULL, &err), &err, ERR_CONFLICT);
	assert_true(pause(&scene, scene.a, false, 0, NULL));
	taken = look(&scene, scene.a);
	assert_false(taken.row.active);
	assert_int_equal(taken.row.state, STATE_DISCONNECTED);
	check_ok(store_connection_pauses_next(store, &next, &err), &err);
	assert_int_equal(next, 0);
	check_fails(store_connection_pause(store, unknown, true, 0, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&scene.fixture);
}

static void take_job_id(void *arg, const struct job_row *row)
{
	memcpy(arg, row->id, ID_TEXT_SIZE);
}

/* One of everything that belongs to a connection. */
static void furnish(struct scene *scene, const char *connection)
{
	struct store *store = scene->fixture.store;
	struct err err = { 0 };
	char job[ID_TEXT_SIZE], run[ID_TEXT_SIZE], attempt[ID_TEXT_SIZE];
	enum calendar_change change;
	int64_t count;
	const struct calendar_seen seen = { .external_id = "e", .summary = "s" };
	const struct sync_error_new trouble = { .connection_id = connection, .code = "overdue" };
	check_ok(store_calendar_put(store, connection, &seen, &change, &err), &err);
	check_ok(store_sync_error_open(store, &trouble, &err), &err);
	check_ok(store_job_put(store, JOB_TOKEN_REFRESH, connection, NOW, "expiry", &err), &err);
	check_ok(store_job_put(store, JOB_FULL_SYNC, connection, NOW, "expiry", &err), &err);
	tell(scene, connection, "x", NULL);
	store_new_id(store, attempt);
	const struct attempt_new in = { .id = attempt, .workspace_id = scene->acme, .provider = "google", .connection_id = connection,
		                        .state_hash = connection, .short_hash = connection, .expires_at = NOW + 9 };
	check_ok(store_attempt_create(store, &in, &err), &err);
	check_ok(store_job_find(store, JOB_TOKEN_REFRESH, connection, take_job_id, job, &err), &err);
	check_ok(store_job_start(store, job, NOW + 1, "manual", run, &err), &err);
	check_ok(store_job_expire_leases(store, NOW + 1, &count, &err), &err);
}

static void take_grant(void *arg, const struct connection_row *row)
{
	memcpy(arg, row->grant_id, ID_TEXT_SIZE);
}

static int add_run(struct scene *scene, int64_t at, const char *connection, bool finish)
{
	struct err err = { 0 };
	char job[ID_TEXT_SIZE], run[ID_TEXT_SIZE];
	const struct job_result good = { .ok = true, .next_run_at = NOW, .next_run_why = "interval" };
	scene->fixture.now = at;
	check_ok(store_job_put(scene->fixture.store, JOB_TOKEN_REFRESH, connection, NOW, "expiry", &err), &err);
	check_ok(store_job_find(scene->fixture.store, JOB_TOKEN_REFRESH, connection, take_job_id, job, &err), &err);
	check_ok(store_job_start(scene->fixture.store, job, NOW, "manual", run, &err), &err);
	return finish ? store_job_finish(scene->fixture.store, job, run, &good, &err) : 0;
}

static void test_runs_past_their_time(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	struct connection_effects effects;
	int64_t deleted = -1;
	(void)state;
	setup(&scene);
	(void)add_run(&scene, NOW, scene.b, false); /* as old as the others, but not over */
	for (int i = 0; i < 5; i++)
		assert_int_equal(add_run(&scene, NOW + i, scene.a, true), 0);
	for (int expected = 2; expected >= 0; expected--) {
		check_ok(store_run_delete_before(scene.fixture.store, NOW + 3, 2, &deleted, &err), &err);
		assert_int_equal(deleted, expected);
	}
	check_ok(store_connection_effects(scene.fixture.store, scene.a, &effects, &err), &err);
	assert_int_equal(effects.runs, 2);
	check_ok(store_connection_effects(scene.fixture.store, scene.b, &effects, &err), &err);
	assert_int_equal(effects.runs, 1);
	store_fixture_close(&scene.fixture);
}

static void check_rows(struct scene *scene, const char *table, const char *count)
{
	char sql[320], text[16];
	(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
	store_fixture_sql(&scene->fixture, sql, text, sizeof text);
	if (strcmp(text, count) != 0)
		print_error("%s has %s rows\n", table, text);
	assert_string_equal(text, count);
}

/* Rows of all tables that know connections; one of each was made for each of two connections. */
static void check_all(struct scene *scene, const char *left, const char *jobs, const char *attempts, const char *grants)
{
	static const char *const tables[] = { "connections", "calendars", "sync_errors", "runs", "timeline" };
	struct err err = { 0 };
	store_fixture_commit(&scene->fixture);
	store_close(scene->fixture.store);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		check_rows(scene, tables[i], left);
	check_rows(scene, "jobs", jobs);
	check_rows(scene, "attempts", attempts);
	check_rows(scene, "grants", grants);
	check_rows(scene, "pragma_foreign_key_check", "0");
	check_ok(store_fixture_try(&scene->fixture, &err), &err);
}

static void test_trash_and_purge(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	struct taken trash = { .rows = 0 };
	struct connection_effects effects;
	char grant[ID_TEXT_SIZE];
	(void)state;
	setup(&scene);
	furnish(&scene, scene.a);
	furnish(&scene, scene.b);
	check_fails(store_connection_purge(scene.fixture.store, scene.a, &err), &err, ERR_CONFLICT);
	check_ok(store_connection_effects(scene.fixture.store, scene.a, &effects, &err), &err);
	assert_true(effects.calendars == 1 && effects.sync_errors == 1 && effects.runs == 1 && effects.timeline == 1);
	check_all(&scene, "2", "4", "2", "2");
	check_ok(store_connection_get(scene.fixture.store, scene.a, take_grant, grant, &err), &err);
	check_ok(store_connection_detach(scene.fixture.store, scene.a, &err), &err);
	check_ok(store_grant_shred(scene.fixture.store, grant, &err), &err);
	check_all(&scene, "2", "2", "2", "2");
	check_ok(store_connection_trash(scene.fixture.store, NOW, 9, take, &trash, &err), &err);
	assert_string_equal(trash.emails, "");
	check_ok(store_connection_trash(scene.fixture.store, NOW + 1, 9, take, &trash, &err), &err);
	assert_string_equal(trash.emails, "a ");
	check_ok(store_connection_purge(scene.fixture.store, scene.a, &err), &err);
	check_fails(store_connection_purge(scene.fixture.store, scene.a, &err), &err, ERR_NOT_FOUND);
	check_fails(store_connection_effects(scene.fixture.store, scene.a, &effects, &err), &err, ERR_NOT_FOUND);
	check_all(&scene, "1", "2", "2", "1");
	store_fixture_close(&scene.fixture);
}

/* The grant of a purged connection stays while anything needs it. */
static void test_purge_and_grants(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char grant[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], sibling[ID_TEXT_SIZE];
	(void)state;
	setup(&scene);
	struct store *store = scene.fixture.store;
	store_fixture_workspace(&scene.fixture, "globex", globex);
	check_ok(store_connection_get(store, scene.a, take_grant, grant, &err), &err);
	const struct connection_new in = { .workspace_id = globex, .provider = "google", .account_email = "a@example.com",
		                           .subject = "a@example.com", .grant_id = grant };
	check_ok(store_connection_create(store, &in, sibling, &err), &err);
	check_ok(store_connection_detach(store, scene.a, &err), &err);
	check_ok(store_connection_purge(store, scene.a, &err), &err);
	check_ok(store_grant_get(store, grant, NULL, NULL, &err), &err);
	/* The last one goes, but its revocation waits still. */
	const struct revocation_row waiting = { .id = unknown, .provider = "google", .grant_id = grant, .key_id = "k",
		                                .data_key = { "d", 1 }, .token = { "t", 1 } };
	check_ok(store_connection_detach(store, sibling, &err), &err);
	check_ok(store_grant_shred(store, grant, &err), &err);
	check_ok(store_revocation_insert(store, &waiting, &err), &err);
	check_ok(store_unit_begin(store, &err), &err);
	check_ok(store_connection_purge(store, sibling, &err), &err);
	check_ok(store_grant_get(store, grant, NULL, NULL, &err), &err);
	check_ok(store_unit_end(store, false, NULL, &err), &err);
	check_ok(store_revocation_delete(store, unknown, &err), &err);
	check_ok(store_connection_purge(store, sibling, &err), &err);
	check_fails(store_grant_get(store, grant, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&scene.fixture);
}

static void test_a_workspace_takes_all_along(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	(void)state;
	setup(&scene);
	furnish(&scene, scene.a);
	furnish(&scene, scene.b);
	check_ok(store_job_put(scene.fixture.store, JOB_CLEANUP, NULL, NOW, "interval", &err), &err);
	check_ok(store_connection_detach(scene.fixture.store, scene.a, &err), &err);
	check_ok(store_connection_detach(scene.fixture.store, scene.b, &err), &err);
	check_ok(store_workspace_delete(scene.fixture.store, scene.acme, &err), &err);
	check_all(&scene, "0", "1", "0", "2");
	store_fixture_close(&scene.fixture);
}

static int draw(uint64_t *random, int below)
{
	*random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((*random >> 33) % (uint64_t)below);
}

/* What was refused is as good as what was done: the rules hold either way. */
static void do_something(struct scene *scene, uint64_t *random, char job[ID_TEXT_SIZE], char run[ID_TEXT_SIZE])
{
	struct store *store = scene->fixture.store;
	struct err err = { 0 };
	char drawn[ID_TEXT_SIZE];
	int64_t count;
	const char *connection = draw(random, 2) ? scene->a : scene->b;
	enum job_kind kind = (enum job_kind)draw(random, JOB_CLEANUP);
	const struct job_result result = { .ok = draw(random, 2), .next_run_at = NOW + draw(random, 50), .next_run_why = "x",
		                           .backoff = draw(random, 2) };
	scene->fixture.now++;
	switch (draw(random, 12)) {
	case 0: (void)store_connection_detach(store, connection, &err); break;
	case 1: (void)store_connection_attach(store, connection, NULL, NULL, NULL, NULL, &err); break;
	case 2:
	case 3: (void)store_connection_pause(store, connection, draw(random, 2), 0, NULL, NULL, &err); break;
	case 4: (void)store_job_expire_leases(store, draw(random, 50), &count, &err); break;
	case 5: (void)store_job_finish(store, job, run, &result, &err); break;
	case 6: (void)store_job_delete_of_connection(store, draw(random, 9) ? unknown : connection, &err); break;
	case 7:
	case 8:
	case 9:
		if (store_job_find(store, kind, connection, take_job_id, drawn, &err) < 0)
			break;
		if (store_job_start(store, drawn, 1 + draw(random, 50), "manual", run, &err) == 0)
			memcpy(job, drawn, ID_TEXT_SIZE);
		break;
	default: (void)store_job_put(store, kind, connection, NOW + draw(random, 50), "x", &err);
	}
	assert_true(err.code == ERR_NONE || err.code == ERR_NOT_FOUND || err.code == ERR_CONFLICT);
}

#define SHOWN(kind) "coalesce((SELECT CASE paused WHEN 0 THEN next_run_at ELSE 0 END FROM jobs WHERE connection_id = c.id " \
	"AND kind = '" kind "'), 0)"
static const char *const rules[] = {
	"connections c WHERE next_refresh_at <> " SHOWN("token_refresh"),
	"connections c WHERE next_sync_at <> " SHOWN("calendar_sync"),
	"jobs j, connections c WHERE c.id = j.connection_id AND (c.disconnected_at <> 0 OR (c.paused_at <> 0) <> j.paused)",
	"jobs WHERE state = 'paused' AND paused = 0 OR paused = 1 AND state NOT IN ('paused', 'running')",
	"jobs WHERE (state = 'running') <> (run_id IS NOT NULL) OR (state = 'running') <> (lease_until > 0)",
	"runs r WHERE (state = 'running') <> EXISTS (SELECT 1 FROM jobs WHERE run_id = r.id)",
	"runs WHERE (state = 'running') <> (ended_at = 0)",
	"connections WHERE active <> (paused_at = 0 AND disconnected_at = 0)",
};

static void test_random_work(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	uint64_t random = 3;
	char job[ID_TEXT_SIZE] = "", run[ID_TEXT_SIZE] = "";
	(void)state;
	setup(&scene);
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 40; i++) {
			bool unit = draw(&random, 3) == 0;
			if (unit)
				check_ok(store_unit_begin(scene.fixture.store, &err), &err);
			do_something(&scene, &random, job, run);
			do_something(&scene, &random, job, run);
			if (unit)
				check_ok(store_unit_end(scene.fixture.store, draw(&random, 2), NULL, &err), &err);
		}
		store_fixture_commit(&scene.fixture);
		store_close(scene.fixture.store);
		for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
			check_rows(&scene, rules[i], "0");
		check_ok(store_fixture_try(&scene.fixture, &err), &err);
	}
	store_fixture_close(&scene.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeline),
		cmocka_unit_test(test_runs_past_their_time),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_trash_and_purge),
		cmocka_unit_test(test_purge_and_grants),
		cmocka_unit_test(test_a_workspace_takes_all_along),
		cmocka_unit_test(test_random_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
