/* What a provider says of the calendars of a connection: put, mark gone, and the sweep of a full list (see calendars.c). */
#include "store/calendars.h"

#include "ipc/base/strutil.h"
#include "store/note.h"

#include <string.h>

/* The row that a put meets. */
struct calendar_met {
	char id[ID_TEXT_SIZE];
	bool there, ok, same;
	int64_t seen;
};

static bool same_text(struct stmt *stmt, const char *column, const char *text)
{
	return str_equal(stmt_text(stmt, column), text);
}

static bool same_calendar(struct stmt *stmt, const struct calendar_seen *seen, const char *summary)
{
	return same_text(stmt, "summary", summary) && same_text(stmt, "description", seen->description) &&
	       same_text(stmt, "access_role", seen->access_role) && same_text(stmt, "time_zone", seen->time_zone) &&
	       same_text(stmt, "background_color", seen->background_color) &&
	       same_text(stmt, "foreground_color", seen->foreground_color) &&
	       (stmt_int(stmt, "is_primary") != 0) == seen->primary;
}

static int find_calendar(struct store *store, const char *connection_id, const struct calendar_seen *seen,
                         const char *summary, struct calendar_met *met, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "SELECT id, summary, description, access_role, time_zone, background_color, "
	                              "foreground_color, state, is_primary, seen FROM calendars "
	                              "WHERE connection_id = :connection AND external_id = :external",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_text(stmt, ":external", seen->external_id);
	int got = tick_step(store, stmt, err);
	if (got <= 0)
		return got;
	met->there = true;
	(void)str_copy(met->id, sizeof met->id, stmt_text(stmt, "id"));
	met->ok = same_text(stmt, "state", "ok");
	met->same = met->ok && same_calendar(stmt, seen, summary);
	met->seen = stmt_int(stmt, "seen");
	stmt_reset(stmt);
	return 0;
}

/* The connection of a calendar. */
struct calendar_home {
	int64_t sweep; /* the mark of the full list that is under way, 0: none */
	char workspace_id[ID_TEXT_SIZE];
};

static int find_home(struct store *store, const char *connection_id, struct calendar_home *home, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "SELECT sweep, workspace_id FROM connections WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", connection_id);
	if (tick_first(store, stmt, "connection", err) < 0)
		return -1;
	home->sweep = stmt_int(stmt, "sweep");
	(void)str_copy(home->workspace_id, sizeof home->workspace_id, stmt_text(stmt, "workspace_id"));
	stmt_reset(stmt);
	return 0;
}

static void bind_seen(struct stmt *stmt, const struct calendar_seen *seen, const char *summary, int64_t mark, int64_t now)
{
	stmt_bind_text(stmt, ":summary", summary);
	stmt_bind_text(stmt, ":description", seen->description);
	stmt_bind_text(stmt, ":access_role", seen->access_role);
	stmt_bind_text(stmt, ":time_zone", seen->time_zone);
	stmt_bind_text(stmt, ":background_color", seen->background_color);
	stmt_bind_text(stmt, ":foreground_color", seen->foreground_color);
	stmt_bind_int(stmt, ":primary", seen->primary);
	stmt_bind_int(stmt, ":mark", mark);
	stmt_bind_int(stmt, ":now", now);
}

/* What was put, in the feed; counted: the connection has one more. */
static void note_put(struct store *store, enum change change, const char *id, const char *connection_id,
                     const char *workspace_id, bool counted)
{
	note_change(store, TOPIC_CALENDAR, change, id, workspace_id);
	if (counted)
		note_change(store, TOPIC_CONNECTION, CHANGE_UPDATED, connection_id, workspace_id);
}

static int add_calendar(struct store *store, const char *connection_id, const struct calendar_seen *seen,
                        const char *summary, const struct calendar_home *home, struct err *err)
{
	char id[ID_TEXT_SIZE];
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO calendars (id, workspace_id, connection_id, provider, external_id, summary, "
	                              "description, access_role, time_zone, background_color, foreground_color, state, is_primary, "
	                              "active, seen, created_at, updated_at, version) "
	                              "SELECT :id, c.workspace_id, c.id, c.provider, :external, :summary, :description, "
	                              ":access_role, :time_zone, :background_color, :foreground_color, 'ok', :primary, 1, :mark, "
	                              ":now, :now, 1 FROM connections c WHERE c.id = :connection",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, id);
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_text(stmt, ":external", seen->external_id);
	bind_seen(stmt, seen, summary, home->sweep, store_now(store));
	if (tick_update(store, stmt, "connection", err) < 0)
		return -1;
	note_put(store, CHANGE_CREATED, id, connection_id, home->workspace_id, true);
	return 0;
}

static int change_calendar(struct store *store, const char *id, const struct calendar_seen *seen, const char *summary,
                           int64_t mark, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE calendars SET summary = :summary, description = :description, "
	                              "access_role = :access_role, time_zone = :time_zone, background_color = :background_color, "
	                              "foreground_color = :foreground_color, is_primary = :primary, state = 'ok', seen = :mark, "
	                              "updated_at = :now, version = version + 1 WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	bind_seen(stmt, seen, summary, mark, store_now(store));
	return tick_update(store, stmt, "calendar", err);
}

static int mark_seen(struct store *store, const char *id, int64_t mark, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "UPDATE calendars SET seen = :mark WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":mark", mark);
	stmt_bind_text(stmt, ":id", id);
	return tick_update(store, stmt, "calendar", err);
}

int store_calendar_put(struct store *store, const char *connection_id, const struct calendar_seen *seen,
                       enum calendar_change *change, struct err *err)
{
	struct calendar_met met = { .there = false };
	struct calendar_home home;
	const char *summary = seen->summary ? seen->summary : "";
	if (find_home(store, connection_id, &home, err) < 0 ||
	    find_calendar(store, connection_id, seen, summary, &met, err) < 0)
		return -1;
	if (!met.there) {
		*change = CALENDAR_ADDED;
		return add_calendar(store, connection_id, seen, summary, &home, err);
	}
	int64_t mark = home.sweep != 0 ? home.sweep : met.seen;
	if (!met.same) {
		*change = CALENDAR_CHANGED;
		if (change_calendar(store, met.id, seen, summary, mark, err) < 0)
			return -1;
		note_put(store, CHANGE_UPDATED, met.id, connection_id, home.workspace_id, !met.ok);
		return 0;
	}
	*change = CALENDAR_SAME;
	return mark == met.seen ? 0 : mark_seen(store, met.id, mark, err);
}

int store_calendar_mark_gone(struct store *store, const char *connection_id, const char *external_id, bool *changed,
                             struct err *err)
{
	int64_t rows = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE calendars SET state = 'gone', updated_at = :now, version = version + 1 "
	                              "WHERE connection_id = :connection AND external_id = :external AND state <> 'gone' "
	                              "RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_text(stmt, ":external", external_id);
	if (note_rows(store, stmt, TOPIC_CALENDAR, CHANGE_UPDATED, &rows, err) < 0)
		return -1;
	*changed = rows > 0;
	return rows > 0 ? note_connection(store, connection_id, err) : 0;
}

static int set_sweep(struct store *store, const char *connection_id, int64_t mark, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "UPDATE connections SET sweep = :mark WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":mark", mark);
	stmt_bind_text(stmt, ":id", connection_id);
	return tick_update(store, stmt, "connection", err);
}

int store_calendar_sweep_begin(struct store *store, const char *connection_id, int64_t *mark, struct err *err)
{
	/* Above every mark in use, that of a full list that was cut off included. */
	struct stmt *stmt = tick_stmt(store,
	                              "SELECT 1 + coalesce(max(m), 0) AS n FROM ("
	                              "SELECT max(seen) AS m FROM calendars WHERE connection_id = :id "
	                              "UNION ALL SELECT sweep FROM connections WHERE id = :id) AS marks",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", connection_id);
	if (tick_number(store, stmt, mark, err) < 0)
		return -1;
	return set_sweep(store, connection_id, *mark, err);
}

int store_calendar_sweep_end(struct store *store, const char *connection_id, int64_t mark, int64_t *gone, struct err *err)
{
	struct calendar_home home;
	if (find_home(store, connection_id, &home, err) < 0)
		return -1;
	if (home.sweep != mark)
		return err_set(err, ERR_CONFLICT, "another full list of the calendars has begun since");
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE calendars SET state = 'gone', updated_at = :now, version = version + 1 "
	                              "WHERE connection_id = :connection AND seen <> :mark AND state <> 'gone' "
	                              "RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_int(stmt, ":mark", mark);
	if (note_rows(store, stmt, TOPIC_CALENDAR, CHANGE_UPDATED, gone, err) < 0)
		return -1;
	if (*gone > 0)
		note_change(store, TOPIC_CONNECTION, CHANGE_UPDATED, connection_id, home.workspace_id);
	return set_sweep(store, connection_id, 0, err);
}
