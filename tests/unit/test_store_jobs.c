/* Jobs and their ledger: what is due, runs and their ends, pauses, lists, and how long it takes. STORE_JOBS_ROWS=1000000
 * in the environment takes the time with so many jobs. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/jobs.h"
#include "store/users.h"
#include "store/workspaces.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE INT64_C(60000)
#define NOW FIXTURE_NOW

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

struct taken {
	struct job_row row; /* strings gone; those that matter are below */
	int rows;
	char id[ID_TEXT_SIZE], connection[ID_TEXT_SIZE], workspace[ID_TEXT_SIZE], grant[ID_TEXT_SIZE], why[24], result[24];
	char all[512]; /* the whys of all rows */
};

static void keep(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "NULL");
}

static void take(void *arg, const struct job_row *row)
{
	struct taken *taken = arg;
	taken->row = *row;
	taken->rows++;
	keep(taken->id, sizeof taken->id, row->id);
	keep(taken->connection, sizeof taken->connection, row->connection_id);
	keep(taken->workspace, sizeof taken->workspace, row->workspace_id);
	keep(taken->grant, sizeof taken->grant, row->grant_id);
	keep(taken->why, sizeof taken->why, row->next_run_why);
	keep(taken->result, sizeof taken->result, row->last_result);
	size_t len = strlen(taken->all);
	(void)snprintf(taken->all + len, sizeof taken->all - len, "%s ", row->next_run_why);
}

struct runs {
	int rows;
	char newest[ID_TEXT_SIZE], all[512]; /* "state/cause/code " of each */
};

static void take_run(void *arg, const struct run_row *row)
{
	struct runs *runs = arg;
	if (runs->rows++ == 0)
		keep(runs->newest, sizeof runs->newest, row->id);
	size_t len = strlen(runs->all);
	(void)snprintf(runs->all + len, sizeof runs->all - len, "%s/%s/%s ", row->state, row->cause, row->code ? row->code : "");
}

static struct runs history(struct store_fixture *fixture, const char *connection_id)
{
	struct runs runs = { .rows = 0 };
	struct err err = { 0 };
	struct store_page_end end;
	const struct store_page page = { .limit = 100 };
	check_ok(store_run_list(fixture->store, &page, -1, connection_id, take_run, &runs, &end, &err), &err);
	return runs;
}

static struct taken look(struct store_fixture *fixture, enum job_kind kind, const char *connection)
{
	struct taken taken = { .rows = 0 };
	struct err err = { 0 };
	check_ok(store_job_find(fixture->store, kind, connection, take, &taken, &err), &err);
	return taken;
}

static void put(struct store_fixture *fixture, enum job_kind kind, const char *connection, int64_t at, const char *why)
{
	struct err err = { 0 };
	check_ok(store_job_put(fixture->store, kind, connection, at, why, &err), &err);
}

static struct taken due(struct store_fixture *fixture, int64_t now, int limit)
{
	struct taken taken = { .rows = 0 };
	struct err err = { 0 };
	check_ok(store_job_due(fixture->store, now, limit, take, &taken, &err), &err);
	return taken;
}

static void start(struct store_fixture *fixture, const char *id, int64_t lease, char run[ID_TEXT_SIZE])
{
	struct err err = { 0 };
	check_ok(store_job_start(fixture->store, id, lease, "manual", run, &err), &err);
}

static void take_times(void *arg, const struct connection_row *row)
{
	int64_t *times = arg;
	times[0] = row->next_refresh_at;
	times[1] = row->next_sync_at;
}

static void check_times(struct store_fixture *fixture, const char *connection, int64_t refresh, int64_t sync)
{
	int64_t times[2];
	struct err err = { 0 };
	check_ok(store_connection_get(fixture->store, connection, take_times, times, &err), &err);
	assert_int_equal(times[0], refresh);
	assert_int_equal(times[1], sync);
}

struct scene {
	struct store_fixture fixture;
	struct store *store;
	char acme[ID_TEXT_SIZE], a[ID_TEXT_SIZE], b[ID_TEXT_SIZE];
};

static void setup(struct scene *scene)
{
	store_fixture_open(&scene->fixture);
	scene->store = scene->fixture.store;
	store_fixture_workspace(&scene->fixture, "acme", scene->acme);
	store_fixture_connection(&scene->fixture, scene->acme, "a@example.com", scene->a);
	store_fixture_connection(&scene->fixture, scene->acme, "b@example.com", scene->b);
}

static void test_put(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char run[ID_TEXT_SIZE];
	enum job_kind kind;
	(void)state;
	for (int i = 0; i < JOB_KIND_COUNT; i++)
		assert_true(job_kind_parse(job_kind_name((enum job_kind)i), &kind) && kind == (enum job_kind)i);
	assert_false(job_kind_parse("renew", &kind));
	setup(&scene);
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.a, NOW + 5, "expiry");
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.a, NOW + 7, "consent");
	put(&scene.fixture, JOB_CLEANUP, NULL, NOW + 9, "interval");
	struct taken taken = look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a);
	assert_string_equal(taken.connection, scene.a);
	assert_string_equal(taken.workspace, scene.acme);
	assert_string_not_equal(taken.grant, "NULL");
	assert_string_equal(taken.result, "NULL");
	assert_int_equal(taken.row.state, JOB_SCHEDULED);
	assert_int_equal(taken.row.next_run_at, NOW + 5);
	check_times(&scene.fixture, scene.a, NOW + 5, NOW + 7);
	check_times(&scene.fixture, scene.b, 0, 0);
	struct taken own = look(&scene.fixture, JOB_CLEANUP, NULL);
	assert_string_equal(own.workspace, "NULL");
	assert_true(own.row.number > taken.row.number);
	/* Moved, and made once. */
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.a, NOW + 50, "manual");
	put(&scene.fixture, JOB_CLEANUP, NULL, NOW + 90, "interval");
	struct taken moved = look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a);
	assert_string_equal(moved.id, taken.id);
	assert_string_equal(moved.why, "manual");
	check_times(&scene.fixture, scene.a, NOW + 50, NOW + 7);
	assert_string_equal(look(&scene.fixture, JOB_CLEANUP, NULL).id, own.id);
	/* Not while it runs. */
	start(&scene.fixture, taken.id, NOW + MINUTE, run);
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.a, NOW + 500, "expiry");
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a).row.next_run_at, NOW + 50);
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a).row.state, JOB_RUNNING);
	check_fails(store_job_put(scene.store, JOB_FULL_SYNC, unknown, NOW, "consent", &err), &err, ERR_NOT_FOUND);
	check_fails(store_job_find(scene.store, JOB_FULL_SYNC, NULL, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_fails(store_job_get(scene.store, unknown, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_ok(store_job_set_interval(scene.store, taken.id, 5000, &err), &err);
	check_ok(store_job_set_interval(scene.store, taken.id, 5000, &err), &err);
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a).row.interval_ms, 5000);
	check_fails(store_job_set_interval(scene.store, unknown, 1, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&scene.fixture);
}

static void test_due(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char run[ID_TEXT_SIZE];
	int64_t next = -1;
	(void)state;
	setup(&scene);
	check_ok(store_job_next(scene.store, &next, &err), &err);
	assert_int_equal(next, 0);
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.a, NOW + 20, "second");
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.a, NOW + 10, "first");
	put(&scene.fixture, JOB_CLEANUP, NULL, NOW + 30, "third");
	put(&scene.fixture, JOB_FULL_SYNC, scene.b, NOW + 31, "later");
	assert_string_equal(due(&scene.fixture, NOW + 30, 10).all, "first second third ");
	assert_string_equal(due(&scene.fixture, NOW + 30, 2).all, "first second ");
	assert_int_equal(due(&scene.fixture, NOW + 9, 10).rows, 0);
	check_ok(store_job_next(scene.store, &next, &err), &err);
	assert_int_equal(next, NOW + 10);
	start(&scene.fixture, look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a).id, NOW + MINUTE, run);
	assert_string_equal(due(&scene.fixture, NOW + 30, 10).all, "second third ");
	check_ok(store_job_pause_connection(scene.store, scene.a, true, &err), &err);
	assert_string_equal(due(&scene.fixture, NOW + 30, 10).all, "third ");
	check_ok(store_job_next(scene.store, &next, &err), &err);
	assert_int_equal(next, NOW + 30);
	store_fixture_close(&scene.fixture);
}

static void test_runs(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char run[ID_TEXT_SIZE], again[ID_TEXT_SIZE];
	(void)state;
	setup(&scene);
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.a, NOW, "interval");
	struct taken job = look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a);
	const struct job_result bad = { .code = "provider_down", .duration_ms = 40, .next_run_at = NOW + 100,
		                        .next_run_why = "backoff", .backoff = true };
	const struct job_result good = { .ok = true, .counts = "{\"added\":1}", .duration_ms = 50, .next_run_at = NOW + MINUTE,
		                         .next_run_why = "interval" };
	for (int i = 1; i <= 2; i++) {
		scene.fixture.now++;
		start(&scene.fixture, job.id, NOW + MINUTE, run);
		assert_int_equal(look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a).row.last_run_at, NOW + i);
		check_fails(store_job_start(scene.store, job.id, NOW + MINUTE, "manual", again, &err), &err, ERR_CONFLICT);
		check_ok(store_job_finish(scene.store, job.id, run, &bad, &err), &err);
		struct taken after = look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a);
		assert_int_equal(after.row.state, JOB_BACKOFF);
		assert_int_equal(after.row.attempts, i);
		assert_string_equal(after.result, "provider_down");
		check_times(&scene.fixture, scene.a, 0, NOW + 100);
	}
	/* One in back-off is due at its time, and a put takes it out. */
	assert_int_equal(due(&scene.fixture, NOW + 100, 9).rows, 1);
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.a, NOW + 100, "backoff");
	assert_int_equal(look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a).row.state, JOB_SCHEDULED);
	assert_int_equal(look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a).row.attempts, 2);
	start(&scene.fixture, job.id, NOW + MINUTE, again);
	check_fails(store_job_finish(scene.store, job.id, run, &good, &err), &err, ERR_CONFLICT);
	check_ok(store_job_finish(scene.store, job.id, again, &good, &err), &err);
	check_fails(store_job_finish(scene.store, job.id, again, &bad, &err), &err, ERR_CONFLICT);
	struct taken after = look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a);
	assert_int_equal(after.row.state, JOB_SCHEDULED);
	assert_int_equal(after.row.attempts, 0);
	assert_int_equal(after.row.last_duration_ms, 50);
	assert_string_equal(after.result, "ok");
	assert_string_equal(history(&scene.fixture, scene.a).all,
	                    "ok/manual/ failed/manual/provider_down failed/manual/provider_down ");
	assert_int_equal(history(&scene.fixture, scene.b).rows, 0);
	check_fails(store_job_start(scene.store, unknown, NOW, "manual", run, &err), &err, ERR_NOT_FOUND);
	check_fails(store_job_finish(scene.store, unknown, run, &good, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&scene.fixture);
}

static void test_interrupted(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char run[ID_TEXT_SIZE], other[ID_TEXT_SIZE];
	int64_t count = -1;
	const struct job_result good = { .ok = true, .next_run_at = NOW + MINUTE, .next_run_why = "interval" };
	(void)state;
	setup(&scene);
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.a, NOW, "expiry");
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.b, NOW, "expiry");
	struct taken a = look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a), b = look(&scene.fixture, JOB_TOKEN_REFRESH, scene.b);
	start(&scene.fixture, a.id, NOW + 10, run);
	start(&scene.fixture, b.id, NOW + 20, other);
	check_ok(store_job_expire_leases(scene.store, NOW + 9, &count, &err), &err);
	assert_int_equal(count, 0);
	check_ok(store_job_expire_leases(scene.store, NOW + 10, &count, &err), &err);
	assert_int_equal(count, 1);
	struct taken after = look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a);
	assert_string_equal(after.why, "interrupted");
	assert_string_equal(after.result, "interrupted");
	assert_int_equal(after.row.next_run_at, NOW + 10);
	check_times(&scene.fixture, scene.a, NOW + 10, 0);
	/* Too late, and the next one counts. */
	check_fails(store_job_finish(scene.store, a.id, run, &good, &err), &err, ERR_CONFLICT);
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.b).row.state, JOB_RUNNING);
	store_fixture_commit(&scene.fixture);
	store_fixture_reopen(&scene.fixture);
	check_ok(store_job_interrupt(scene.fixture.store, NOW + 15, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.b).row.next_run_at, NOW + 15);
	assert_string_equal(history(&scene.fixture, scene.b).all, "interrupted/manual/interrupted ");
	/* Disconnected while it runs: the run is over, the history stays, the jobs are gone. */
	start(&scene.fixture, b.id, NOW + MINUTE, other);
	check_ok(store_connection_detach(scene.fixture.store, scene.b, &err), &err);
	check_fails(store_job_find(scene.fixture.store, JOB_TOKEN_REFRESH, scene.b, NULL, NULL, &err), &err, ERR_NOT_FOUND);
	check_fails(store_job_finish(scene.fixture.store, b.id, other, &good, &err), &err, ERR_NOT_FOUND);
	check_fails(store_job_put(scene.fixture.store, JOB_TOKEN_REFRESH, scene.b, NOW, "expiry", &err), &err, ERR_CONFLICT);
	check_times(&scene.fixture, scene.b, 0, 0);
	assert_string_equal(history(&scene.fixture, scene.b).all,
	                    "interrupted/manual/interrupted interrupted/manual/interrupted ");
	store_fixture_close(&scene.fixture);
}

static void test_pause(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char run[ID_TEXT_SIZE];
	const struct job_result bad = { .code = "x", .next_run_at = NOW + 300, .next_run_why = "backoff", .backoff = true };
	(void)state;
	setup(&scene);
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.a, NOW + 100, "expiry");
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.a, NOW + 300, "interval");
	struct taken job = look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a);
	start(&scene.fixture, job.id, NOW + MINUTE, run);
	check_ok(store_job_pause_connection(scene.store, scene.a, true, &err), &err);
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a).row.state, JOB_RUNNING);
	assert_int_equal(look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a).row.state, JOB_PAUSED);
	check_times(&scene.fixture, scene.a, 0, 0);
	check_ok(store_job_finish(scene.store, job.id, run, &bad, &err), &err);
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a).row.state, JOB_PAUSED);
	check_times(&scene.fixture, scene.a, 0, 0);
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.a, NOW + 150, "consent");
	assert_int_equal(look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a).row.state, JOB_PAUSED);
	assert_int_equal(due(&scene.fixture, NOW + MINUTE, 9).rows, 0);
	scene.fixture.now = NOW + 200;
	check_ok(store_job_pause_connection(scene.store, scene.a, false, &err), &err);
	check_times(&scene.fixture, scene.a, NOW + 300, NOW + 200);
	struct taken resumed = look(&scene.fixture, JOB_TOKEN_REFRESH, scene.a);
	assert_int_equal(resumed.row.state, JOB_SCHEDULED);
	assert_int_equal(resumed.row.attempts, 1);
	assert_string_equal(look(&scene.fixture, JOB_CALENDAR_SYNC, scene.a).why, "recovery");
	/* A job that a paused connection gets is paused. */
	check_ok(store_connection_pause(scene.store, scene.b, true, 0, NULL, NULL, &err), &err);
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.b, NOW, "consent");
	assert_int_equal(look(&scene.fixture, JOB_TOKEN_REFRESH, scene.b).row.state, JOB_PAUSED);
	check_times(&scene.fixture, scene.b, 0, 0);
	store_fixture_close(&scene.fixture);
}

static int list(struct scene *scene, const struct job_filter *filter, const char *scope)
{
	struct taken taken = { .rows = 0 };
	struct err err = { 0 };
	struct store_page_end end = { .total = 0 };
	char cursor[sizeof end.next_cursor] = "";
	int64_t last = 0;
	do {
		const struct store_page page = { .limit = 2, .cursor = cursor[0] ? cursor : NULL, .scope = scope };
		check_ok(store_job_list(scene->store, &page, filter, take, &taken, &end, &err), &err);
		assert_true(end.total == 0 || taken.row.number > last);
		last = taken.row.number;
		memcpy(cursor, end.next_cursor, sizeof cursor);
	} while (cursor[0]);
	assert_int_equal(end.total, taken.rows);
	return taken.rows;
}

static void test_lists_and_counts(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	char run[ID_TEXT_SIZE], scope[64];
	struct taken taken = { .rows = 0 };
	struct job_counts counts;
	(void)state;
	setup(&scene);
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.a, NOW - 1, "late by a bit");
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.a, NOW - 16 * MINUTE, "late");
	put(&scene.fixture, JOB_FULL_SYNC, scene.a, NOW - 16 * MINUTE, "late, seldom");
	put(&scene.fixture, JOB_TOKEN_REFRESH, scene.b, NOW + 1, "not yet");
	put(&scene.fixture, JOB_CALENDAR_SYNC, scene.b, NOW - 16 * MINUTE, "runs");
	put(&scene.fixture, JOB_CLEANUP, NULL, NOW - 20 * MINUTE, "late, of no connection");
	check_ok(store_job_set_interval(scene.store, look(&scene.fixture, JOB_FULL_SYNC, scene.a).id, 17 * MINUTE, &err), &err);
	start(&scene.fixture, look(&scene.fixture, JOB_CALENDAR_SYNC, scene.b).id, NOW + MINUTE, run);
	check_ok(store_job_counts(scene.store, NOW, &counts, &err), &err);
	assert_int_equal(counts.running, 1);
	assert_int_equal(counts.queued, 4);
	assert_int_equal(counts.late, 2);
	check_ok(store_job_overdue(scene.store, JOB_CALENDAR_SYNC, NOW, 0, 9, take, &taken, &err), &err);
	check_ok(store_job_overdue(scene.store, JOB_FULL_SYNC, NOW, 0, 9, take, &taken, &err), &err);
	check_ok(store_job_overdue(scene.store, JOB_TOKEN_REFRESH, NOW, 0, 9, take, &taken, &err), &err);
	assert_string_equal(taken.all, "late ");
	check_ok(store_job_overdue(scene.store, JOB_CALENDAR_SYNC, NOW, 17 * MINUTE, 9, take, &taken, &err), &err);
	assert_string_equal(taken.all, "late ");
	check_ok(store_job_overdue(scene.store, JOB_FULL_SYNC, NOW + 2 * MINUTE, 60 * MINUTE, 9, take, &taken, &err), &err);
	assert_string_equal(taken.all, "late late, seldom ");
	struct job_filter filter = { .kind = -1, .state = -1 };
	assert_int_equal(list(&scene, &filter, NULL), 6);
	(void)snprintf(scope, sizeof scope, "[\"%s\"]", scene.acme);
	assert_int_equal(list(&scene, &filter, scope), 5);
	assert_int_equal(list(&scene, &filter, "[]"), 0);
	filter.kind = JOB_TOKEN_REFRESH;
	assert_int_equal(list(&scene, &filter, NULL), 2);
	filter.connection_id = scene.b;
	assert_int_equal(list(&scene, &filter, NULL), 1);
	filter = (struct job_filter){ .kind = -1, .state = JOB_RUNNING };
	assert_int_equal(list(&scene, &filter, NULL), 1);
	filter.state = JOB_SCHEDULED;
	assert_int_equal(list(&scene, &filter, NULL), 5);
	filter = (struct job_filter){ .kind = -1, .state = -1, .workspace_id = unknown };
	assert_int_equal(list(&scene, &filter, NULL), 0);
	store_fixture_close(&scene.fixture);
}

/* Connections by the dozen, with three jobs each, in plain SQL. */
static void fill(struct store_fixture *fixture, const char *workspace, int connections)
{
	char sql[1200];
	(void)snprintf(sql, sizeof sql,
	               "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
	               "INSERT INTO connections (id, workspace_id, provider, account_email, subject, active, state, since, created_at, "
	               "updated_at, version, required_scopes) SELECT printf('0190%%04x-%%04x-7000-8000-000000000000', i / 65536, "
	               "i %% 65536), '%s', 'google', i || '@example.com', i, 1, 'connected', 0, 0, 0, 1, '' FROM n",
	               connections, workspace);
	store_fixture_sql(fixture, sql, NULL, 0);
	(void)snprintf(sql, sizeof sql,
	               "INSERT INTO jobs (id, kind, connection_id, workspace_id, state, next_run_at, next_run_why) "
	               "SELECT substr(c.id, 1, 19) || substr(k.kind, 1, 1) || c.rowid, k.kind, c.id, c.workspace_id, 'scheduled', "
	               "%" PRId64 " + 60 * c.rowid, 'interval' FROM connections c, (SELECT 'token_refresh' AS kind UNION ALL "
	               "SELECT 'calendar_sync' UNION ALL SELECT 'full_sync') k WHERE c.state = 'connected'", NOW);
	store_fixture_sql(fixture, sql, NULL, 0);
}

struct batch {
	char ids[500][ID_TEXT_SIZE], connections[500][ID_TEXT_SIZE];
	enum job_kind kinds[500];
	int count;
};

static void take_id(void *arg, const struct job_row *row)
{
	struct batch *batch = arg;
	batch->kinds[batch->count] = row->kind;
	keep(batch->connections[batch->count], ID_TEXT_SIZE, row->connection_id);
	keep(batch->ids[batch->count++], ID_TEXT_SIZE, row->id);
}

static double milliseconds(clock_t since)
{
	return (double)(clock() - since) * 1000 / CLOCKS_PER_SEC;
}

static void test_timing(void **state)
{
	struct scene scene;
	struct err err = { 0 };
	struct batch batch = { .count = 0 };
	char run[ID_TEXT_SIZE];
	const char *rows = getenv("STORE_JOBS_ROWS");
	int connections = (rows ? (int)strtol(rows, NULL, 10) : 9000) / 3;
	(void)state;
	setup(&scene);
	store_fixture_commit(&scene.fixture);
	store_close(scene.fixture.store);
	fill(&scene.fixture, scene.acme, connections);
	check_ok(store_fixture_try(&scene.fixture, &err), &err);
	clock_t since = clock();
	check_ok(store_job_due(scene.fixture.store, NOW + MINUTE * MINUTE, 500, take_id, &batch, &err), &err);
	double picked = milliseconds(since);
	assert_int_equal(batch.count, 500);
	since = clock();
	for (int i = 0; i < batch.count; i++)
		put(&scene.fixture, batch.kinds[i], batch.connections[i], NOW + MINUTE * MINUTE + i, "interval");
	store_fixture_commit(&scene.fixture);
	double moved = milliseconds(since);
	since = clock();
	for (int i = 0; i < batch.count; i++) {
		const struct job_result good = { .ok = true, .next_run_at = NOW + 2 * MINUTE * MINUTE + i,
			                         .next_run_why = "interval" };
		start(&scene.fixture, batch.ids[i], NOW + MINUTE, run);
		check_ok(store_job_finish(scene.fixture.store, batch.ids[i], run, &good, &err), &err);
	}
	store_fixture_commit(&scene.fixture);
	print_message("%d jobs: 500 due picked in %.2f ms, moved in %.1f ms, run in %.1f ms of processor time\n",
	              3 * connections, picked, moved, milliseconds(since));
	store_fixture_close(&scene.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_lists_and_counts),
		cmocka_unit_test(test_timing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
