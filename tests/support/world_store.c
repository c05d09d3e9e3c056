/* Looking into the store of a world, and breaking it, through the store's own connection: its file is locked for any other. */
#include "tests/support/world_store.h"

#include "ipc/base/strutil.h"
#include "store/db.h"
#include "store/tick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

static sqlite3 *handle_of(const struct world *world)
{
	return db_handle(world->core.store->db);
}

/* Not 0: SQLite makes a rollback of the commit. */
static int on_commit(void *arg)
{
	struct world *world = arg;
	if (world->failing_commits == 0)
		return 0;
	if (world->failing_commits > 0)
		world->failing_commits--;
	return 1;
}

void world_fail_commits(struct world *world, int count)
{
	world->failing_commits = count;
	(void)sqlite3_commit_hook(handle_of(world), on_commit, world);
}

bool world_has_open_tick(const struct world *world)
{
	return world->core.store->open;
}

static sqlite3_stmt *prepare(struct world *world, const char *sql, const char *a)
{
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v2(handle_of(world), sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle_of(world)));
	int place = sqlite3_bind_parameter_index(stmt, ":a");
	if (place > 0)
		assert_int_equal(sqlite3_bind_text(stmt, place, a, -1, SQLITE_STATIC), SQLITE_OK);
	return stmt;
}

int64_t world_number(struct world *world, const char *sql, const char *a)
{
	sqlite3_stmt *stmt = prepare(world, sql, a);
	int64_t number = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	(void)sqlite3_finalize(stmt);
	return number;
}

void world_text(struct world *world, const char *sql, const char *a, char *out, size_t size)
{
	sqlite3_stmt *stmt = prepare(world, sql, a);
	const char *text = sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	(void)str_copy(out, size, text ? text : "");
	(void)sqlite3_finalize(stmt);
}

void world_blob(struct world *world, const char *sql, const char *a, struct buf *out)
{
	sqlite3_stmt *stmt = prepare(world, sql, a);
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_bytes(stmt, 0) > 0)
		buf_add(out, sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
	(void)sqlite3_finalize(stmt);
}

void world_sql(struct world *world, const char *sql, const char *a)
{
	sqlite3_stmt *stmt = prepare(world, sql, a);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle_of(world)));
	(void)sqlite3_finalize(stmt);
}

void world_expect_state(struct world *world, const char *connection_id, const char *state, const char *reasons)
{
	char text[64], codes[512];
	world_text(world, "SELECT state FROM connections WHERE id = :a", connection_id, text, sizeof text);
	world_text(world,
	           "SELECT group_concat(r, ' ') FROM (SELECT code || '/' || operation AS r FROM sync_errors "
	           "WHERE connection_id = :a AND resolved_at = 0 ORDER BY r)",
	           connection_id, codes, sizeof codes);
	assert_string_equal(codes, reasons);
	assert_string_equal(text, state);
}

static bool file_holds(const char *path, const void *bytes, size_t len)
{
	struct buf text = { 0 };
	FILE *file = fopen(path, "r");
	char chunk[4096];
	if (!file)
		return false;
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
		buf_add(&text, chunk, n);
	(void)fclose(file);
	bool holds = text.len >= len && memmem(text.data, text.len, bytes, len) != NULL;
	buf_free(&text);
	return holds;
}

int world_files_with(struct world *world, const void *bytes, size_t len)
{
	static const char *const names[] = { "almanac.db", "almanac.db-wal" };
	int count = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct buf path = { 0 };
		buf_printf(&path, "%s/%s", world->dir, names[i]);
		count += file_holds(buf_text(&path), bytes, len);
		buf_free(&path);
	}
	return count;
}
