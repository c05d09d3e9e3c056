/* The database file and its settings. With stmt.c the only place that knows SQLite; another engine is these two files.
 *
 * Calls that fail hand back an error without any value of a parameter in its text. A failed fsync does not come back:
 * what the kernel dropped cannot be told from what it kept, so the process ends with exit code 74. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "ipc/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct sqlite3;

/* What an engine's code means to the caller. */
enum db_class {
	DB_OK,
	DB_DUPLICATE, /* a uniqueness rule refused the row */
	DB_MISSING,   /* it refers to a row that is not there */
	DB_REFUSED,   /* another rule of the schema: an error of the program */
	DB_TOO_BIG,
	DB_BROKEN     /* the disk, the file or the memory: the transaction must be given up */
};

/* Open or make the file. The caller owns *out and closes it after every statement is finalized. */
int db_open(struct db **out, const char *path, struct err *err);
void db_close(struct db *db);
/* Close without folding the write-ahead log into the file: for a file that is not ours to touch. */
void db_leave_alone(struct db *db);

/* Run constant SQL text of one or more statements. */
int db_script(struct db *db, const char *sql, struct err *err);
int db_get_version(struct db *db, int64_t *version, struct err *err);
int db_set_version(struct db *db, int version, struct err *err);

bool db_in_transaction(const struct db *db);
int64_t db_log_pages(const struct db *db); /* pages in the write-ahead log after the last commit */
/* Fold the log into the file; `truncate` also empties it. Failures other than fsync are left to the next time. */
void db_checkpoint(struct db *db, bool truncate);

enum db_class db_classify(int code);
/* Fill *err from a code of class DB_BROKEN; `reading` chooses the words. Returns -1. */
int db_error(int code, bool reading, struct err *err);

/* For stmt.c. */
struct sqlite3 *db_handle(const struct db *db);

#endif
