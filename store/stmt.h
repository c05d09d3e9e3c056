/* Prepared statements, kept for life.
 *
 * Parameters and columns go by name. A name is looked up once: the statement remembers the address of each name it was
 * asked for, in the order asked, so that in the steady state a name costs one pointer comparison. Hence names must be
 * string literals (the same address must always be the same text).
 *
 * Bound text and blobs are borrowed until the statement is reset; text and blobs of columns are valid until the next step
 * or reset. */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include "store/db.h"
#include "store/records.h"

struct stmt;
struct stmt_cache;

struct stmt_cache *stmt_cache_new(struct db *db);
void stmt_cache_free(struct stmt_cache *cache);

/* The statement of a constant SQL text, found by the text's address. NULL: *code is the engine's. */
struct stmt *stmt_get(struct stmt_cache *cache, const char *sql, int *code);
/* The statement of a text that was put together, found by its content; the least used of many is given up. */
struct stmt *stmt_get_built(struct stmt_cache *cache, const char *sql, int *code);

bool stmt_writes(const struct stmt *stmt);
bool stmt_running(const struct stmt *stmt); /* it has been stepped and not reset */

void stmt_bind_text(struct stmt *stmt, const char *name, const char *text); /* NULL binds NULL */
void stmt_bind_int(struct stmt *stmt, const char *name, int64_t number);
void stmt_bind_blob(struct stmt *stmt, const char *name, struct blob blob);

/* 1: a row; 0: done; -1: failed, stmt_code says how. Reset by itself unless there is a row. */
int stmt_step(struct stmt *stmt);
int stmt_code(const struct stmt *stmt);
int64_t stmt_changes(const struct stmt *stmt); /* rows the last statement changed, without those of triggers */
void stmt_reset(struct stmt *stmt);

const char *stmt_text(struct stmt *stmt, const char *column);
int64_t stmt_int(struct stmt *stmt, const char *column);
struct blob stmt_blob(struct stmt *stmt, const char *column);

#endif
