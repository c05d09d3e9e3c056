/* Each fault of the disk, one after the other: a scenario is run with the k-th operation failing, for k = 1, 2, … until
 * none fails. What was acknowledged must be there afterwards, what was not must be whole or not there at all, the file must
 * be sound, and the store must work again as soon as the disk does. */
#include "tests/support/store_check.h"
#include "tests/support/store_faultvfs.h"
#include "tests/support/store_fixture.h"

#include "store/audit.h"
#include "store/calendars.h"
#include "store/grants.h"
#include "store/users.h"
#include "store/workspaces.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICKS 3
#define BIG_ROWS 60
#define BIG_TEXT 100000 /* a tick of them is more than the page cache: it spills before the commit */

/* In memory shared with a child that ends itself. */
struct record {
	bool acknowledged[TICKS], refused[TICKS];
	int rollbacks, answered;
	int seen; /* operations that could have failed */
	bool fired, stopped;
};

struct effect_arg {
	struct record *record;
	int tick;
};

static void on_effect(void *arg, const struct err *failed)
{
	struct effect_arg *effect = arg;
	assert_false(effect->record->acknowledged[effect->tick] || effect->record->refused[effect->tick]);
	if (failed)
		assert_int_equal(failed->code, ERR_STORE_FAILED);
	*(failed ? &effect->record->refused[effect->tick] : &effect->record->acknowledged[effect->tick]) = true;
	effect->record->answered++;
}

static void on_rollback(void *arg)
{
	((struct record *)arg)->rollbacks++;
}

/* A statement that the disk failed must have failed the tick, whatever SQLite kept of the transaction. */
static bool did(struct store *store, int result, const struct err *err)
{
	if (result < 0 && err->code == ERR_STORE_FAILED)
		assert_true(store_tick_failed(store));
	return result == 0;
}

static void fill_connection(struct store *store, const char *connection, const char *filler)
{
	struct err err = { 0 };
	enum calendar_change change;
	for (int i = 0; i < (filler ? BIG_ROWS : 3); i++) {
		char external[16];
		(void)snprintf(external, sizeof external, "%d", i);
		const struct calendar_seen seen = { .external_id = external, .summary = "s", .description = filler };
		(void)did(store, store_calendar_put(store, connection, &seen, &change, &err), &err);
	}
}

/* One tick's work in two units: a workspace with its user; its connection with calendars and a grant, which is shredded in
 * every second tick; an audit row before and after. What fails is left at that: the effect tells. */
static void work(struct store_fixture *fixture, int tick, const char *filler)
{
	struct store *store = fixture->store;
	struct err err = { 0 };
	char slug[24], workspace[ID_TEXT_SIZE] = "", user[ID_TEXT_SIZE] = "", grant[ID_TEXT_SIZE], connection[ID_TEXT_SIZE];
	(void)snprintf(slug, sizeof slug, "tick-%d", tick);
	const struct audit_row audit = { .method = "workspace.create", .details = slug };
	store_new_id(store, grant);
	const struct grant_row row = { .id = grant, .provider = "google", .client_id = "c", .subject = slug, .email = slug,
		                       .scopes = "", .key_id = "k", .data_key = { slug, 6 }, .refresh_token = { slug, 6 } };
	(void)did(store, store_unit_begin(store, &err), &err);
	(void)did(store, store_audit_append(store, &audit, &err), &err);
	(void)did(store, store_workspace_create(store, slug, slug, "UTC", workspace, &err), &err);
	(void)did(store, store_user_create(store, workspace, "a@example.com", "A", user, &err), &err);
	(void)did(store, store_unit_end(store, true, NULL, &err), &err);
	(void)did(store, store_unit_begin(store, &err), &err);
	(void)did(store, store_grant_insert(store, &row, &err), &err);
	const struct connection_new in = { .workspace_id = workspace, .user_id = user, .provider = "google",
		                           .account_email = slug, .subject = slug, .grant_id = grant };
	if (did(store, store_connection_create(store, &in, connection, &err), &err))
		fill_connection(store, connection, filler);
	if (tick % 2)
		(void)did(store, store_grant_shred(store, grant, &err), &err);
	(void)did(store, store_unit_end(store, true, NULL, &err), &err);
	(void)did(store, store_audit_append(store, &audit, &err), &err);
}

static void play(struct store_fixture *fixture, struct record *record, const char *filler)
{
	struct effect_arg args[TICKS];
	struct err err = { 0 };
	store_on_rollback(fixture->store, on_rollback, record);
	for (int tick = 0; tick < TICKS; tick++) {
		args[tick] = (struct effect_arg){ record, tick };
		work(fixture, tick, filler);
		store_after_commit(fixture->store, on_effect, &args[tick]);
		bool failed = store_tick_failed(fixture->store);
		int before = record->rollbacks;
		int result = store_tick_end(fixture->store, &err);
		assert_int_equal(record->answered, tick + 1);
		assert_int_equal(record->acknowledged[tick], result == 0);
		assert_int_equal(record->rollbacks - before, result < 0);
		if (result < 0)
			assert_int_equal(err.code, ERR_STORE_FAILED);
		assert_false(failed && result == 0);
		assert_false(store_tick_failed(fixture->store));
	}
}

static void number_of(const struct store_fixture *fixture, const char *sql, const char *expected)
{
	char text[64];
	store_fixture_sql(fixture, sql, text, sizeof text);
	assert_string_equal(text, expected);
}

/* Nothing of a tick, or all of it. */
static void check_tick(const struct store_fixture *fixture, int tick, bool acknowledged, int calendars)
{
	char sql[512], text[64], whole[64];
	(void)snprintf(sql, sizeof sql,
	               "SELECT (SELECT count(*) FROM workspaces w JOIN users u ON u.workspace_id = w.id WHERE slug = 'tick-%d') || ' ' "
	               "|| (SELECT count(*) FROM grants WHERE subject = 'tick-%d' AND live = %d) || ' ' "
	               "|| (SELECT count(*) FROM connections c JOIN calendars k ON k.connection_id = c.id "
	               "WHERE subject = 'tick-%d') || ' ' || (SELECT count(*) FROM audit WHERE details = 'tick-%d')",
	               tick, tick, tick % 2 == 0, tick, tick);
	store_fixture_sql(fixture, sql, text, sizeof text);
	(void)snprintf(whole, sizeof whole, "1 1 %d 2", calendars);
	if (acknowledged || strcmp(text, "0 0 0 0") != 0)
		assert_string_equal(text, whole);
}

/* The disk is well again. */
static void check_after(struct store_fixture *fixture, const struct record *record, int calendars)
{
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	fixture->now++; /* a child may have made the ids of this millisecond */
	if (!fixture->store)
		check_ok(store_fixture_try(fixture, &err), &err);
	check_ok(store_workspace_create(fixture->store, "after", "after", "UTC", id, &err), &err);
	check_ok(store_tick_end(fixture->store, &err), &err);
	check_ok(store_audit_verify(fixture->store, &err), &err);
	store_close(fixture->store);
	fixture->store = NULL;
	number_of(fixture, "PRAGMA integrity_check", "ok");
	number_of(fixture, "SELECT count(*) FROM workspaces WHERE slug = 'after'", "1");
	number_of(fixture, "SELECT count(*) FROM pragma_foreign_key_check", "0");
	for (int tick = 0; tick < TICKS; tick++)
		check_tick(fixture, tick, record->acknowledged[tick], calendars);
}

struct kind {
	const char *name;
	unsigned ops;
	int code;
	bool persistent;
};

/* One run with the k-th operation failing; false once there is no k-th. */
static bool run_once(const struct kind *kind, int k, const char *filler)
{
	struct store_fixture fixture;
	struct record record = { .rollbacks = 0 };
	struct err err = { 0 };
	store_fixture_prepare(&fixture);
	store_faults = (struct store_faults){ .ops = kind->ops, .at = k, .persistent = kind->persistent, .code = kind->code };
	if (store_fixture_try(&fixture, &err) == 0)
		play(&fixture, &record, filler);
	else
		assert_int_equal(err.code, ERR_STORE_FAILED);
	bool fired = store_faults.fired > 0;
	store_faults = (struct store_faults){ .ops = 0 };
	if (!fired)
		for (int tick = 0; tick < TICKS; tick++)
			assert_true(record.acknowledged[tick]);
	check_after(&fixture, &record, filler ? BIG_ROWS : 3);
	store_fixture_close(&fixture);
	return fired;
}

static void test_every_fault(void **state)
{
	static const struct kind kinds[] = {
		{ "write, full once", FAULT_WRITE, SQLITE_FULL, false },
		{ "write, full from then on", FAULT_WRITE, SQLITE_FULL, true },
		{ "write, I/O error", FAULT_WRITE, SQLITE_IOERR_WRITE, true },
		{ "read, I/O error once", FAULT_READ, SQLITE_IOERR_READ, false },
		{ "read, out of memory", FAULT_READ, SQLITE_NOMEM, true },
		{ "truncate, once", FAULT_TRUNCATE, SQLITE_IOERR_TRUNCATE, false },
		{ "truncate, from then on", FAULT_TRUNCATE, SQLITE_IOERR_TRUNCATE, true },
		{ "open", FAULT_OPEN, SQLITE_CANTOPEN, false },
		{ "delete", FAULT_DELETE, SQLITE_IOERR_DELETE, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		int runs = 0;
		for (int k = 1; run_once(&kinds[i], k, NULL); k++)
			runs++;
		print_message("%s: %d faults\n", kinds[i].name, runs);
		/* Nothing is deleted while the store works: its log stays with it. */
		assert_true(runs > 0 || kinds[i].ops == FAULT_DELETE);
	}
}

/* Ticks larger than the page cache, so that pages are written before the commit; now and then an operation of them. */
static void test_faults_in_the_middle_of_statements(void **state)
{
	static const struct {
		struct kind kind;
		int first, step;
	} runs[] = {
		{ { "full once", FAULT_WRITE, SQLITE_FULL, false }, 200, 1700 },
		{ { "full from then on", FAULT_WRITE, SQLITE_FULL, true }, 900, 1700 },
		{ { "out of memory", FAULT_READ, SQLITE_NOMEM, false }, 60, 97 },
	};
	char *filler = malloc(BIG_TEXT + 1);
	(void)state;
	assert_non_null(filler);
	memset(filler, 'x', BIG_TEXT);
	filler[BIG_TEXT] = '\0';
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		int count = 0;
		for (int k = runs[i].first; run_once(&runs[i].kind, k, filler); k += runs[i].step)
			count++;
		print_message("spilling, %s: %d faults\n", runs[i].kind.name, count);
		assert_true(count > 2);
	}
	free(filler);
}

static void run_child(struct store_fixture *fixture, struct record *record, int k)
{
	struct err err = { 0 };
	if (!freopen("/dev/null", "w", stderr))
		_exit(1);
	store_faults = (struct store_faults){ .ops = FAULT_SYNC, .at = k, .code = SQLITE_IOERR_FSYNC };
	if (store_fixture_try(fixture, &err) < 0)
		_exit(1);
	play(fixture, record, NULL);
	store_close(fixture->store);
	_exit(store_faults.fired ? 2 : 0);
}

/* After a failed fsync nobody knows what is on the disk: the process must end, and never acknowledge that tick. */
static void test_a_failed_fsync_ends_the_process(void **state)
{
	int status = 0, k = 0;
	(void)state;
	do {
		struct store_fixture fixture;
		struct record *record = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		assert_true(record != MAP_FAILED);
		store_fixture_prepare(&fixture);
		k++;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			run_child(&fixture, record, k);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) == 74 || WEXITSTATUS(status) == 0);
		for (int tick = 0; tick < TICKS; tick++)
			assert_false(record->refused[tick]);
		check_after(&fixture, record, 3);
		store_fixture_close(&fixture);
		assert_int_equal(munmap(record, sizeof *record), 0);
	} while (WEXITSTATUS(status) == 74);
	print_message("fsync: %d faults\n", k - 1);
	assert_true(k > TICKS);
}

/* Reads go on while nothing can be written. */
static void test_reading_on_a_full_disk(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE], other[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", id);
	store_fixture_commit(&fixture);
	store_faults = (struct store_faults){ .ops = FAULT_WRITE, .at = 1, .persistent = true, .code = SQLITE_FULL };
	for (int i = 0; i < 3; i++) {
		check_ok(store_workspace_create(fixture.store, "globex", "globex", "UTC", other, &err), &err);
		check_fails(store_tick_end(fixture.store, &err), &err, ERR_STORE_FAILED);
		assert_string_equal(err.message, "the store cannot write: database or disk is full");
		check_ok(store_workspace_get(fixture.store, "acme", true, NULL, NULL, &err), &err);
		check_fails(store_workspace_get(fixture.store, "globex", true, NULL, NULL, &err), &err, ERR_NOT_FOUND);
		check_ok(store_tick_end(fixture.store, &err), &err);
	}
	store_faults = (struct store_faults){ .ops = 0 };
	check_ok(store_workspace_create(fixture.store, "globex", "globex", "UTC", other, &err), &err);
	check_ok(store_tick_end(fixture.store, &err), &err);
	store_fixture_close(&fixture);
}

/* Once a statement has lost the transaction, the rest of the tick is refused at once. */
static void test_a_failed_tick_refuses_everything(void **state)
{
	struct store_fixture fixture;
	struct record record = { .rollbacks = 0 };
	struct effect_arg arg = { &record, 0 };
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_workspace(&fixture, "acme", id);
	store_fixture_reopen(&fixture); /* with an empty page cache */
	store_on_rollback(fixture.store, on_rollback, &record);
	store_faults = (struct store_faults){ .ops = FAULT_READ, .at = 1, .code = SQLITE_IOERR_READ };
	check_fails(store_workspace_get(fixture.store, "acme", true, NULL, NULL, &err), &err, ERR_STORE_FAILED);
	assert_int_equal(store_faults.fired, 1);
	store_faults = (struct store_faults){ .ops = 0 };
	assert_true(store_tick_failed(fixture.store));
	uint64_t epoch = store_workspace_epoch(fixture.store);
	check_fails(store_workspace_get(fixture.store, "acme", true, NULL, NULL, &err), &err, ERR_STORE_FAILED);
	check_fails(store_workspace_create(fixture.store, "b", "b", "UTC", id, &err), &err, ERR_STORE_FAILED);
	check_fails(store_unit_begin(fixture.store, &err), &err, ERR_STORE_FAILED);
	store_after_commit(fixture.store, on_effect, &arg);
	check_fails(store_tick_end(fixture.store, &err), &err, ERR_STORE_FAILED);
	assert_true(record.refused[0]);
	assert_int_equal(record.rollbacks, 1);
	assert_true(store_workspace_epoch(fixture.store) > epoch);
	check_ok(store_workspace_get(fixture.store, "acme", true, NULL, NULL, &err), &err);
	store_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_fault),
		cmocka_unit_test(test_faults_in_the_middle_of_statements),
		cmocka_unit_test(test_a_failed_fsync_ends_the_process),
		cmocka_unit_test(test_reading_on_a_full_disk),
		cmocka_unit_test(test_a_failed_tick_refuses_everything),
	};
	store_faultvfs_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
