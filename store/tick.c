/* The transaction of a tick: begun by its first statement, committed at its end, given up when a statement lost it.
 *
 * Units are savepoints made before the first write in them, so that a unit that only reads costs nothing. */
#include "store/tick.h"

#define TICK_ROUNDS 64        /* effects that cause more work are served in the same call so many times */
#define TICK_LOG_PAGES 1000   /* fold the log from this length on */

static int tick_fail(struct store *store, int code, bool reading, struct err *err)
{
	switch (db_classify(code)) {
	case DB_DUPLICATE:
		(void)err_set(err, ERR_CONFLICT, "it exists already");
		break;
	case DB_MISSING:
		(void)err_set(err, ERR_NOT_FOUND, "what it belongs to does not exist");
		break;
	case DB_TOO_BIG:
		(void)err_set(err, ERR_LIMIT_EXCEEDED, "a value is too large for the store");
		break;
	case DB_REFUSED:
		(void)err_set(err, ERR_INTERNAL, "the store refused a value");
		break;
	default:
		store->failed = true;
		(void)db_error(code, reading, &store->failure);
	}
	/* A full disk or an I/O error may have ended the whole transaction, whatever the code says. */
	if (!store->failed && store->open && !db_in_transaction(store->db)) {
		store->failed = true;
		(void)db_error(code, reading, &store->failure);
	}
	if (store->failed && err)
		*err = store->failure;
	return -1;
}

/* BEGIN, COMMIT and their like. */
static int tick_control(struct store *store, const char *sql, struct err *err)
{
	int code = 0;
	struct stmt *stmt = stmt_get(store->statements, sql, &code);
	if (!stmt)
		return tick_fail(store, code, false, err);
	if (stmt_step(stmt) < 0)
		return tick_fail(store, stmt_code(stmt), false, err);
	return 0;
}

static int tick_enter(struct store *store, struct err *err)
{
	if (store->failed) {
		if (err)
			*err = store->failure;
		return -1;
	}
	if (store->open)
		return 0;
	if (tick_control(store, "BEGIN", err) < 0)
		return -1;
	store->open = true;
	return 0;
}

static struct stmt *tick_ready(struct store *store, struct stmt *stmt, int code, struct err *err)
{
	if (!stmt) {
		(void)tick_fail(store, code, false, err);
		return NULL;
	}
	if (stmt_running(stmt)) {
		(void)err_set(err, ERR_INTERNAL, "a query was started again from its own rows");
		return NULL;
	}
	if (store->in_unit && !store->saved && stmt_writes(stmt)) {
		if (tick_control(store, "SAVEPOINT unit", err) < 0)
			return NULL;
		store->saved = true;
	}
	return stmt;
}

struct stmt *tick_stmt(struct store *store, const char *sql, struct err *err)
{
	int code = 0;
	if (tick_enter(store, err) < 0)
		return NULL;
	struct stmt *stmt = stmt_get(store->statements, sql, &code);
	return tick_ready(store, stmt, code, err);
}

struct stmt *tick_stmt_built(struct store *store, const char *sql, struct err *err)
{
	int code = 0;
	if (tick_enter(store, err) < 0)
		return NULL;
	struct stmt *stmt = stmt_get_built(store->statements, sql, &code);
	return tick_ready(store, stmt, code, err);
}

int tick_step(struct store *store, struct stmt *stmt, struct err *err)
{
	int got = stmt_step(stmt);
	if (got < 0)
		return tick_fail(store, stmt_code(stmt), !stmt_writes(stmt), err);
	return got;
}

int tick_first(struct store *store, struct stmt *stmt, const char *noun, struct err *err)
{
	int got = tick_step(store, stmt, err);
	if (got == 0)
		return err_set(err, ERR_NOT_FOUND, "no such %s", noun);
	return got < 0 ? -1 : 0;
}

int tick_run(struct store *store, struct stmt *stmt, int64_t *changed, struct err *err)
{
	if (tick_step(store, stmt, err) < 0)
		return -1;
	if (changed)
		*changed = stmt_changes(stmt);
	return 0;
}

int tick_insert(struct store *store, struct stmt *stmt, const char *duplicate, struct err *err)
{
	int result = tick_run(store, stmt, NULL, err);
	if (result < 0 && !store->failed && err && err->code == ERR_CONFLICT)
		(void)err_set(err, ERR_CONFLICT, "%s", duplicate);
	return result;
}

int tick_update(struct store *store, struct stmt *stmt, const char *noun, struct err *err)
{
	int64_t changed = 0;
	if (tick_run(store, stmt, &changed, err) < 0)
		return -1;
	return changed > 0 ? 0 : err_set(err, ERR_NOT_FOUND, "no such %s", noun);
}

int tick_number(struct store *store, struct stmt *stmt, int64_t *n, struct err *err)
{
	int got = tick_step(store, stmt, err);
	if (got < 0)
		return -1;
	*n = got > 0 ? stmt_int(stmt, "n") : 0;
	stmt_reset(stmt);
	return 0;
}

int tick_unchanged(struct store *store, const char *exists_sql, const char *id, const char *noun, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, exists_sql, err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, noun, err) < 0)
		return -1;
	stmt_reset(stmt);
	return err_set(err, ERR_CONFLICT, "the %s was changed meanwhile: read it again", noun);
}

void store_after_commit(struct store *store, store_effect_fn *fn, void *arg)
{
	effects_push(&store->effects, fn, arg);
}

void store_on_rollback(struct store *store, void (*fn)(void *arg), void *arg)
{
	store->on_rollback = fn;
	store->on_rollback_arg = arg;
}

void store_on_changes(struct store *store, store_changes_fn *fn, void *arg)
{
	store->changes.fn = fn;
	store->changes.arg = arg;
}

bool store_tick_failed(const struct store *store)
{
	return store->failed;
}

bool store_tick_pending(const struct store *store)
{
	return store->open || store->failed || store->effects.waiting.count > 0;
}

int store_unit_begin(struct store *store, struct err *err)
{
	if (store->in_unit)
		return err_set(err, ERR_INTERNAL, "units of the store do not nest");
	if (store->failed)
		return tick_enter(store, err);
	store->in_unit = true;
	store->saved = false;
	store->unit_first = store->effects.waiting.count;
	change_log_unit_begin(&store->changes);
	return 0;
}

static int unit_undo(struct store *store, struct err *err)
{
	store->workspace_epoch++;
	if (tick_control(store, "ROLLBACK TO unit", err) < 0)
		return -1;
	return tick_control(store, "RELEASE unit", err);
}

int store_unit_end(struct store *store, bool keep, const struct err *why, struct err *err)
{
	static const struct err undone = { .code = ERR_INTERNAL, .message = "the request was undone" };
	if (!store->in_unit)
		return err_set(err, ERR_INTERNAL, "no unit of the store is open");
	bool saved = store->saved;
	store->in_unit = store->saved = false;
	if (!keep) {
		effects_fail_from(&store->effects, store->unit_first, why ? why : &undone);
		change_log_unit_undo(&store->changes);
	}
	if (store->failed)
		return tick_enter(store, err);
	if (!saved)
		return 0;
	return keep ? tick_control(store, "RELEASE unit", err) : unit_undo(store, err);
}

static void tick_rollback(struct store *store)
{
	if (db_in_transaction(store->db)) {
		struct err ignored; /* SQLite leaves the transaction even when it complains */
		(void)tick_control(store, "ROLLBACK", &ignored);
	}
	store->workspace_epoch++;
}

/* One transaction and its effects. */
static int tick_finish(struct store *store, struct err *why)
{
	if (store->in_unit)
		(void)store_unit_end(store, false, NULL, NULL);
	if (store->open && !store->failed)
		(void)tick_control(store, "COMMIT", NULL);
	bool lost = store->failed;
	*why = store->failure;
	if (lost) {
		tick_rollback(store);
		change_log_drop(&store->changes);
	}
	store->open = store->failed = false;
	store->failure = (struct err){ 0 };
	store->releasing = true;
	if (lost && store->on_rollback)
		store->on_rollback(store->on_rollback_arg);
	change_log_release(&store->changes);
	effects_release(&store->effects, lost ? why : NULL);
	store->releasing = false;
	return lost ? -1 : 0;
}

int store_tick_end(struct store *store, struct err *err)
{
	int result = 0;
	if (store->releasing)
		return 0;
	for (int round = 0; round < TICK_ROUNDS && store_tick_pending(store); round++) {
		struct err why;
		if (tick_finish(store, &why) < 0 && result == 0) {
			result = -1;
			if (err)
				*err = why;
		}
	}
	if (!store->open && (store->shred || db_log_pages(store->db) >= TICK_LOG_PAGES)) {
		db_checkpoint(store->db, store->shred);
		store->shred = false;
	}
	return result;
}
