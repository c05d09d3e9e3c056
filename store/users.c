/* Users of a workspace. */
#include "store/users.h"

#include "store/note.h"
#include "store/page.h"

#define SELECT_USER "SELECT id, workspace_id, email, name, created_at, updated_at, version"

struct user_reader {
	user_fn *fn;
	void *arg;
};

static const char email_in_use[] = "a user with this e-mail exists in the workspace";

int store_user_create(struct store *store, const char *workspace_id, const char *email, const char *name,
                      char id[ID_TEXT_SIZE], struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO users (id, workspace_id, email, name, created_at, updated_at, version) "
	                              "VALUES (:id, :workspace, :email, :name, :now, :now, 1)",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, id);
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_text(stmt, ":workspace", workspace_id);
	stmt_bind_text(stmt, ":email", email);
	stmt_bind_text(stmt, ":name", name);
	stmt_bind_int(stmt, ":now", store_now(store));
	return tick_insert(store, stmt, email_in_use, err);
}

static void read_user(void *arg, struct stmt *stmt)
{
	const struct user_reader *reader = arg;
	const struct user_row row = {
		.id = stmt_text(stmt, "id"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.email = stmt_text(stmt, "email"),
		.name = stmt_text(stmt, "name"),
		.created_at = stmt_int(stmt, "created_at"),
		.updated_at = stmt_int(stmt, "updated_at"),
		.version = stmt_int(stmt, "version"),
	};
	if (reader->fn)
		reader->fn(reader->arg, &row);
}

int store_user_get(struct store *store, const char *id, user_fn *fn, void *arg, struct err *err)
{
	struct user_reader reader = { fn, arg };
	struct stmt *stmt = tick_stmt(store, SELECT_USER " FROM users WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "user", err) < 0)
		return -1;
	read_user(&reader, stmt);
	stmt_reset(stmt);
	return 0;
}

int store_user_list(struct store *store, const struct store_page *page, const char *workspace_id, user_fn *fn, void *arg,
                    struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 'u',
		.select = SELECT_USER,
		.from = " FROM users",
		.id_column = "id",
		.id_name = "id",
		.key = PAGE_KEY_NONE,
		.scope_column = "workspace_id",
	};
	struct user_reader reader = { fn, arg };
	struct page_filter filter = { .count = 0 };
	page_filter_text(&filter, " AND workspace_id = :workspace", ":workspace", workspace_id);
	return page_run(store, &plan, &filter, page, -1, read_user, &reader, end, err);
}

int store_user_update(struct store *store, const char *id, const char *email, const char *name, int64_t if_version,
                      struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE users SET email = coalesce(:email, email), name = coalesce(:name, name), "
	                              "updated_at = :now, version = version + 1 "
	                              "WHERE id = :id AND (:if_version = 0 OR version = :if_version)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":email", email);
	stmt_bind_text(stmt, ":name", name);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_int(stmt, ":if_version", if_version);
	if (tick_insert(store, stmt, email_in_use, err) < 0)
		return -1;
	if (stmt_changes(stmt) == 0)
		return tick_unchanged(store, "SELECT 1 FROM users WHERE id = :id", id, "user", err);
	return 0;
}

static int count_connections(struct store *store, const char *id, int64_t *connections, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "SELECT count(*) AS n FROM connections WHERE user_id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return tick_number(store, stmt, connections, err);
}

int store_user_delete(struct store *store, const char *id, bool dry_run, int64_t *connections, struct err *err)
{
	if (store_user_get(store, id, NULL, NULL, err) < 0 || count_connections(store, id, connections, err) < 0)
		return -1;
	if (dry_run)
		return 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE connections SET user_id = NULL, updated_at = :now, version = version + 1 "
	                              "WHERE user_id = :id RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	if (note_rows(store, stmt, TOPIC_CONNECTION, CHANGE_UPDATED, NULL, err) < 0)
		return -1;
	stmt = tick_stmt(store, "DELETE FROM users WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return tick_update(store, stmt, "user", err);
}
