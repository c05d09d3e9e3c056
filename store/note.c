/* Noting changes. What is noted here is in the database by then; the units and the tick undo both alike. */
#include "store/note.h"

void note_change(struct store *store, enum topic topic, enum change change, const char *id, const char *workspace_id)
{
	change_log_add(&store->changes, topic, change, id, workspace_id);
}

void note_counted(struct store *store, enum change change, const char *connection_id, const char *workspace_id)
{
	note_change(store, TOPIC_CONNECTION, change, connection_id, workspace_id);
	note_change(store, TOPIC_WORKSPACE, CHANGE_UPDATED, workspace_id, workspace_id);
}

int note_rows(struct store *store, struct stmt *stmt, enum topic topic, enum change change, int64_t *changed, struct err *err)
{
	int got;
	int64_t rows = 0;
	while ((got = tick_step(store, stmt, err)) > 0) {
		note_change(store, topic, change, stmt_text(stmt, "id"), stmt_text(stmt, "workspace_id"));
		rows++;
	}
	if (changed)
		*changed = rows;
	return got;
}

int note_connection(struct store *store, const char *id, struct err *err)
{
	if (!store->changes.fn)
		return 0;
	struct stmt *stmt = tick_stmt(store, "SELECT id, workspace_id FROM connections WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return note_rows(store, stmt, TOPIC_CONNECTION, CHANGE_UPDATED, NULL, err);
}

int note_grant(struct store *store, const char *grant_id, struct err *err)
{
	if (!store->changes.fn)
		return 0;
	struct stmt *stmt = tick_stmt(store, "SELECT id, workspace_id FROM connections WHERE grant_id = :grant", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":grant", grant_id);
	return note_rows(store, stmt, TOPIC_CONNECTION, CHANGE_UPDATED, NULL, err);
}
