/* Sync errors as a history. */
#include "store/sync_errors.h"

#include "store/note.h"
#include "store/page.h"
#include "store/sync_error_row.h"

#define HOUR_MS (INT64_C(60) * 60 * 1000)

int store_sync_error_get(struct store *store, const char *id, sync_error_fn *fn, void *arg, struct err *err)
{
	struct sync_error_reader reader = { fn, arg };
	struct stmt *stmt = tick_stmt(store, SYNC_ERROR_SELECT " FROM sync_errors WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "sync error", err) < 0)
		return -1;
	sync_error_read(&reader, stmt);
	stmt_reset(stmt);
	return 0;
}

int store_sync_error_list(struct store *store, const struct store_page *page, const struct sync_error_filter *filter,
                          sync_error_fn *fn, void *arg, struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 'e',
		.select = SYNC_ERROR_SELECT,
		.from = " FROM sync_errors",
		.id_column = "id",
		.id_name = "id",
		.key = PAGE_KEY_NONE,
		.descending = true,
		.scope_column = "workspace_id",
	};
	struct sync_error_reader reader = { fn, arg };
	struct page_filter terms = { .count = 0 };
	page_filter_text(&terms, " AND connection_id = :connection", ":connection", filter->connection_id);
	page_filter_text(&terms, " AND workspace_id = :workspace", ":workspace", filter->workspace_id);
	page_filter_text(&terms, " AND code = :code", ":code", filter->code);
	page_filter_text(&terms, " AND code IN (SELECT value FROM json_each(:codes))", ":codes", filter->codes);
	if (filter->codes)
		terms.terms[terms.count - 1].walk = " AND code || '' IN (SELECT value FROM json_each(:codes))";
	/* Not "> 0", which would bring in the index by that time, and a sort. */
	if (filter->open >= 0)
		page_filter_number(&terms, filter->open ? " AND resolved_at = 0" : " AND resolved_at <> 0", NULL, 0);
	return page_run(store, &plan, &terms, page, -1, sync_error_read, &reader, end, err);
}

int store_sync_error_acknowledge(struct store *store, const char *id, const char *actor, struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE sync_errors SET acknowledged_at = :now, acknowledged_by = :actor "
	                              "WHERE id = :id AND acknowledged_at = 0 RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":actor", actor);
	stmt_bind_text(stmt, ":id", id);
	if (note_rows(store, stmt, TOPIC_SYNC_ERROR, CHANGE_UPDATED, &changed, err) < 0)
		return -1;
	return changed > 0 ? 0 : store_sync_error_get(store, id, NULL, NULL, err);
}

#define IN_SCOPE " AND workspace_id IN (SELECT value FROM json_each(:scope))"
#define OPEN_BY_CODE(scope)                                                                                            \
	"SELECT o.code AS code, o.open AS open, o.acknowledged AS acknowledged, o.connections AS connections, "        \
	"o.workspaces AS workspaces, o.count AS count, o.first_at AS first_at, o.last_at AS last_at, "                 \
	"coalesce(t.last_hour, 0) AS last_hour, coalesce(t.hour_before, 0) AS hour_before FROM "                       \
	"(SELECT code, count(*) AS open, sum(CASE acknowledged_at WHEN 0 THEN 0 ELSE 1 END) AS acknowledged, "         \
	"count(DISTINCT connection_id) AS connections, count(DISTINCT workspace_id) AS workspaces, "                   \
	"sum(count) AS count, min(first_at) AS first_at, max(last_at) AS last_at "                                     \
	"FROM sync_errors WHERE resolved_at = 0" scope " GROUP BY code) o LEFT JOIN "                                  \
	"(SELECT code, sum(CASE WHEN first_at > :hour THEN 1 ELSE 0 END) AS last_hour, "                               \
	"sum(CASE WHEN first_at > :hour THEN 0 ELSE 1 END) AS hour_before "                                            \
	"FROM sync_errors WHERE first_at > :two_hours AND first_at <= :now" scope " GROUP BY code) t "                 \
	"ON t.code = o.code ORDER BY o.code"

int store_sync_error_groups(struct store *store, const char *scope, sync_error_group_fn *fn, void *arg, struct err *err)
{
	int got;
	int64_t now = store_now(store);
	struct stmt *stmt = tick_stmt(store, scope ? OPEN_BY_CODE(IN_SCOPE) : OPEN_BY_CODE(""), err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":hour", now - HOUR_MS);
	stmt_bind_int(stmt, ":two_hours", now - 2 * HOUR_MS);
	stmt_bind_int(stmt, ":now", now);
	if (scope)
		stmt_bind_text(stmt, ":scope", scope);
	while ((got = tick_step(store, stmt, err)) > 0) {
		const struct sync_error_group group = {
			.code = stmt_text(stmt, "code"),
			.open = stmt_int(stmt, "open"),
			.acknowledged = stmt_int(stmt, "acknowledged"),
			.connections = stmt_int(stmt, "connections"),
			.workspaces = stmt_int(stmt, "workspaces"),
			.count = stmt_int(stmt, "count"),
			.first_at = stmt_int(stmt, "first_at"),
			.last_at = stmt_int(stmt, "last_at"),
			.last_hour = stmt_int(stmt, "last_hour"),
			.hour_before = stmt_int(stmt, "hour_before"),
		};
		fn(arg, &group);
	}
	return got;
}

int store_sync_error_delete_before(struct store *store, int64_t before, int limit, int64_t *deleted, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "DELETE FROM sync_errors WHERE id IN (SELECT id FROM sync_errors WHERE resolved_at > 0 "
	                              "AND resolved_at < :before ORDER BY resolved_at LIMIT :limit) RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":before", before);
	stmt_bind_int(stmt, ":limit", limit);
	return note_rows(store, stmt, TOPIC_SYNC_ERROR, CHANGE_DELETED, deleted, err);
}
