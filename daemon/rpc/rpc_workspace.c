/* workspace.*: the boundary of every permission. */
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/zone.h"
#include "ipc/base/strutil.h"
#include "ipc/params.h"
#include "store/workspaces.h"

static void write_row(void *arg, const struct workspace_row *row)
{
	workspace_write(arg, row);
}

static struct rpc_answer answer_workspace(struct rpc_call *call, const char *id)
{
	struct err err;
	if (store_workspace_get(call->app->core.store, id, false, write_row, rpc_result(call), &err))
		return rpc_fail_absent(call, "workspace", &err);
	return rpc_done(call);
}

static struct rpc_answer list(struct rpc_call *call)
{
	struct paging paging;
	paging_begin(&paging, call);
	return paging_end(&paging, store_workspace_list(call->app->core.store, &paging.page, write_row, paging.w, &paging.end,
	                                                &paging.err));
}

static struct rpc_answer get(struct rpc_call *call)
{
	return answer_workspace(call, call->workspace_id);
}

static int check_zone(const char *zone, struct err *err)
{
	if (!zone || zone_exists(zone))
		return 0;
	return err_field(err, "time_zone", "time_zone: expected an IANA time zone such as Europe/Berlin");
}

static struct rpc_answer create(struct rpc_call *call)
{
	const char *zone = params_text(call->params, "time_zone");
	char id[ID_TEXT_SIZE];
	struct err err;
	if (check_zone(zone, &err) ||
	    store_workspace_create(call->app->core.store, params_text(call->params, "name"), params_text(call->params, "slug"),
	                           zone ? zone : "UTC", id, &err))
		return rpc_fail(call, &err);
	(void)str_copy(call->workspace_id, sizeof call->workspace_id, id);
	rpc_object(call, "workspace", id);
	return answer_workspace(call, id);
}

static struct rpc_answer update(struct rpc_call *call)
{
	const char *zone = params_text(call->params, "time_zone");
	struct err err;
	if (check_zone(zone, &err) ||
	    store_workspace_update(call->app->core.store, call->workspace_id, params_text(call->params, "name"), zone,
	                           params_int(call->params, "if_version", 0), &err))
		return rpc_fail(call, &err);
	return answer_workspace(call, call->workspace_id);
}

static void take_id(void *arg, const struct workspace_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->id);
}

static struct rpc_answer answer_effects(struct rpc_call *call)
{
	struct workspace_effects effects;
	struct err err;
	if (store_workspace_effects(call->app->core.store, call->workspace_id, &effects, &err))
		return rpc_fail(call, &err);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "dry_run", true);
	writer_key(w, "effects");
	writer_object(w);
	writer_put_int(w, "connections", effects.connections);
	writer_put_int(w, "live_connections", effects.live_connections);
	writer_put_int(w, "calendars", effects.calendars);
	writer_put_int(w, "users", effects.users);
	writer_end(w);
	writer_end(w);
	return rpc_done(call);
}

/* The subject is `*`, so the workspace is looked up here. */
static struct rpc_answer delete(struct rpc_call *call)
{
	struct store *store = call->app->core.store;
	const char *key = params_text(call->params, "id");
	struct err err;
	if (store_workspace_get(store, key, !id_is_valid(key), take_id, call->workspace_id, &err))
		return rpc_fail_absent(call, "workspace", &err);
	rpc_object(call, "workspace", call->workspace_id);
	if (call->dry_run)
		return answer_effects(call);
	if (store_workspace_delete(store, call->workspace_id, &err))
		return rpc_fail(call, &err);
	return rpc_deleted(call);
}

static const struct rpc_handler rows[] = {
	{ "workspace.create", create }, { "workspace.delete", delete }, { "workspace.get", get },
	{ "workspace.list", list },     { "workspace.update", update },
};
const struct rpc_handlers rpc_workspace = RPC_HANDLERS(rows);
