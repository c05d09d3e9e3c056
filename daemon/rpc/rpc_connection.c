/* connection.*: looking at connections, and working on one. */
#include "daemon/rpc/disconnecting.h"
#include "daemon/rpc/explaining.h"
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/paging.h"
#include "daemon/sync/refresh.h"
#include "ipc/base/strutil.h"
#include "ipc/errors.h"
#include "ipc/params.h"
#include "store/connections.h"

struct row_writer {
	struct writer *w;
	struct store *store;
};

static void write_row(void *arg, const struct connection_row *row)
{
	const struct row_writer *to = arg;
	connection_write(to->w, to->store, row);
}

static enum connection_sort parse_sort(const char *text)
{
	static const char *const names[] = {
		[SORT_CREATED] = "created",     [SORT_EMAIL] = "email", [SORT_STATE] = "state",
		[SORT_LAST_SYNC] = "last_sync", [SORT_SINCE] = "since",
	};
	for (enum connection_sort sort = SORT_CREATED; sort <= SORT_SINCE; sort++)
		if (str_equal(text, names[sort]))
			return sort;
	return SORT_CREATED;
}

static struct rpc_answer list(struct rpc_call *call)
{
	struct store *store = call->app->core.store;
	const char *sort = params_text(call->params, "sort");
	const char *state_name = params_text(call->params, "state");
	enum connection_state state;
	bool descending = sort && sort[0] == '-';
	const struct connection_filter filter = {
		.workspace_id = call->workspace_id[0] ? call->workspace_id : NULL,
		.user_id = params_text(call->params, "user"),
		.provider = params_text(call->params, "provider"),
		.reason = params_text(call->params, "reason"),
		.query = params_text(call->params, "query"),
		.state = state_name && connection_state_parse(state_name, &state) ? (int)state : -1,
		.sort = parse_sort(sort ? sort + descending : NULL),
		.descending = descending,
	};
	struct paging paging;
	paging_begin(&paging, call);
	struct row_writer to = { paging.w, store };
	return paging_end(&paging,
	                  store_connection_list(store, &paging.page, &filter, write_row, &to, &paging.end, &paging.err));
}

static struct rpc_answer get(struct rpc_call *call)
{
	struct row_writer to = { rpc_result(call), call->app->core.store };
	struct err err;
	if (store_connection_get(to.store, params_text(call->params, "id"), write_row, &to, &err))
		return rpc_fail_absent(call, "connection", &err);
	return rpc_done(call);
}

struct explaining {
	struct rpc_call *call;
	struct writer *w;
	int status;
	struct err *err;
};

static void explain_row(void *arg, const struct connection_row *row)
{
	struct explaining *to = arg;
	const struct core *core = &to->call->app->core;
	to->status = explanation_write(to->w, core->store, row, core->schedule.trash, to->err);
}

static struct rpc_answer explain(struct rpc_call *call)
{
	struct err err;
	struct explaining to = { .call = call, .w = rpc_result(call), .err = &err };
	if (store_connection_get(call->app->core.store, params_text(call->params, "id"), explain_row, &to, &err) || to.status)
		return rpc_fail_absent(call, "connection", &err);
	return rpc_done(call);
}

static void write_event(void *arg, const struct timeline_row *row)
{
	timeline_write(arg, row);
}

/* An empty page is told apart from no connection. */
static struct rpc_answer timeline(struct rpc_call *call)
{
	struct store *store = call->app->core.store;
	const char *id = params_text(call->params, "id");
	struct paging paging;
	struct err err;
	if (store_connection_get(store, id, NULL, NULL, &err))
		return rpc_fail_absent(call, "connection", &err);
	paging_begin(&paging, call);
	return paging_end(&paging, store_timeline_list(store, &paging.page, id, write_event, paging.w, &paging.end, &paging.err));
}

static void put_call_error(struct writer *w, const struct err *err)
{
	writer_key(w, "error");
	call_error_write(w, error_row(err->code)->name, err->message);
}

/* A token that could not be had is the answer; a list that could not be had is told in the result. */
static void refresh_done(void *arg, const struct refresh_outcome *outcome)
{
	struct rpc_call *call = arg;
	if (outcome->token_err.code != ERR_NONE) {
		rpc_finish_error(call, &outcome->token_err);
		return;
	}
	struct writer *w = rpc_result(call);
	bool synced = outcome->sync_err.code == ERR_NONE;
	writer_object(w);
	writer_key(w, "token");
	writer_object(w);
	writer_put_bool(w, "ok", true);
	writer_put_int(w, "generation", outcome->generation);
	writer_put_time(w, "expires_at", outcome->expires_at);
	writer_end(w);
	writer_key(w, "sync");
	writer_object(w);
	writer_put_bool(w, "ok", synced);
	writer_put_int(w, "added", outcome->counts.added);
	writer_put_int(w, "changed", outcome->counts.changed);
	writer_put_int(w, "gone", outcome->counts.gone);
	if (!synced)
		put_call_error(w, &outcome->sync_err);
	writer_end(w);
	writer_end(w);
	rpc_finish(call);
}

static struct rpc_answer refresh(struct rpc_call *call)
{
	struct err err;
	if (refresh_run(&call->app->core, params_text(call->params, "id"), refresh_done, call, &err))
		return rpc_fail_absent(call, "connection", &err);
	return rpc_pending(call);
}

static void test_done(void *arg, const struct test_outcome *outcome)
{
	struct rpc_call *call = arg;
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "ok", outcome->ok);
	writer_key(w, "steps");
	writer_array(w);
	for (int i = 0; i < outcome->count; i++) {
		const struct test_step *step = &outcome->steps[i];
		writer_object(w);
		writer_put_text(w, "name", step->name);
		writer_put_bool(w, "ok", step->ok);
		writer_put_int(w, "ms", step->ms);
		if (!step->ok)
			put_call_error(w, &step->err);
		writer_end(w);
	}
	writer_end(w);
	writer_end(w);
	rpc_finish(call);
}

static struct rpc_answer test(struct rpc_call *call)
{
	struct err err;
	if (connection_test_run(&call->app->core, params_text(call->params, "id"), test_done, call, &err))
		return rpc_fail_absent(call, "connection", &err);
	return rpc_pending(call);
}

static const struct rpc_handler rows[] = {
	{ "connection.disconnect", disconnecting_handle },
	{ "connection.explain", explain },
	{ "connection.get", get },
	{ "connection.list", list },
	{ "connection.refresh", refresh },
	{ "connection.test", test },
	{ "connection.timeline", timeline },
};
const struct rpc_handlers rpc_connection = RPC_HANDLERS(rows);
