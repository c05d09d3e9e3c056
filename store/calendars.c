/* Calendars. During a full list the connection carries a mark (sweep) that every calendar put gets too (seen); at its end
 * those without the mark are gone. Outside a full list a put that changes nothing writes nothing. */
#include "store/calendars.h"

#include "store/note.h"
#include "store/page.h"

#define SELECT_CALENDAR                                                                                              \
	"SELECT k.id AS id, k.workspace_id AS workspace_id, k.connection_id AS connection_id, k.provider AS provider, " \
	"k.external_id AS external_id, coalesce(k.given_name, k.summary) AS name, k.given_name AS given_name, "         \
	"k.summary AS summary, k.description AS description, k.access_role AS access_role, k.time_zone AS time_zone, "  \
	"k.background_color AS background_color, k.foreground_color AS foreground_color, k.state AS state, "           \
	"k.is_primary AS is_primary, k.active AS active, k.created_at AS created_at, k.updated_at AS updated_at, "     \
	"k.version AS version, c.state AS connection_state, c.account_email AS connection_email"
#define FROM_CALENDAR " FROM calendars k JOIN connections c ON c.id = k.connection_id"

struct calendar_reader {
	calendar_fn *fn;
	void *arg;
};

static void read_calendar(void *arg, struct stmt *stmt)
{
	const struct calendar_reader *reader = arg;
	struct calendar_row row = {
		.id = stmt_text(stmt, "id"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.connection_id = stmt_text(stmt, "connection_id"),
		.provider = stmt_text(stmt, "provider"),
		.external_id = stmt_text(stmt, "external_id"),
		.name = stmt_text(stmt, "name"),
		.given_name = stmt_text(stmt, "given_name"),
		.summary = stmt_text(stmt, "summary"),
		.description = stmt_text(stmt, "description"),
		.access_role = stmt_text(stmt, "access_role"),
		.time_zone = stmt_text(stmt, "time_zone"),
		.background_color = stmt_text(stmt, "background_color"),
		.foreground_color = stmt_text(stmt, "foreground_color"),
		.state = stmt_text(stmt, "state"),
		.primary = stmt_int(stmt, "is_primary") != 0,
		.active = stmt_int(stmt, "active") != 0,
		.created_at = stmt_int(stmt, "created_at"),
		.updated_at = stmt_int(stmt, "updated_at"),
		.version = stmt_int(stmt, "version"),
		.connection_email = stmt_text(stmt, "connection_email"),
	};
	(void)connection_state_parse(stmt_text(stmt, "connection_state"), &row.connection_state);
	reader->fn(reader->arg, &row);
}

int store_calendar_get(struct store *store, const char *id, calendar_fn *fn, void *arg, struct err *err)
{
	struct calendar_reader reader = { fn, arg };
	struct stmt *stmt = tick_stmt(store, SELECT_CALENDAR FROM_CALENDAR " WHERE k.id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "calendar", err) < 0)
		return -1;
	if (fn)
		read_calendar(&reader, stmt);
	stmt_reset(stmt);
	return 0;
}

int store_calendar_list(struct store *store, const struct store_page *page, const struct calendar_filter *filter,
                        calendar_fn *fn, void *arg, struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 'k',
		.select = SELECT_CALENDAR,
		.from = FROM_CALENDAR,
		.id_column = "k.id",
		.id_name = "id",
		.key = PAGE_KEY_NONE,
		.scope_column = "k.workspace_id",
	};
	struct calendar_reader reader = { fn, arg };
	struct page_filter terms = { .count = 0 };
	page_filter_text(&terms, " AND k.workspace_id = :workspace", ":workspace", filter->workspace_id);
	page_filter_text(&terms, " AND k.connection_id = :connection", ":connection", filter->connection_id);
	page_filter_text(&terms, " AND k.provider = :provider", ":provider", filter->provider);
	if (filter->active >= 0)
		page_filter_number(&terms, " AND k.active = :active", ":active", filter->active);
	return page_run(store, &plan, &terms, page, -1, read_calendar, &reader, end, err);
}

int store_calendar_of_connection(struct store *store, const char *connection_id, calendar_fn *fn, void *arg, struct err *err)
{
	int got;
	struct calendar_reader reader = { fn, arg };
	struct stmt *stmt = tick_stmt(store,
	                              SELECT_CALENDAR FROM_CALENDAR
	                              " WHERE k.connection_id = :connection"
	                              " ORDER BY k.is_primary DESC, coalesce(k.given_name, k.summary), k.id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":connection", connection_id);
	while ((got = tick_step(store, stmt, err)) > 0)
		read_calendar(&reader, stmt);
	return got;
}

int store_calendar_update(struct store *store, const char *id, const char *name, int active, int64_t if_version,
                          struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE calendars SET "
	                              "given_name = CASE WHEN :name IS NULL THEN given_name WHEN :name = '' THEN NULL ELSE :name END, "
	                              "active = CASE WHEN :active < 0 THEN active ELSE :active END, "
	                              "updated_at = :now, version = version + 1 "
	                              "WHERE id = :id AND (:if_version = 0 OR version = :if_version) RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":name", name);
	stmt_bind_int(stmt, ":active", active);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_int(stmt, ":if_version", if_version);
	if (note_rows(store, stmt, TOPIC_CALENDAR, CHANGE_UPDATED, &changed, err) < 0)
		return -1;
	if (changed == 0)
		return tick_unchanged(store, "SELECT 1 FROM calendars WHERE id = :id", id, "calendar", err);
	return 0;
}
