/* Prepared statements: the cache, binding, stepping, and columns by name.
 *
 * The cache owns every statement. Constant texts are found by address in a small hash table that only grows (their number
 * is that of the texts in the program); texts put together for lists are found by content among at most BUILT_MAX. */
#include "store/stmt.h"

#include "ipc/base/mem.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 128
#define BUILT_MAX 64

struct name {
	const char *name;
	int index;
};

struct names {
	struct name *known;
	size_t count, capacity;
	size_t next; /* where the next name is expected */
};

struct stmt {
	sqlite3_stmt *handle;
	sqlite3 *db;
	const char *sql;  /* the key */
	char *owned;      /* the same, when the text was put together */
	struct names parameters, columns;
	int bound; /* the first bind that failed since the reset */
	int code;  /* of the last step */
	bool running;
	uint64_t used;
};

struct stmt_cache {
	sqlite3 *db;
	struct stmt **slots; /* by address of the text; a power of two */
	size_t slot_count, fixed_count;
	struct stmt *built[BUILT_MAX];
	size_t built_count;
	uint64_t uses;
};

struct stmt_cache *stmt_cache_new(struct db *db)
{
	struct stmt_cache *cache = mem_alloc(sizeof *cache);
	cache->db = db_handle(db);
	cache->slot_count = SLOTS_FIRST;
	cache->slots = mem_alloc_array(cache->slot_count, sizeof(struct stmt *));
	return cache;
}

static void stmt_free(struct stmt *stmt)
{
	if (!stmt)
		return;
	(void)sqlite3_finalize(stmt->handle);
	free(stmt->parameters.known);
	free(stmt->columns.known);
	free(stmt->owned);
	free(stmt);
}

void stmt_cache_free(struct stmt_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < cache->slot_count; i++)
		stmt_free(cache->slots[i]);
	for (size_t i = 0; i < cache->built_count; i++)
		stmt_free(cache->built[i]);
	free(cache->slots);
	free(cache);
}

static struct stmt *stmt_new(struct stmt_cache *cache, const char *sql, int *code)
{
	sqlite3_stmt *handle = NULL;
	*code = sqlite3_prepare_v3(cache->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
	if (*code != SQLITE_OK)
		return NULL;
	struct stmt *stmt = mem_alloc(sizeof *stmt);
	stmt->handle = handle;
	stmt->db = cache->db;
	stmt->sql = sql;
	return stmt;
}

static size_t slot_of(const struct stmt_cache *cache, const char *sql)
{
	size_t at = (size_t)(((uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (cache->slot_count - 1);
	while (cache->slots[at] && cache->slots[at]->sql != sql)
		at = (at + 1) & (cache->slot_count - 1);
	return at;
}

static void slots_grow(struct stmt_cache *cache)
{
	struct stmt **old = cache->slots;
	size_t old_count = cache->slot_count;
	cache->slot_count *= 2;
	cache->slots = mem_alloc_array(cache->slot_count, sizeof(struct stmt *));
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			cache->slots[slot_of(cache, old[i]->sql)] = old[i];
	free(old);
}

struct stmt *stmt_get(struct stmt_cache *cache, const char *sql, int *code)
{
	size_t at = slot_of(cache, sql);
	if (cache->slots[at])
		return cache->slots[at];
	struct stmt *stmt = stmt_new(cache, sql, code);
	if (!stmt)
		return NULL;
	cache->slots[at] = stmt;
	if (++cache->fixed_count * 2 > cache->slot_count)
		slots_grow(cache);
	return stmt;
}

static size_t built_place(struct stmt_cache *cache)
{
	if (cache->built_count < BUILT_MAX)
		return cache->built_count++;
	size_t least = 0;
	for (size_t i = 1; i < BUILT_MAX; i++)
		if (cache->built[least]->running ||
		    (!cache->built[i]->running && cache->built[i]->used < cache->built[least]->used))
			least = i;
	stmt_free(cache->built[least]);
	return least;
}

struct stmt *stmt_get_built(struct stmt_cache *cache, const char *sql, int *code)
{
	cache->uses++;
	for (size_t i = 0; i < cache->built_count; i++) {
		if (strcmp(cache->built[i]->sql, sql) == 0) {
			cache->built[i]->used = cache->uses;
			return cache->built[i];
		}
	}
	struct stmt *stmt = stmt_new(cache, sql, code);
	if (!stmt)
		return NULL;
	stmt->owned = mem_strdup(sql);
	stmt->sql = stmt->owned;
	stmt->used = cache->uses;
	cache->built[built_place(cache)] = stmt;
	return stmt;
}

bool stmt_writes(const struct stmt *stmt)
{
	return !sqlite3_stmt_readonly(stmt->handle);
}

bool stmt_running(const struct stmt *stmt)
{
	return stmt->running;
}

static int names_add(struct names *names, const char *name, int index)
{
	if (names->count == names->capacity) {
		names->capacity = names->capacity ? names->capacity * 2 : 16;
		names->known = mem_grow_array(names->known, names->capacity, sizeof *names->known);
	}
	names->known[names->count++] = (struct name){ name, index };
	names->next = names->count;
	return index;
}

/* -1: this address was never asked for. */
static inline int names_find(struct names *names, const char *name)
{
	if (names->next < names->count && names->known[names->next].name == name)
		return names->known[names->next++].index;
	for (size_t i = 0; i < names->count; i++) {
		if (names->known[i].name == name) {
			names->next = i + 1;
			return names->known[i].index;
		}
	}
	return -1;
}

static int parameter_index(struct stmt *stmt, const char *name)
{
	int index = names_find(&stmt->parameters, name);
	if (index >= 0)
		return index;
	index = sqlite3_bind_parameter_index(stmt->handle, name);
	if (index == 0)
		fatal("store: no parameter %s in: %s", name, stmt->sql);
	return names_add(&stmt->parameters, name, index);
}

static int column_index(struct stmt *stmt, const char *column)
{
	int index = names_find(&stmt->columns, column);
	if (index >= 0)
		return index;
	int count = sqlite3_column_count(stmt->handle);
	for (index = 0; index < count; index++)
		if (strcmp(sqlite3_column_name(stmt->handle, index), column) == 0)
			return names_add(&stmt->columns, column, index);
	fatal("store: no column %s in: %s", column, stmt->sql);
}

static void stmt_bound(struct stmt *stmt, int code)
{
	if (code != SQLITE_OK && stmt->bound == SQLITE_OK)
		stmt->bound = code;
}

void stmt_bind_text(struct stmt *stmt, const char *name, const char *text)
{
	int index = parameter_index(stmt, name);
	if (text)
		stmt_bound(stmt, sqlite3_bind_text64(stmt->handle, index, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8));
	else
		stmt_bound(stmt, sqlite3_bind_null(stmt->handle, index));
}

void stmt_bind_int(struct stmt *stmt, const char *name, int64_t number)
{
	stmt_bound(stmt, sqlite3_bind_int64(stmt->handle, parameter_index(stmt, name), number));
}

void stmt_bind_blob(struct stmt *stmt, const char *name, struct blob blob)
{
	int index = parameter_index(stmt, name);
	if (blob.bytes)
		stmt_bound(stmt, sqlite3_bind_blob64(stmt->handle, index, blob.bytes, blob.len, SQLITE_STATIC));
	else
		stmt_bound(stmt, sqlite3_bind_null(stmt->handle, index));
}

int stmt_step(struct stmt *stmt)
{
	stmt->columns.next = 0;
	stmt->code = stmt->bound != SQLITE_OK ? stmt->bound : sqlite3_step(stmt->handle);
	stmt->running = stmt->code == SQLITE_ROW;
	if (stmt->running)
		return 1;
	stmt_reset(stmt);
	return stmt->code == SQLITE_DONE ? 0 : -1;
}

int stmt_code(const struct stmt *stmt)
{
	return stmt->code;
}

int64_t stmt_changes(const struct stmt *stmt)
{
	return sqlite3_changes64(stmt->db);
}

void stmt_reset(struct stmt *stmt)
{
	(void)sqlite3_reset(stmt->handle);
	/* What was bound is borrowed and may be gone by the next run. */
	(void)sqlite3_clear_bindings(stmt->handle);
	stmt->parameters.next = 0;
	stmt->running = false;
	stmt->bound = SQLITE_OK;
}

const char *stmt_text(struct stmt *stmt, const char *column)
{
	return (const char *)sqlite3_column_text(stmt->handle, column_index(stmt, column));
}

int64_t stmt_int(struct stmt *stmt, const char *column)
{
	return sqlite3_column_int64(stmt->handle, column_index(stmt, column));
}

struct blob stmt_blob(struct stmt *stmt, const char *column)
{
	int index = column_index(stmt, column);
	const void *bytes = sqlite3_column_blob(stmt->handle, index);
	size_t len = (size_t)sqlite3_column_bytes(stmt->handle, index);
	/* An empty blob has no address of its own, yet is not NULL. */
	if (!bytes && sqlite3_column_type(stmt->handle, index) != SQLITE_NULL)
		bytes = "";
	return (struct blob){ bytes, len };
}
