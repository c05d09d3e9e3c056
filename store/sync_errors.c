/* The reasons of connections. At most one row is open for each (connection, code, operation); a unique index says so. */
#include "store/connections.h"

#include "store/tick.h"

static int count_up(struct store *store, const struct sync_error_new *in, int64_t *changed, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE sync_errors SET count = count + 1, last_at = :now, message = :message, "
	                              "provider_status = :status, provider_reason = :reason "
	                              "WHERE connection_id = :connection AND code = :code AND operation = :operation "
	                              "AND resolved_at = 0",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":message", in->message ? in->message : "");
	stmt_bind_int(stmt, ":status", in->provider_status);
	stmt_bind_text(stmt, ":reason", in->provider_reason);
	stmt_bind_text(stmt, ":connection", in->connection_id);
	stmt_bind_text(stmt, ":code", in->code);
	stmt_bind_text(stmt, ":operation", in->operation ? in->operation : "");
	return tick_run(store, stmt, changed, err);
}

int store_sync_error_open(struct store *store, const struct sync_error_new *in, struct err *err)
{
	char id[ID_TEXT_SIZE];
	int64_t changed = 0;
	if (count_up(store, in, &changed, err) < 0)
		return -1;
	if (changed > 0)
		return 0;
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO sync_errors (id, connection_id, workspace_id, code, operation, message, "
	                              "provider_status, provider_reason, count, first_at, last_at) "
	                              "SELECT :id, c.id, c.workspace_id, :code, :operation, :message, :status, :reason, 1, :now, "
	                              ":now FROM connections c WHERE c.id = :connection",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, id);
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_text(stmt, ":code", in->code);
	stmt_bind_text(stmt, ":operation", in->operation ? in->operation : "");
	stmt_bind_text(stmt, ":message", in->message ? in->message : "");
	stmt_bind_int(stmt, ":status", in->provider_status);
	stmt_bind_text(stmt, ":reason", in->provider_reason);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":connection", in->connection_id);
	return tick_update(store, stmt, "connection", err);
}

int store_sync_error_resolve(struct store *store, const char *connection_id, const char *code, const char *operation,
                             struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE sync_errors SET resolved_at = :now WHERE connection_id = :connection "
	                              "AND resolved_at = 0 AND (:code IS NULL OR code = :code) "
	                              "AND (:operation IS NULL OR operation = :operation)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_text(stmt, ":code", code);
	stmt_bind_text(stmt, ":operation", operation);
	return tick_run(store, stmt, NULL, err);
}

#define SELECT_OF_CONNECTION                                                                                       \
	"SELECT id, connection_id, workspace_id, code, operation, message, provider_status, provider_reason, count, " \
	"first_at, last_at, resolved_at FROM sync_errors WHERE connection_id = :connection"

int store_sync_error_of(struct store *store, const char *connection_id, bool open_only, sync_error_fn *fn, void *arg,
                        struct err *err)
{
	int got;
	struct stmt *stmt = tick_stmt(store,
	                              open_only ? SELECT_OF_CONNECTION " AND resolved_at = 0 ORDER BY last_at DESC, id DESC"
	                                        : SELECT_OF_CONNECTION " ORDER BY last_at DESC, id DESC",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":connection", connection_id);
	while ((got = tick_step(store, stmt, err)) > 0) {
		const struct sync_error_row row = {
			.id = stmt_text(stmt, "id"),
			.connection_id = stmt_text(stmt, "connection_id"),
			.workspace_id = stmt_text(stmt, "workspace_id"),
			.code = stmt_text(stmt, "code"),
			.operation = stmt_text(stmt, "operation"),
			.message = stmt_text(stmt, "message"),
			.provider_status = (int)stmt_int(stmt, "provider_status"),
			.provider_reason = stmt_text(stmt, "provider_reason"),
			.count = stmt_int(stmt, "count"),
			.first_at = stmt_int(stmt, "first_at"),
			.last_at = stmt_int(stmt, "last_at"),
			.resolved_at = stmt_int(stmt, "resolved_at"),
		};
		fn(arg, &row);
	}
	return got;
}

int store_sync_error_counts(struct store *store, const char *scope, reason_count_fn *fn, void *arg, struct err *err)
{
	int got;
	struct stmt *stmt = tick_stmt(store,
	                              scope ? "SELECT code, count(DISTINCT connection_id) AS n FROM sync_errors WHERE resolved_at = 0 "
	                                      "AND workspace_id IN (SELECT value FROM json_each(:scope)) GROUP BY code ORDER BY code"
	                                    : "SELECT code, count(DISTINCT connection_id) AS n FROM sync_errors WHERE resolved_at = 0 "
	                                      "GROUP BY code ORDER BY code",
	                              err);
	if (!stmt)
		return -1;
	if (scope)
		stmt_bind_text(stmt, ":scope", scope);
	while ((got = tick_step(store, stmt, err)) > 0)
		fn(arg, stmt_text(stmt, "code"), stmt_int(stmt, "n"));
	return got;
}
