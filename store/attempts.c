/* Attempts: runs of the consent flow. Each step is one UPDATE that names the states it may leave, so that of two callers
 * one wins. */
#include "store/attempts.h"

#include "store/tick.h"

#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define KEEP_MS (INT64_C(30) * 24 * HOUR_MS)

#define SELECT_ATTEMPT                                                                                            \
	"SELECT id, workspace_id, user_id, provider, login_hint, connection_id, reconnect, state, error_code, "       \
	"error_message, actor, key_id, secrets, created_at, expires_at FROM attempts"

int store_attempt_create(struct store *store, const struct attempt_new *in, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO attempts (id, workspace_id, user_id, provider, login_hint, connection_id, "
	                              "reconnect, state, actor, key_id, secrets, state_hash, short_hash, created_at, expires_at) "
	                              "VALUES (:id, :workspace, :user, :provider, :login_hint, :connection, :reconnect, "
	                              "'created', :actor, :key_id, :secrets, :state_hash, :short_hash, :now, :expires_at)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", in->id);
	stmt_bind_text(stmt, ":workspace", in->workspace_id);
	stmt_bind_text(stmt, ":user", in->user_id);
	stmt_bind_text(stmt, ":provider", in->provider);
	stmt_bind_text(stmt, ":login_hint", in->login_hint);
	stmt_bind_text(stmt, ":connection", in->connection_id);
	stmt_bind_int(stmt, ":reconnect", in->connection_id != NULL);
	stmt_bind_text(stmt, ":actor", in->actor);
	stmt_bind_text(stmt, ":key_id", in->key_id);
	stmt_bind_blob(stmt, ":secrets", in->secrets);
	stmt_bind_text(stmt, ":state_hash", in->state_hash);
	stmt_bind_text(stmt, ":short_hash", in->short_hash);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_int(stmt, ":expires_at", in->expires_at);
	return tick_insert(store, stmt, "this attempt exists", err);
}

static int read_attempt(struct store *store, const char *sql, const char *key, attempt_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, sql, err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":key", key);
	if (tick_first(store, stmt, "attempt", err) < 0)
		return -1;
	const struct attempt_row row = {
		.id = stmt_text(stmt, "id"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.user_id = stmt_text(stmt, "user_id"),
		.provider = stmt_text(stmt, "provider"),
		.login_hint = stmt_text(stmt, "login_hint"),
		.connection_id = stmt_text(stmt, "connection_id"),
		.reconnect = stmt_int(stmt, "reconnect") != 0,
		.state = stmt_text(stmt, "state"),
		.error_code = stmt_text(stmt, "error_code"),
		.error_message = stmt_text(stmt, "error_message"),
		.actor = stmt_text(stmt, "actor"),
		.key_id = stmt_text(stmt, "key_id"),
		.secrets = stmt_blob(stmt, "secrets"),
		.created_at = stmt_int(stmt, "created_at"),
		.expires_at = stmt_int(stmt, "expires_at"),
	};
	if (fn)
		fn(arg, &row);
	stmt_reset(stmt);
	return 0;
}

int store_attempt_get(struct store *store, const char *id, attempt_fn *fn, void *arg, struct err *err)
{
	return read_attempt(store, SELECT_ATTEMPT " WHERE id = :key", id, fn, arg, err);
}

int store_attempt_by_state(struct store *store, const char *state_hash, attempt_fn *fn, void *arg, struct err *err)
{
	return read_attempt(store, SELECT_ATTEMPT " WHERE state_hash = :key", state_hash, fn, arg, err);
}

int store_attempt_by_short(struct store *store, const char *short_hash, attempt_fn *fn, void *arg, struct err *err)
{
	return read_attempt(store, SELECT_ATTEMPT " WHERE short_hash = :key", short_hash, fn, arg, err);
}

int store_attempt_open(struct store *store, const char *id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "UPDATE attempts SET state = 'opened' WHERE id = :id AND state = 'created'", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return tick_run(store, stmt, NULL, err);
}

int store_attempt_consume(struct store *store, const char *id, bool *won, struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE attempts SET state = 'returned' "
	                              "WHERE id = :id AND state IN ('created', 'opened') AND expires_at > :now",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_int(stmt, ":now", store_now(store));
	if (tick_run(store, stmt, &changed, err) < 0)
		return -1;
	*won = changed > 0;
	return 0;
}

int store_attempt_end(struct store *store, const char *id, const char *state, const char *connection_id,
                      const char *error_code, const char *error_message, bool *ended, struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE attempts SET state = :state, connection_id = coalesce(:connection, connection_id), "
	                              "error_code = :code, error_message = :message, secrets = NULL, key_id = NULL, ended_at = :now "
	                              "WHERE id = :id AND ended_at = 0",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":state", state);
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_text(stmt, ":code", error_code);
	stmt_bind_text(stmt, ":message", error_message);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	if (tick_run(store, stmt, &changed, err) < 0)
		return -1;
	*ended = changed > 0;
	return changed > 0 ? 0 : store_attempt_get(store, id, NULL, NULL, err);
}

static int delete_old(struct store *store, int64_t now, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "DELETE FROM attempts WHERE ended_at > 0 AND ended_at < :before", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":before", now - KEEP_MS);
	return tick_run(store, stmt, NULL, err);
}

int store_attempt_expire(struct store *store, int64_t *expired, struct err *err)
{
	int64_t now = store_now(store);
	/* One that has returned is being exchanged: it has an hour to end by itself. */
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE attempts SET state = 'expired', secrets = NULL, key_id = NULL, ended_at = :now "
	                              "WHERE ended_at = 0 AND expires_at <= :now "
	                              "AND (state <> 'returned' OR expires_at <= :hour_ago)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":hour_ago", now - HOUR_MS);
	if (tick_run(store, stmt, expired, err) < 0)
		return -1;
	return delete_old(store, now, err);
}

int store_attempt_interrupt(struct store *store, int64_t *interrupted, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE attempts SET state = 'failed', error_code = 'interrupted', "
	                              "error_message = 'the daemon stopped before the consent was stored', "
	                              "secrets = NULL, key_id = NULL, ended_at = :now WHERE state = 'returned'",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	return tick_run(store, stmt, interrupted, err);
}
