/* Pausing connections, and the end of disconnected ones. */
#include "store/connections.h"

#include "ipc/base/strutil.h"
#include "store/connection_row.h"
#include "store/jobs.h"
#include "store/note.h"

static int read_all(struct store *store, struct stmt *stmt, connection_fn *fn, void *arg, struct err *err)
{
	int got;
	while ((got = tick_step(store, stmt, err)) > 0) {
		struct connection_row row;
		connection_read(stmt, &row);
		fn(arg, &row);
	}
	return got;
}

/* What pausing and purging must know. */
struct present {
	bool disconnected, paused;
	char workspace_id[ID_TEXT_SIZE];
};

static int look(struct store *store, const char *id, struct present *present, struct err *err)
{
	struct stmt *stmt = tick_stmt(
		store, "SELECT workspace_id, paused_at, disconnected_at FROM connections WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "connection", err) < 0)
		return -1;
	present->disconnected = stmt_int(stmt, "disconnected_at") != 0;
	present->paused = stmt_int(stmt, "paused_at") != 0;
	(void)str_copy(present->workspace_id, sizeof present->workspace_id, stmt_text(stmt, "workspace_id"));
	stmt_reset(stmt);
	return 0;
}

static int write_pause(struct store *store, const char *id, bool paused, int64_t until, const char *reason, int64_t *changed,
                       struct err *err)
{
	static const char pause[] =
		"UPDATE connections SET paused_at = CASE paused_at WHEN 0 THEN :now ELSE paused_at END, active = 0, "
		"paused_until = :until, paused_reason = :reason, updated_at = :now, version = version + 1 "
		"WHERE id = :id AND (paused_at = 0 OR paused_until <> :until OR coalesce(paused_reason, '') <> coalesce(:reason, '')) "
		"RETURNING id, workspace_id";
	static const char resume[] =
		"UPDATE connections SET paused_at = 0, active = CASE disconnected_at WHEN 0 THEN 1 ELSE 0 END, paused_until = 0, "
		"paused_reason = NULL, updated_at = :now, version = version + 1 WHERE id = :id AND paused_at <> 0 "
		"RETURNING id, workspace_id";
	struct stmt *stmt = tick_stmt(store, paused ? pause : resume, err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	if (paused) {
		stmt_bind_int(stmt, ":until", until);
		stmt_bind_text(stmt, ":reason", reason);
	}
	return note_rows(store, stmt, TOPIC_CONNECTION, CHANGE_UPDATED, changed, err);
}

int store_connection_pause(struct store *store, const char *id, bool paused, int64_t until, const char *reason, bool *changed,
                           struct err *err)
{
	struct present present;
	int64_t rows = 0;
	if (look(store, id, &present, err) < 0)
		return -1;
	if (paused && present.disconnected)
		return err_set(err, ERR_CONFLICT, "the connection is disconnected");
	if (write_pause(store, id, paused, until, reason, &rows, err) < 0 ||
	    store_job_pause_connection(store, id, paused, err) < 0)
		return -1;
	if (changed)
		*changed = rows > 0;
	return paused ? store_connection_set_state(store, id, STATE_PAUSED, NULL, err) : 0;
}

int store_connection_pauses_due(struct store *store, int64_t now, int limit, connection_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              CONNECTION_SELECT CONNECTION_FROM " WHERE c.paused_until > 0 AND c.paused_until <= :now "
	                              "ORDER BY c.paused_until, c.id LIMIT :limit",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":limit", limit);
	return read_all(store, stmt, fn, arg, err);
}

int store_connection_pauses_next(struct store *store, int64_t *at, struct err *err)
{
	struct stmt *stmt = tick_stmt(
		store, "SELECT paused_until AS n FROM connections WHERE paused_until > 0 ORDER BY paused_until LIMIT 1", err);
	return stmt ? tick_number(store, stmt, at, err) : -1;
}

int store_connection_trash(struct store *store, int64_t before, int limit, connection_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              CONNECTION_SELECT CONNECTION_FROM
	                              " WHERE c.disconnected_at > 0 AND c.disconnected_at < :before "
	                              "ORDER BY c.disconnected_at, c.id LIMIT :limit",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":before", before);
	stmt_bind_int(stmt, ":limit", limit);
	return read_all(store, stmt, fn, arg, err);
}

int store_connection_effects(struct store *store, const char *id, struct connection_effects *out, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "SELECT (SELECT count(*) FROM calendars WHERE connection_id = c.id) AS calendars, "
	                              "(SELECT count(*) FROM sync_errors WHERE connection_id = c.id) AS sync_errors, "
	                              "(SELECT count(*) FROM runs WHERE connection_id = c.id) AS runs, "
	                              "(SELECT count(*) FROM timeline WHERE connection_id = c.id) AS timeline "
	                              "FROM connections c WHERE c.id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "connection", err) < 0)
		return -1;
	out->calendars = stmt_int(stmt, "calendars");
	out->sync_errors = stmt_int(stmt, "sync_errors");
	out->runs = stmt_int(stmt, "runs");
	out->timeline = stmt_int(stmt, "timeline");
	stmt_reset(stmt);
	return 0;
}

/* Delete what the feed must hear of; the rest goes with the connection. */
static int delete_noted(struct store *store, const char *sql, enum topic topic, const char *id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, sql, err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return note_rows(store, stmt, topic, CHANGE_DELETED, NULL, err);
}

/* A grant that still waits to be revoked stays: a new consent finds the revocation by it and takes it back. */
static int delete_grant(struct store *store, const char *id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "DELETE FROM grants WHERE live = 0 AND refresh_token IS NULL AND id IN (SELECT g.id FROM grants g "
	                              "JOIN connections c ON c.provider = g.provider AND c.subject = g.subject WHERE c.id = :id) "
	                              "AND NOT EXISTS (SELECT 1 FROM connections c WHERE c.grant_id = grants.id) "
	                              "AND NOT EXISTS (SELECT 1 FROM revocations r WHERE r.grant_id = grants.id)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return tick_run(store, stmt, NULL, err);
}

int store_connection_purge(struct store *store, const char *id, struct err *err)
{
	struct present present;
	if (look(store, id, &present, err) < 0)
		return -1;
	if (!present.disconnected)
		return err_set(err, ERR_CONFLICT, "the connection is not disconnected");
	if (delete_grant(store, id, err) < 0 ||
	    delete_noted(store, "DELETE FROM jobs WHERE connection_id = :id RETURNING id, workspace_id", TOPIC_JOB, id, err) < 0 ||
	    delete_noted(store, "DELETE FROM calendars WHERE connection_id = :id RETURNING id, workspace_id", TOPIC_CALENDAR, id,
	                 err) < 0 ||
	    delete_noted(store, "DELETE FROM sync_errors WHERE connection_id = :id RETURNING id, workspace_id", TOPIC_SYNC_ERROR,
	                 id, err) < 0)
		return -1;
	struct stmt *stmt = tick_stmt(store, "DELETE FROM connections WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_update(store, stmt, "connection", err) < 0)
		return -1;
	note_counted(store, CHANGE_DELETED, id, present.workspace_id);
	return 0;
}
