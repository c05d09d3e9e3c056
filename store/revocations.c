/* The revocation outbox: tokens that must still be revoked at their provider. */
#include "store/grants.h"
#include "store/tick.h"

int store_revocation_insert(struct store *store, const struct revocation_row *row, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO revocations (id, provider, grant_id, key_id, data_key, token, attempts, "
	                              "next_attempt_at, expires_at, created_at) "
	                              "VALUES (:id, :provider, :grant_id, :key_id, :data_key, :token, :attempts, "
	                              ":next_attempt_at, :expires_at, :now)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", row->id);
	stmt_bind_text(stmt, ":provider", row->provider);
	stmt_bind_text(stmt, ":grant_id", row->grant_id);
	stmt_bind_text(stmt, ":key_id", row->key_id);
	stmt_bind_blob(stmt, ":data_key", row->data_key);
	stmt_bind_blob(stmt, ":token", row->token);
	stmt_bind_int(stmt, ":attempts", row->attempts);
	stmt_bind_int(stmt, ":next_attempt_at", row->next_attempt_at);
	stmt_bind_int(stmt, ":expires_at", row->expires_at);
	stmt_bind_int(stmt, ":now", store_now(store));
	return tick_insert(store, stmt, "this revocation waits already", err);
}

static void read_revocation(struct stmt *stmt, revocation_fn *fn, void *arg)
{
	const struct revocation_row row = {
		.id = stmt_text(stmt, "id"),
		.provider = stmt_text(stmt, "provider"),
		.grant_id = stmt_text(stmt, "grant_id"),
		.key_id = stmt_text(stmt, "key_id"),
		.data_key = stmt_blob(stmt, "data_key"),
		.token = stmt_blob(stmt, "token"),
		.attempts = stmt_int(stmt, "attempts"),
		.next_attempt_at = stmt_int(stmt, "next_attempt_at"),
		.expires_at = stmt_int(stmt, "expires_at"),
		.created_at = stmt_int(stmt, "created_at"),
	};
	fn(arg, &row);
}

int store_revocation_get(struct store *store, const char *id, revocation_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "SELECT id, provider, grant_id, key_id, data_key, token, attempts, next_attempt_at, "
	                              "expires_at, created_at FROM revocations WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "revocation", err) != 0)
		return -1;
	read_revocation(stmt, fn, arg);
	stmt_reset(stmt);
	return 0;
}

int store_revocation_due(struct store *store, int64_t now, int limit, revocation_fn *fn, void *arg, struct err *err)
{
	int got;
	struct stmt *stmt = tick_stmt(store,
	                              "SELECT id, provider, grant_id, key_id, data_key, token, attempts, next_attempt_at, "
	                              "expires_at, created_at FROM revocations WHERE next_attempt_at <= :now "
	                              "ORDER BY next_attempt_at LIMIT :limit",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":limit", limit);
	while ((got = tick_step(store, stmt, err)) > 0)
		read_revocation(stmt, fn, arg);
	return got;
}

int store_revocation_next(struct store *store, int64_t *at, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "SELECT coalesce(min(next_attempt_at), 0) AS n FROM revocations", err);
	return stmt ? tick_number(store, stmt, at, err) : -1;
}

int store_revocation_reschedule(struct store *store, const char *id, int64_t next_attempt_at, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE revocations SET attempts = attempts + 1, next_attempt_at = :next WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":next", next_attempt_at);
	stmt_bind_text(stmt, ":id", id);
	return tick_update(store, stmt, "revocation", err);
}

int store_revocation_delete(struct store *store, const char *id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "DELETE FROM revocations WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	store->shred = true;
	return tick_update(store, stmt, "revocation", err);
}

int store_revocation_delete_of_grant(struct store *store, const char *grant_id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "DELETE FROM revocations WHERE grant_id = :grant_id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":grant_id", grant_id);
	store->shred = true;
	return tick_run(store, stmt, NULL, err);
}
