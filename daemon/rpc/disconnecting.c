/* Disconnecting. */
#include "daemon/rpc/disconnecting.h"

#include "daemon/oauth/disconnect.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/handler.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "ipc/params.h"
#include "store/connections.h"

#include <stdlib.h>

/* Lives until the remote part is over. */
struct disconnecting {
	struct rpc_call *call;
	char connection_id[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE]; /* grant_id "": it is disconnected */
	int64_t calendars;
	struct buf siblings;  /* JSON array of the ids the caller may see */
	bool elsewhere;       /* there are others, of which only this may be told */
};

static void take_connection(void *arg, const struct connection_row *row)
{
	struct disconnecting *to = arg;
	(void)str_copy(to->grant_id, sizeof to->grant_id, row->grant_id ? row->grant_id : "");
	to->calendars = row->calendars;
}

static void take_sibling(void *arg, const struct connection_row *row)
{
	struct disconnecting *to = arg;
	if (str_equal(row->id, to->connection_id))
		return;
	if (access_role(&to->call->caller->access, row->workspace_id) >= ROLE_VIEWER)
		buf_printf(&to->siblings, "%s\"%s\"", to->siblings.len > 1 ? "," : "", row->id);
	else
		to->elsewhere = true;
}

static int look(struct disconnecting *to, struct err *err)
{
	struct store *store = to->call->app->core.store;
	buf_add_char(&to->siblings, '[');
	if (store_connection_get(store, to->connection_id, take_connection, to, err) ||
	    (to->grant_id[0] && store_connection_of_grant(store, to->grant_id, take_sibling, to, err)))
		return -1;
	buf_add_char(&to->siblings, ']');
	return 0;
}

static bool has_siblings(const struct disconnecting *to)
{
	return to->elsewhere || to->siblings.len > 2;
}

static void siblings_write(struct writer *w, const struct disconnecting *to)
{
	writer_key(w, "siblings");
	writer_object(w);
	writer_key(w, "visible");
	writer_raw(w, buf_text(&to->siblings), to->siblings.len);
	writer_put_bool(w, "elsewhere", to->elsewhere);
	writer_end(w);
}

static void disconnecting_free(struct disconnecting *to)
{
	buf_free(&to->siblings);
	free(to);
}

static void effects_write(struct disconnecting *to, bool revoke)
{
	struct writer *w = rpc_result(to->call);
	bool live = to->grant_id[0] != '\0';
	writer_object(w);
	writer_put_bool(w, "dry_run", true);
	writer_key(w, "effects");
	writer_object(w);
	writer_put_int(w, "connections", live);
	writer_put_int(w, "calendars", live ? to->calendars : 0);
	writer_put_bool(w, "revoke", live && revoke && !has_siblings(to));
	siblings_write(w, to);
	writer_end(w);
	writer_end(w);
}

static void disconnected(void *arg, const struct disconnect_outcome *outcome)
{
	struct disconnecting *to = arg;
	if (outcome->err.code != ERR_NONE) {
		rpc_finish_error(to->call, &outcome->err);
		disconnecting_free(to);
		return;
	}
	struct writer *w = rpc_result(to->call);
	writer_object(w);
	writer_put_bool(w, "local", true);
	writer_key(w, "remote");
	writer_object(w);
	writer_put_bool(w, "attempted", outcome->attempted);
	writer_put_bool(w, "ok", outcome->ok);
	writer_put_text(w, "reason", outcome->reason[0] ? outcome->reason : NULL);
	writer_end(w);
	siblings_write(w, to);
	writer_end(w);
	rpc_finish(to->call);
	disconnecting_free(to);
}

struct rpc_answer disconnecting_handle(struct rpc_call *call)
{
	bool revoke = !str_equal(params_text(call->params, "revoke"), "never");
	struct disconnecting *to = mem_alloc(sizeof *to);
	struct err err;
	to->call = call;
	(void)str_copy(to->connection_id, sizeof to->connection_id, params_text(call->params, "id"));
	int status = look(to, &err);
	if (status == 0 && call->dry_run)
		effects_write(to, revoke);
	else if (status == 0)
		status = disconnect_run(&call->app->core, to->connection_id, revoke, disconnected, to, &err);
	if (status == 0 && !call->dry_run)
		return rpc_pending(call);
	disconnecting_free(to);
	return status ? rpc_fail_absent(call, "connection", &err) : rpc_done(call);
}
