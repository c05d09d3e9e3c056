/* The reasons of connections. At most one row is open for each (connection, code, operation); a unique index says so. */
#include "store/sync_errors.h"

#include "ipc/base/strutil.h"
#include "store/note.h"
#include "store/sync_error_row.h"

/* The open row that an error meets; id "": none. */
struct met {
	char id[ID_TEXT_SIZE], workspace_id[ID_TEXT_SIZE];
	bool same; /* it would show the same words */
};

static const char *operation_of(const struct sync_error_new *in)
{
	return in->operation ? in->operation : "";
}

static const char *message_of(const struct sync_error_new *in)
{
	return in->message ? in->message : "";
}

static int find_open(struct store *store, const struct sync_error_new *in, struct met *met, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "SELECT id, workspace_id, message FROM sync_errors WHERE connection_id = :connection "
	                              "AND code = :code AND operation = :operation AND resolved_at = 0",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":connection", in->connection_id);
	stmt_bind_text(stmt, ":code", in->code);
	stmt_bind_text(stmt, ":operation", operation_of(in));
	int got = tick_step(store, stmt, err);
	if (got <= 0)
		return got;
	(void)str_copy(met->id, sizeof met->id, stmt_text(stmt, "id"));
	(void)str_copy(met->workspace_id, sizeof met->workspace_id, stmt_text(stmt, "workspace_id"));
	met->same = str_equal(stmt_text(stmt, "message"), message_of(in));
	stmt_reset(stmt);
	return 0;
}

static int count_up(struct store *store, const struct sync_error_new *in, const struct met *met, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE sync_errors SET count = count + 1, last_at = :now, message = :message, "
	                              "provider_status = :status, provider_reason = :reason WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":message", message_of(in));
	stmt_bind_int(stmt, ":status", in->provider_status);
	stmt_bind_text(stmt, ":reason", in->provider_reason);
	stmt_bind_text(stmt, ":id", met->id);
	if (tick_update(store, stmt, "sync error", err) < 0)
		return -1;
	note_change(store, TOPIC_SYNC_ERROR, CHANGE_UPDATED, met->id, met->workspace_id);
	if (!met->same)
		note_change(store, TOPIC_CONNECTION, CHANGE_UPDATED, in->connection_id, met->workspace_id);
	return 0;
}

static int find_home(struct store *store, const char *connection_id, struct met *met, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "SELECT workspace_id FROM connections WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", connection_id);
	if (tick_first(store, stmt, "connection", err) < 0)
		return -1;
	(void)str_copy(met->workspace_id, sizeof met->workspace_id, stmt_text(stmt, "workspace_id"));
	stmt_reset(stmt);
	return 0;
}

int store_sync_error_open(struct store *store, const struct sync_error_new *in, struct err *err)
{
	struct met met = { .same = false };
	if (find_open(store, in, &met, err) < 0)
		return -1;
	if (met.id[0])
		return count_up(store, in, &met, err);
	if (find_home(store, in->connection_id, &met, err) < 0)
		return -1;
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO sync_errors (id, connection_id, workspace_id, code, operation, message, "
	                              "provider_status, provider_reason, count, first_at, last_at) VALUES (:id, :connection, "
	                              ":workspace, :code, :operation, :message, :status, :reason, 1, :now, :now)",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, met.id);
	stmt_bind_text(stmt, ":id", met.id);
	stmt_bind_text(stmt, ":connection", in->connection_id);
	stmt_bind_text(stmt, ":workspace", met.workspace_id);
	stmt_bind_text(stmt, ":code", in->code);
	stmt_bind_text(stmt, ":operation", operation_of(in));
	stmt_bind_text(stmt, ":message", message_of(in));
	stmt_bind_int(stmt, ":status", in->provider_status);
	stmt_bind_text(stmt, ":reason", in->provider_reason);
	stmt_bind_int(stmt, ":now", store_now(store));
	if (tick_insert(store, stmt, "this error is open", err) < 0)
		return -1;
	note_change(store, TOPIC_SYNC_ERROR, CHANGE_CREATED, met.id, met.workspace_id);
	note_change(store, TOPIC_CONNECTION, CHANGE_UPDATED, in->connection_id, met.workspace_id);
	return 0;
}

int store_sync_error_resolve(struct store *store, const char *connection_id, const char *code, const char *operation,
                             struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE sync_errors SET resolved_at = :now WHERE connection_id = :connection "
	                              "AND resolved_at = 0 AND (:code IS NULL OR code = :code) "
	                              "AND (:operation IS NULL OR operation = :operation) RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_text(stmt, ":code", code);
	stmt_bind_text(stmt, ":operation", operation);
	if (note_rows(store, stmt, TOPIC_SYNC_ERROR, CHANGE_UPDATED, &changed, err) < 0)
		return -1;
	return changed > 0 ? note_connection(store, connection_id, err) : 0;
}

void sync_error_read(void *reader, struct stmt *stmt)
{
	const struct sync_error_reader *to = reader;
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
		.acknowledged_at = stmt_int(stmt, "acknowledged_at"),
		.acknowledged_by = stmt_text(stmt, "acknowledged_by"),
	};
	if (to->fn)
		to->fn(to->arg, &row);
}

#define SELECT_OF_CONNECTION SYNC_ERROR_SELECT " FROM sync_errors WHERE connection_id = :connection"

int store_sync_error_of(struct store *store, const char *connection_id, bool open_only, sync_error_fn *fn, void *arg,
                        struct err *err)
{
	int got;
	struct sync_error_reader reader = { fn, arg };
	struct stmt *stmt = tick_stmt(store,
	                              open_only ? SELECT_OF_CONNECTION " AND resolved_at = 0 ORDER BY last_at DESC, id DESC"
	                                        : SELECT_OF_CONNECTION " ORDER BY last_at DESC, id DESC",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":connection", connection_id);
	while ((got = tick_step(store, stmt, err)) > 0)
		sync_error_read(&reader, stmt);
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
