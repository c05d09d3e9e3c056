/* The timeline of a connection. Rows are numbered as they come: those of one instant keep their order. */
#include "store/timeline.h"

#include "store/page.h"
#include "store/tick.h"

int store_timeline_append(struct store *store, const struct timeline_row *row, struct err *err)
{
	char id[ID_TEXT_SIZE];
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO timeline (id, connection_id, workspace_id, at, kind, actor, text, details) "
	                              "SELECT :id, c.id, c.workspace_id, :now, :kind, :actor, :text, :details "
	                              "FROM connections c WHERE c.id = :connection",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, id);
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":kind", row->kind);
	stmt_bind_text(stmt, ":actor", row->actor);
	stmt_bind_text(stmt, ":text", row->text);
	stmt_bind_text(stmt, ":details", row->details);
	stmt_bind_text(stmt, ":connection", row->connection_id);
	return tick_update(store, stmt, "connection", err);
}

struct timeline_reader {
	timeline_fn *fn;
	void *arg;
};

static void read_timeline(void *arg, struct stmt *stmt)
{
	const struct timeline_reader *reader = arg;
	const struct timeline_row row = {
		.id = stmt_text(stmt, "id"),
		.connection_id = stmt_text(stmt, "connection_id"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.at = stmt_int(stmt, "at"),
		.kind = stmt_text(stmt, "kind"),
		.actor = stmt_text(stmt, "actor"),
		.text = stmt_text(stmt, "text"),
		.details = stmt_text(stmt, "details"),
	};
	reader->fn(reader->arg, &row);
}

int store_timeline_list(struct store *store, const struct store_page *page, const char *connection_id, timeline_fn *fn,
                        void *arg, struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 't',
		.select = "SELECT number, id, connection_id, workspace_id, at, kind, actor, text, details",
		.from = " FROM timeline",
		.key_column = "number",
		.key_name = "number",
		.key = PAGE_KEY_NUMBER,
		.descending = true,
		.scope_column = "workspace_id",
	};
	struct timeline_reader reader = { fn, arg };
	struct page_filter filter = { .count = 0 };
	page_filter_text(&filter, " AND connection_id = :connection", ":connection", connection_id);
	return page_run(store, &plan, &filter, page, -1, read_timeline, &reader, end, err);
}

int store_timeline_delete_before(struct store *store, int64_t before, int limit, int64_t *deleted, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "DELETE FROM timeline WHERE number IN "
	                              "(SELECT number FROM timeline WHERE at < :before ORDER BY at LIMIT :limit)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":before", before);
	stmt_bind_int(stmt, ":limit", limit);
	return tick_run(store, stmt, deleted, err);
}
