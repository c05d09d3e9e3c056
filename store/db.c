/* The SQLite connection: opening it with every safety on, its version number, its log, and the meaning of its codes.
 *
 * One connection, one thread. It keeps the file's lock for itself (locking_mode EXCLUSIVE): a second process that wrote
 * or checkpointed would corrupt a file of SQLite before 3.51.3, and without shared memory a transaction needs no file
 * locks. struct db owns the handle. */
#include "store/db.h"

#include "ipc/base/mem.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DB_EXIT_IO 74
#define DB_LIMIT_LENGTH (16 * 1024 * 1024)
#define DB_LIMIT_SQL (64 * 1024)
#define DB_BUSY_MS 50
#define DB_SYNC_FULL 2

struct db {
	sqlite3 *handle;
	int log_pages;
};

enum db_class db_classify(int code)
{
	/* Only sqlite3_step's two good ends and OK are no failure. */
	if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
		return DB_OK;
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
		(void)fputs("fatal: the store's disk refused to write out (fsync failed); stopping, nothing more is acknowledged\n",
		            stderr);
		_exit(DB_EXIT_IO);
	}
	if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
		return DB_DUPLICATE;
	if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
		return DB_MISSING;
	if ((code & 0xff) == SQLITE_CONSTRAINT)
		return DB_REFUSED;
	if (code == SQLITE_TOOBIG)
		return DB_TOO_BIG;
	return DB_BROKEN;
}

int db_error(int code, bool reading, struct err *err)
{
	return err_set(err, ERR_STORE_FAILED, "the store cannot %s: %s", reading ? "read" : "write",
	               sqlite3_errstr(code & 0xff));
}

static int db_check(int code, struct err *err)
{
	return db_classify(code) == DB_OK ? 0 : db_error(code, false, err);
}

int db_script(struct db *db, const char *sql, struct err *err)
{
	return db_check(sqlite3_exec(db->handle, sql, NULL, NULL, NULL), err);
}

static int db_number(struct db *db, const char *sql, int64_t *number, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(stmt);
		if (code == SQLITE_ROW)
			*number = sqlite3_column_int64(stmt, 0);
	}
	(void)sqlite3_finalize(stmt);
	return db_classify(code) == DB_OK ? 0 : db_error(code, true, err);
}

int db_get_version(struct db *db, int64_t *version, struct err *err)
{
	return db_number(db, "PRAGMA user_version", version, err);
}

int db_set_version(struct db *db, int version, struct err *err)
{
	char sql[64];
	(void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
	return db_script(db, sql, err);
}

bool db_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

static int db_on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = arg;
	(void)handle;
	(void)name;
	db->log_pages = pages;
	return SQLITE_OK;
}

int64_t db_log_pages(const struct db *db)
{
	return db->log_pages;
}

void db_checkpoint(struct db *db, bool truncate)
{
	/* Not left to wal_autocheckpoint: that one hides a failed fsync and tries again as if nothing had happened. */
	int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
	int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, NULL, NULL);
	if (db_classify(code) == DB_OK)
		db->log_pages = 0;
}

struct sqlite3 *db_handle(const struct db *db)
{
	return db->handle;
}

static int db_set(struct db *db, int option, int value)
{
	return sqlite3_db_config(db->handle, option, value, NULL);
}

static int db_harden(struct db *db, struct err *err)
{
	static const int on[] = { SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_FKEY };
	static const int off[] = { SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
		                   SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML };
	int code = sqlite3_extended_result_codes(db->handle, 1);
	for (size_t i = 0; i < sizeof on / sizeof on[0] && code == SQLITE_OK; i++)
		code = db_set(db, on[i], 1);
	for (size_t i = 0; i < sizeof off / sizeof off[0] && code == SQLITE_OK; i++)
		code = db_set(db, off[i], 0);
	(void)sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, DB_LIMIT_LENGTH);
	(void)sqlite3_limit(db->handle, SQLITE_LIMIT_SQL_LENGTH, DB_LIMIT_SQL);
	(void)sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_busy_timeout(db->handle, DB_BUSY_MS);
	if (db_check(code, err) < 0)
		return -1;
	/* Nothing here writes to the file, so that a file of a newer version stays as it is. */
	return db_script(db,
	                 "PRAGMA locking_mode = EXCLUSIVE;"
	                 "PRAGMA cell_size_check = ON;"
	                 "PRAGMA secure_delete = ON;"
	                 "PRAGMA temp_store = MEMORY;"
	                 "PRAGMA journal_size_limit = 8388608;"
	                 "PRAGMA cache_size = -4096;"
	                 "PRAGMA synchronous = FULL;",
	                 err);
}

static int db_verify(struct db *db, struct err *err)
{
	int64_t synchronous = 0, foreign_keys = 0;
	if (db_number(db, "PRAGMA synchronous", &synchronous, err) < 0 ||
	    db_number(db, "PRAGMA foreign_keys", &foreign_keys, err) < 0)
		return -1;
	if (synchronous != DB_SYNC_FULL || foreign_keys != 1)
		return err_set(err, ERR_STORE_FAILED, "the database library does not keep its settings");
	if (sqlite3_db_readonly(db->handle, "main") != 0)
		return err_set(err, ERR_STORE_FAILED, "the store cannot write: its file is read-only");
	return 0;
}

int db_open(struct db **out, const char *path, struct err *err)
{
	/* Both are refused once the library is in use, which only costs speed. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	struct db *db = mem_alloc(sizeof *db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	if (db_check(sqlite3_open_v2(path, &db->handle, flags, NULL), err) < 0 || db_harden(db, err) < 0 ||
	    db_verify(db, err) < 0) {
		db_leave_alone(db);
		db_close(db);
		return -1;
	}
	(void)sqlite3_wal_hook(db->handle, db_on_commit, db);
	*out = db;
	return 0;
}

void db_leave_alone(struct db *db)
{
	if (db->handle)
		(void)db_set(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	(void)sqlite3_close(db->handle);
	free(db);
}
