/* user.*: the people of a workspace. */
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/paging.h"
#include "ipc/params.h"
#include "store/users.h"

static void write_row(void *arg, const struct user_row *row)
{
	user_write(arg, row);
}

static struct rpc_answer answer_user(struct rpc_call *call, const char *id)
{
	struct err err;
	if (store_user_get(call->app->core.store, id, write_row, rpc_result(call), &err))
		return rpc_fail_absent(call, "user", &err);
	return rpc_done(call);
}

static struct rpc_answer list(struct rpc_call *call)
{
	const char *workspace_id = call->workspace_id[0] ? call->workspace_id : NULL;
	struct paging paging;
	paging_begin(&paging, call);
	return paging_end(&paging, store_user_list(call->app->core.store, &paging.page, workspace_id, write_row, paging.w,
	                                           &paging.end, &paging.err));
}

static struct rpc_answer get(struct rpc_call *call)
{
	return answer_user(call, params_text(call->params, "id"));
}

static struct rpc_answer create(struct rpc_call *call)
{
	const char *name = params_text(call->params, "name");
	char id[ID_TEXT_SIZE];
	struct err err;
	if (store_user_create(call->app->core.store, call->workspace_id, params_text(call->params, "email"), name ? name : "",
	                      id, &err))
		return rpc_fail(call, &err);
	rpc_object(call, "user", id);
	return answer_user(call, id);
}

static struct rpc_answer update(struct rpc_call *call)
{
	const char *id = params_text(call->params, "id");
	struct err err;
	if (store_user_update(call->app->core.store, id, params_text(call->params, "email"), params_text(call->params, "name"),
	                      params_int(call->params, "if_version", 0), &err))
		return rpc_fail_absent(call, "user", &err);
	return answer_user(call, id);
}

static struct rpc_answer delete(struct rpc_call *call)
{
	int64_t connections = 0;
	struct err err;
	if (store_user_delete(call->app->core.store, params_text(call->params, "id"), call->dry_run, &connections, &err))
		return rpc_fail_absent(call, "user", &err);
	if (!call->dry_run)
		return rpc_deleted(call);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "dry_run", true);
	writer_key(w, "effects");
	writer_object(w);
	writer_put_int(w, "users", 1);
	writer_put_int(w, "connections", connections);
	writer_end(w);
	writer_end(w);
	return rpc_done(call);
}

static const struct rpc_handler rows[] = {
	{ "user.create", create }, { "user.delete", delete }, { "user.get", get },
	{ "user.list", list },     { "user.update", update },
};
const struct rpc_handlers rpc_user = RPC_HANDLERS(rows);
