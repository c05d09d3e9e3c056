/* calendar.*: the calendars of connections. */
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/paging.h"
#include "ipc/params.h"
#include "store/calendars.h"

static void write_row(void *arg, const struct calendar_row *row)
{
	calendar_write(arg, row);
}

/* 0 or 1; -1 when absent or null. */
static int params_switch(const json_t *params, const char *name)
{
	bool value = params_bool(params, name, false);
	return value == params_bool(params, name, true) ? value : -1;
}

static struct rpc_answer list(struct rpc_call *call)
{
	const struct calendar_filter filter = {
		.workspace_id = call->workspace_id[0] ? call->workspace_id : NULL,
		.connection_id = params_text(call->params, "connection"),
		.provider = params_text(call->params, "provider"),
		.active = params_switch(call->params, "active"),
	};
	struct paging paging;
	paging_begin(&paging, call);
	return paging_end(&paging, store_calendar_list(call->app->core.store, &paging.page, &filter, write_row, paging.w,
	                                               &paging.end, &paging.err));
}

static struct rpc_answer get(struct rpc_call *call)
{
	struct err err;
	if (store_calendar_get(call->app->core.store, params_text(call->params, "id"), write_row, rpc_result(call), &err))
		return rpc_fail_absent(call, "calendar", &err);
	return rpc_done(call);
}

static struct rpc_answer update(struct rpc_call *call)
{
	struct err err;
	if (store_calendar_update(call->app->core.store, params_text(call->params, "id"), params_text(call->params, "name"),
	                          params_switch(call->params, "active"), params_int(call->params, "if_version", 0), &err))
		return rpc_fail_absent(call, "calendar", &err);
	return get(call);
}

static const struct rpc_handler rows[] = {
	{ "calendar.get", get },
	{ "calendar.list", list },
	{ "calendar.update", update },
};
const struct rpc_handlers rpc_calendar = RPC_HANDLERS(rows);
