/* The way of a request through its checks. */
#include "daemon/rpc/dispatch.h"

#include "daemon/rpc/authorize.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/handler.h"
#include "daemon/rpc/record.h"
#include "ipc/base/log.h"
#include "ipc/params.h"

#include <stdlib.h>
#include <string.h>

enum { METHODS_MAX = 128 };

static const struct rpc_handlers *const nouns[] = {
	&rpc_audit, &rpc_calendar, &rpc_connection, &rpc_connection_life, &rpc_job,  &rpc_notice,
	&rpc_oauth, &rpc_sync_error, &rpc_system,    &rpc_user,            &rpc_workspace,
};

/* In the order of method_table; filled once. */
static rpc_handler_fn *handlers[METHODS_MAX];

static int compare_method(const void *key, const void *row)
{
	const struct request *request = key;
	const struct method *method = *(const struct method *const *)row;
	int order = strncmp(request->method, method->name, request->method_len);
	if (order == 0 && method->name[request->method_len] != '\0')
		return -1;
	return order;
}

/* The place in method_table, NULL if there is no such method. */
static const struct method *const *find_method(const struct request *request)
{
	return bsearch(request, method_table, method_count, sizeof method_table[0], compare_method);
}

static int place_handler(const struct rpc_handler *row, struct err *err)
{
	const struct request request = { .method = row->method, .method_len = strlen(row->method) };
	const struct method *const *found = find_method(&request);
	if (!found)
		return err_set(err, ERR_INTERNAL, "the handler %s has no method", row->method);
	if (handlers[found - method_table])
		return err_set(err, ERR_INTERNAL, "%s has two handlers", row->method);
	handlers[found - method_table] = row->fn;
	return 0;
}

int dispatch_open(struct err *err)
{
	if (method_table_check(err))
		return -1;
	if (method_count > METHODS_MAX)
		return err_set(err, ERR_INTERNAL, "more than %d methods", METHODS_MAX);
	memset(handlers, 0, sizeof handlers);
	for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
		for (size_t k = 0; k < nouns[i]->count; k++)
			if (place_handler(&nouns[i]->rows[k], err))
				return -1;
	for (size_t i = 0; i < method_count; i++)
		if (!handlers[i])
			return err_set(err, ERR_INTERNAL, "%s has no handler", method_table[i]->name);
	return 0;
}

/* What was refused or went wrong is worth a row, but not worth failing for. */
static void record_failure(struct rpc_call *call, const char *outcome, bool with_params, const struct err *why)
{
	struct err ignored;
	if (call->method->mutates && !call->dry_run && why->code != ERR_STORE_FAILED)
		(void)record_call(call, outcome, with_params, why, &ignored);
}

static int check_call(struct rpc_call *call, struct err *err)
{
	if (caller_refresh(call->caller, call->app, err))
		return -1;
	if (authorize_method(call, err)) {
		record_failure(call, "denied", false, err);
		return -1;
	}
	if (params_check(call->method, call->params, err))
		return -1;
	call->dry_run = params_bool(call->params, "dry_run", false);
	if (authorize_call(call, err) == 0)
		return 0;
	if (err->code == ERR_DENIED)
		record_failure(call, "denied", true, err);
	return -1;
}

/* What an operation noted is kept even if it failed at once; what a handler did is undone when it failed. */
static void run_mutation(struct rpc_call *call, rpc_handler_fn *handler)
{
	struct store *store = call->app->core.store;
	struct err err = { .code = ERR_NONE }, why;
	if (store_unit_begin(store, &err)) {
		rpc_finish_error(call, &err);
		return;
	}
	bool pending = handler(call).call->state == CALL_PENDING;
	bool failed = call->failure != ERR_NONE;
	(void)err_set(&why, call->failure, "%s failed", call->method->name);
	if (failed && !call->taken) {
		(void)store_unit_end(store, false, &why, &err);
		record_failure(call, "failed", true, &why);
		return;
	}
	const char *outcome = pending ? "accepted" : failed ? "failed" : "ok";
	int status = record_call(call, outcome, true, failed ? &why : NULL, &err);
	call->params = NULL;
	why = err;
	if (store_unit_end(store, status == 0, &why, &err))
		status = -1;
	else
		err = why;
	if (status && !pending)
		call_replace(call, &err);
}

static void run_call(struct rpc_call *call, rpc_handler_fn *handler)
{
	if (call->method->mutates && !call->dry_run)
		run_mutation(call, handler);
	else if (handler(call).call->state == CALL_PENDING)
		call->params = NULL;
}

void dispatch_call(struct rpc_call *call)
{
	struct err err;
	const struct method *const *found = find_method(&call->request);
	if (!found) {
		(void)err_set(&err, ERR_METHOD_NOT_FOUND, "no such method");
		rpc_finish_error(call, &err);
		return;
	}
	call->method = *found;
	call->params = call->request.params;
	if (check_call(call, &err))
		rpc_finish_error(call, &err);
	else
		run_call(call, handlers[found - method_table]);
}

void dispatch_notification(struct rpc_call *call)
{
	const struct method *const *found = find_method(&call->request);
	if (found && (*found)->mutates)
		LOG_WARN("notification_refused", LOG_STR("method", (*found)->name), LOG_INT("uid", call->caller->peer.uid));
	desk_call_drop(call);
}
