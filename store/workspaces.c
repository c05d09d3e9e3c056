/* Workspaces. Their counts of connections by state come from workspace_states, which triggers keep. */
#include "store/workspaces.h"

#include "store/note.h"
#include "store/page.h"

#include <string.h>

#define SELECT_WORKSPACE "SELECT id, name, slug, time_zone, created_at, updated_at, version"

struct workspace_reader {
	struct store *store;
	workspace_fn *fn;
	void *arg;
	struct err *err;
	int result;
};

int store_workspace_create(struct store *store, const char *name, const char *slug, const char *time_zone,
                           char id[ID_TEXT_SIZE], struct err *err)
{
	if (strlen(slug) > PAGE_KEY_MAX)
		return err_field(err, "slug", "slug must have at most %d bytes", PAGE_KEY_MAX);
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO workspaces (id, name, slug, time_zone, created_at, updated_at, version) "
	                              "VALUES (:id, :name, :slug, :time_zone, :now, :now, 1)",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, id);
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_text(stmt, ":name", name);
	stmt_bind_text(stmt, ":slug", slug);
	stmt_bind_text(stmt, ":time_zone", time_zone);
	stmt_bind_int(stmt, ":now", store_now(store));
	if (tick_insert(store, stmt, "a workspace with this slug exists", err) < 0)
		return -1;
	store->workspace_epoch++;
	note_change(store, TOPIC_WORKSPACE, CHANGE_CREATED, id, id);
	return 0;
}

static int read_states(struct store *store, struct workspace_row *row, struct err *err)
{
	int got;
	struct stmt *stmt = tick_stmt(store, "SELECT state, n FROM workspace_states WHERE workspace_id = :workspace", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":workspace", row->id);
	while ((got = tick_step(store, stmt, err)) > 0) {
		enum connection_state state;
		if (connection_state_parse(stmt_text(stmt, "state"), &state))
			row->by_state[state] = stmt_int(stmt, "n");
	}
	return got;
}

static void read_workspace(void *arg, struct stmt *stmt)
{
	struct workspace_reader *reader = arg;
	struct workspace_row row = {
		.id = stmt_text(stmt, "id"),
		.name = stmt_text(stmt, "name"),
		.slug = stmt_text(stmt, "slug"),
		.time_zone = stmt_text(stmt, "time_zone"),
		.created_at = stmt_int(stmt, "created_at"),
		.updated_at = stmt_int(stmt, "updated_at"),
		.version = stmt_int(stmt, "version"),
	};
	if (reader->result < 0 || !reader->fn)
		return;
	reader->result = read_states(reader->store, &row, reader->err);
	if (reader->result == 0)
		reader->fn(reader->arg, &row);
}

int store_workspace_get(struct store *store, const char *key, bool by_slug, workspace_fn *fn, void *arg, struct err *err)
{
	struct workspace_reader reader = { store, fn, arg, err, 0 };
	struct stmt *stmt = tick_stmt(store,
	                              by_slug ? SELECT_WORKSPACE " FROM workspaces WHERE slug = :key"
	                                      : SELECT_WORKSPACE " FROM workspaces WHERE id = :key",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":key", key);
	if (tick_first(store, stmt, "workspace", err) < 0)
		return -1;
	read_workspace(&reader, stmt);
	stmt_reset(stmt);
	return reader.result;
}

int store_workspace_list(struct store *store, const struct store_page *page, workspace_fn *fn, void *arg,
                         struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 'w',
		.select = SELECT_WORKSPACE,
		.from = " FROM workspaces",
		.id_column = "id",
		.id_name = "id",
		.key_column = "slug",
		.key_name = "slug",
		.key = PAGE_KEY_TEXT,
		.scope_column = "id",
	};
	struct workspace_reader reader = { store, fn, arg, err, 0 };
	struct page_filter filter = { .count = 0 };
	if (page_run(store, &plan, &filter, page, -1, read_workspace, &reader, end, err) < 0)
		return -1;
	return reader.result;
}

int store_workspace_update(struct store *store, const char *id, const char *name, const char *time_zone,
                           int64_t if_version, struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE workspaces SET name = coalesce(:name, name), "
	                              "time_zone = coalesce(:time_zone, time_zone), updated_at = :now, version = version + 1 "
	                              "WHERE id = :id AND (:if_version = 0 OR version = :if_version)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":name", name);
	stmt_bind_text(stmt, ":time_zone", time_zone);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_int(stmt, ":if_version", if_version);
	if (tick_run(store, stmt, &changed, err) < 0)
		return -1;
	if (changed == 0)
		return tick_unchanged(store, "SELECT 1 FROM workspaces WHERE id = :id", id, "workspace", err);
	note_change(store, TOPIC_WORKSPACE, CHANGE_UPDATED, id, id);
	return 0;
}

int store_workspace_effects(struct store *store, const char *id, struct workspace_effects *out, struct err *err)
{
	struct stmt *stmt = tick_stmt(
		store,
		"SELECT "
		"(SELECT coalesce(sum(n), 0) FROM workspace_states WHERE workspace_id = w.id AND state <> 'disconnected') AS live, "
		"(SELECT coalesce(sum(n), 0) FROM workspace_states WHERE workspace_id = w.id) AS connections, "
		"(SELECT count(*) FROM calendars WHERE workspace_id = w.id) AS calendars, "
		"(SELECT count(*) FROM users WHERE workspace_id = w.id) AS users "
		"FROM workspaces w WHERE w.id = :id",
		err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "workspace", err) < 0)
		return -1;
	out->live_connections = stmt_int(stmt, "live");
	out->connections = stmt_int(stmt, "connections");
	out->calendars = stmt_int(stmt, "calendars");
	out->users = stmt_int(stmt, "users");
	stmt_reset(stmt);
	return 0;
}

/* Delete what the feed must hear of; the rest goes with the workspace. */
static int delete_members(struct store *store, const char *id, struct err *err)
{
	static const struct {
		const char *sql;
		enum topic topic;
	} members[] = {
		{ "DELETE FROM jobs WHERE workspace_id = :id RETURNING id, workspace_id", TOPIC_JOB },
		{ "DELETE FROM calendars WHERE workspace_id = :id RETURNING id, workspace_id", TOPIC_CALENDAR },
		{ "DELETE FROM sync_errors WHERE workspace_id = :id RETURNING id, workspace_id", TOPIC_SYNC_ERROR },
		{ "DELETE FROM connections WHERE workspace_id = :id RETURNING id, workspace_id", TOPIC_CONNECTION },
	};
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		struct stmt *stmt = tick_stmt(store, members[i].sql, err);
		if (!stmt)
			return -1;
		stmt_bind_text(stmt, ":id", id);
		if (note_rows(store, stmt, members[i].topic, CHANGE_DELETED, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int store_workspace_delete(struct store *store, const char *id, struct err *err)
{
	struct workspace_effects effects;
	if (store_workspace_effects(store, id, &effects, err) < 0)
		return -1;
	if (effects.live_connections > 0)
		return err_set(err, ERR_CONFLICT, "the workspace has live connections: disconnect them first");
	if (delete_members(store, id, err) < 0)
		return -1;
	struct stmt *stmt = tick_stmt(store, "DELETE FROM workspaces WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_update(store, stmt, "workspace", err) < 0)
		return -1;
	store->workspace_epoch++;
	note_change(store, TOPIC_WORKSPACE, CHANGE_DELETED, id, id);
	return 0;
}
