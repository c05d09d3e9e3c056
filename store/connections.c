/* Connections one by one: reading, making, attaching and detaching their grant, and the one door for their state.
 * The counts in a row (sync_errors, calendars) and those of workspace_states are kept by triggers. */
#include "store/connections.h"

#include "ipc/base/strutil.h"
#include "store/connection_row.h"
#include "store/jobs.h"
#include "store/note.h"
#include "store/page.h"

#include <string.h>

void connection_read(struct stmt *stmt, struct connection_row *row)
{
	*row = (struct connection_row){
		.id = stmt_text(stmt, "id"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.user_id = stmt_text(stmt, "user_id"),
		.provider = stmt_text(stmt, "provider"),
		.account_email = stmt_text(stmt, "account_email"),
		.subject = stmt_text(stmt, "subject"),
		.grant_id = stmt_text(stmt, "grant_id"),
		.active = stmt_int(stmt, "active") != 0,
		.since = stmt_int(stmt, "since"),
		.paused_at = stmt_int(stmt, "paused_at"),
		.paused_until = stmt_int(stmt, "paused_until"),
		.paused_reason = stmt_text(stmt, "paused_reason"),
		.disconnected_at = stmt_int(stmt, "disconnected_at"),
		.last_sync = stmt_int(stmt, "last_sync"),
		.next_sync_at = stmt_int(stmt, "next_sync_at"),
		.next_refresh_at = stmt_int(stmt, "next_refresh_at"),
		.sync_cursor = stmt_text(stmt, "sync_cursor"),
		.required_scopes = stmt_text(stmt, "required_scopes"),
		.created_at = stmt_int(stmt, "created_at"),
		.updated_at = stmt_int(stmt, "updated_at"),
		.version = stmt_int(stmt, "version"),
		.sync_errors = stmt_int(stmt, "sync_errors"),
		.calendars = stmt_int(stmt, "calendars"),
		.scopes = stmt_text(stmt, "scopes"),
		.fingerprint = stmt_text(stmt, "fingerprint"),
		.generation = stmt_int(stmt, "generation"),
		.access_expires_at = stmt_int(stmt, "access_expires_at"),
		.token_present = stmt_int(stmt, "token_present") != 0,
	};
	(void)connection_state_parse(stmt_text(stmt, "state"), &row->state); /* the schema lets no other name in */
}

static int read_one(struct store *store, struct stmt *stmt, connection_fn *fn, void *arg, struct err *err)
{
	if (tick_first(store, stmt, "connection", err) < 0)
		return -1;
	if (fn) {
		struct connection_row row;
		connection_read(stmt, &row);
		fn(arg, &row);
	}
	stmt_reset(stmt);
	return 0;
}

int store_connection_get(struct store *store, const char *id, connection_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, CONNECTION_SELECT CONNECTION_FROM " WHERE c.id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return read_one(store, stmt, fn, arg, err);
}

int store_connection_find(struct store *store, const char *workspace_id, const char *provider, const char *subject,
                          connection_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              CONNECTION_SELECT CONNECTION_FROM
	                              " WHERE c.workspace_id = :workspace AND c.provider = :provider AND c.subject = :subject",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":workspace", workspace_id);
	stmt_bind_text(stmt, ":provider", provider);
	stmt_bind_text(stmt, ":subject", subject);
	return read_one(store, stmt, fn, arg, err);
}

int store_connection_of_grant(struct store *store, const char *grant_id, connection_fn *fn, void *arg, struct err *err)
{
	int got;
	struct stmt *stmt =
		tick_stmt(store, CONNECTION_SELECT CONNECTION_FROM " WHERE c.grant_id = :grant ORDER BY c.id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":grant", grant_id);
	while ((got = tick_step(store, stmt, err)) > 0) {
		struct connection_row row;
		connection_read(stmt, &row);
		fn(arg, &row);
	}
	return got;
}

static int check_email(const char *email, struct err *err)
{
	if (email && strlen(email) > PAGE_KEY_MAX)
		return err_field(err, "account_email", "account_email must have at most %d bytes", PAGE_KEY_MAX);
	return 0;
}

int store_connection_create(struct store *store, const struct connection_new *in, char id[ID_TEXT_SIZE], struct err *err)
{
	if (check_email(in->account_email, err) < 0)
		return -1;
	/* A user of another workspace is as unknown as one that does not exist. */
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO connections (id, workspace_id, user_id, provider, account_email, subject, "
	                              "grant_id, active, state, since, created_at, updated_at, version, required_scopes) "
	                              "SELECT :id, :workspace, :user, :provider, :email, :subject, :grant, 1, 'pending', :now, "
	                              ":now, :now, 1, :scopes WHERE :user IS NULL "
	                              "OR EXISTS (SELECT 1 FROM users WHERE id = :user AND workspace_id = :workspace)",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, id);
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_text(stmt, ":workspace", in->workspace_id);
	stmt_bind_text(stmt, ":user", in->user_id);
	stmt_bind_text(stmt, ":provider", in->provider);
	stmt_bind_text(stmt, ":email", in->account_email);
	stmt_bind_text(stmt, ":subject", in->subject);
	stmt_bind_text(stmt, ":grant", in->grant_id);
	stmt_bind_text(stmt, ":scopes", in->required_scopes ? in->required_scopes : "");
	stmt_bind_int(stmt, ":now", store_now(store));
	if (tick_insert(store, stmt, "this account is connected in the workspace already", err) < 0)
		return -1;
	if (stmt_changes(stmt) == 0)
		return err_set(err, ERR_NOT_FOUND, "no such user in the workspace");
	note_counted(store, CHANGE_CREATED, id, in->workspace_id);
	return 0;
}

static int attach_grant(struct store *store, const char *id, const char *grant_id, const char *account_email,
                        const char *user_id, const char *required_scopes, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE connections SET grant_id = :grant, account_email = coalesce(:email, account_email), "
	                              "user_id = coalesce(:user, user_id), required_scopes = coalesce(:scopes, required_scopes), "
	                              "active = CASE WHEN paused_at = 0 THEN 1 ELSE 0 END, disconnected_at = 0, "
	                              "sync_cursor = NULL, updated_at = :now, version = version + 1 "
	                              "WHERE id = :id AND (:user IS NULL OR EXISTS (SELECT 1 FROM users u "
	                              "WHERE u.id = :user AND u.workspace_id = connections.workspace_id))",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":grant", grant_id);
	stmt_bind_text(stmt, ":email", account_email);
	stmt_bind_text(stmt, ":user", user_id);
	stmt_bind_text(stmt, ":scopes", required_scopes);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	if (tick_update(store, stmt, "connection, or no such user in its workspace", err) < 0)
		return -1;
	return note_connection(store, id, err);
}

static void take_paused(void *arg, const struct connection_row *row)
{
	bool *paused = arg;
	*paused = row->paused_at != 0;
}

int store_connection_attach(struct store *store, const char *id, const char *grant_id, const char *account_email,
                            const char *user_id, const char *required_scopes, struct err *err)
{
	bool paused = false;
	if (check_email(account_email, err) < 0 ||
	    attach_grant(store, id, grant_id, account_email, user_id, required_scopes, err) < 0 ||
	    store_connection_get(store, id, take_paused, &paused, err) < 0)
		return -1;
	return store_connection_set_state(store, id, paused ? STATE_PAUSED : STATE_PENDING, NULL, err);
}

int store_connection_detach(struct store *store, const char *id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE connections SET grant_id = NULL, active = 0, disconnected_at = :now, "
	                              "sync_cursor = NULL, updated_at = :now, version = version + 1 WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	if (tick_update(store, stmt, "connection", err) < 0 || note_connection(store, id, err) < 0 ||
	    store_job_delete_of_connection(store, id, err) < 0)
		return -1;
	return store_connection_set_state(store, id, STATE_DISCONNECTED, NULL, err);
}

static int write_state(struct store *store, const char *id, const char *workspace_id, const char *name, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE connections SET state = :state, since = :now, updated_at = :now, "
	                              "version = version + 1 WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":state", name);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	if (tick_update(store, stmt, "connection", err) < 0)
		return -1;
	note_counted(store, CHANGE_UPDATED, id, workspace_id);
	return 0;
}

int store_connection_set_state(struct store *store, const char *id, enum connection_state state, bool *changed,
                               struct err *err)
{
	char workspace_id[ID_TEXT_SIZE];
	const char *name = connection_state_name(state);
	struct stmt *stmt = tick_stmt(store, "SELECT workspace_id, state FROM connections WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "connection", err) < 0)
		return -1;
	bool differs = !str_equal(stmt_text(stmt, "state"), name);
	(void)str_copy(workspace_id, sizeof workspace_id, stmt_text(stmt, "workspace_id"));
	stmt_reset(stmt);
	if (changed)
		*changed = differs;
	return differs ? write_state(store, id, workspace_id, name, err) : 0;
}

int store_connection_set_synced(struct store *store, const char *id, const char *sync_cursor, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE connections SET last_sync = :now, sync_cursor = :cursor WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":cursor", sync_cursor);
	stmt_bind_text(stmt, ":id", id);
	return tick_update(store, stmt, "connection", err) == 0 ? note_connection(store, id, err) : -1;
}

int store_connection_drop_cursor(struct store *store, const char *id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "UPDATE connections SET sync_cursor = NULL WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return tick_update(store, stmt, "connection", err);
}
