/* Inside the store: the transaction of a tick, and how the files of the aggregates run their statements in it.
 *
 * A statement is taken with tick_stmt, bound, and run at once with one of the functions below; all of them leave it reset
 * except where they say that there is a row. */
#ifndef STORE_TICK_H
#define STORE_TICK_H

#include "ipc/base/buf.h"
#include "store/change_log.h"
#include "store/effects.h"
#include "store/stmt.h"
#include "store/store.h"

struct store {
	struct db *db;
	struct stmt_cache *statements;
	struct clock clock;
	struct rng rng;
	void (*digest)(uint8_t out[STORE_DIGEST_SIZE], const void *bytes, size_t len);
	int lock_fd;
	int schema_version;
	char uuid[ID_TEXT_SIZE];

	bool open;            /* BEGIN was done */
	bool failed;          /* the transaction is lost; failure says why */
	struct err failure;
	bool releasing;       /* effects are being called */
	bool in_unit, saved;  /* saved: the unit has its savepoint, made before its first write */
	size_t unit_first;    /* its first effect */
	bool shred;           /* sealed keys were overwritten: empty the log, which still has them */
	struct effects effects;
	struct change_log changes;
	void (*on_rollback)(void *arg);
	void *on_rollback_arg;
	uint64_t workspace_epoch;
	struct buf sql;       /* where lists put their text together */
};

/* NULL: *err says why (the tick has failed, or the statement is running: a callback ran its own query). */
struct stmt *tick_stmt(struct store *store, const char *sql, struct err *err);
struct stmt *tick_stmt_built(struct store *store, const char *sql, struct err *err);

/* 1: a row (call again, or stmt_reset); 0: no more; -1: failed. */
int tick_step(struct store *store, struct stmt *stmt, struct err *err);
/* 0: there is a row, read it and stmt_reset; -1: ERR_NOT_FOUND "no such <noun>", or failed. */
int tick_first(struct store *store, struct stmt *stmt, const char *noun, struct err *err);
/* Run what returns no rows; changed (may be NULL): how many rows it changed. */
int tick_run(struct store *store, struct stmt *stmt, int64_t *changed, struct err *err);
/* The same for an INSERT; ERR_CONFLICT has this text. */
int tick_insert(struct store *store, struct stmt *stmt, const char *duplicate, struct err *err);
/* Run an UPDATE of one row by id; ERR_NOT_FOUND if there was none. */
int tick_update(struct store *store, struct stmt *stmt, const char *noun, struct err *err);
/* The number in column "n" of the one row. */
int tick_number(struct store *store, struct stmt *stmt, int64_t *n, struct err *err);
/* An UPDATE with if_version changed nothing: ERR_CONFLICT if `exists_sql` (with :id) finds a row, else ERR_NOT_FOUND. */
int tick_unchanged(struct store *store, const char *exists_sql, const char *id, const char *noun, struct err *err);

#endif
