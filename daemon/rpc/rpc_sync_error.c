/* sync_error.*: what went wrong, one by one, by cause, and in words. */
#include "daemon/health_rules.h"
#include "daemon/health_texts.h"
#include "daemon/rpc/authorize.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/handler.h"
#include "daemon/rpc/object_parts.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/paging.h"
#include "ipc/base/strutil.h"
#include "ipc/params.h"
#include "store/sync_errors.h"

#include <stdio.h>

enum { MEMBERS_MAX = 20 };

static void write_row(void *arg, const struct sync_error_row *row)
{
	sync_error_write(arg, row);
}

/* The codes of a class as a JSON array. */
static void list_codes(struct buf *out, const char *reason_class)
{
	buf_add_char(out, '[');
	for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++)
		if (str_equal(reason_row(reason)->reason_class, reason_class))
			buf_printf(out, "%s\"%s\"", out->len > 1 ? "," : "", reason_row(reason)->code);
	buf_add_char(out, ']');
}

static struct rpc_answer list(struct rpc_call *call)
{
	const char *reason_class = params_text(call->params, "class");
	bool open = params_bool(call->params, "open", false);
	struct buf codes = { 0 };
	struct paging paging;
	if (reason_class)
		list_codes(&codes, reason_class);
	const struct sync_error_filter filter = {
		.connection_id = params_text(call->params, "connection"),
		.workspace_id = call->workspace_id[0] ? call->workspace_id : NULL,
		.code = params_text(call->params, "code"),
		.codes = reason_class ? buf_text(&codes) : NULL,
		/* Absent or null, the fallback comes back. */
		.open = open == params_bool(call->params, "open", true) ? open : -1,
	};
	paging_begin(&paging, call);
	int status = store_sync_error_list(call->app->core.store, &paging.page, &filter, write_row, paging.w, &paging.end,
	                                   &paging.err);
	buf_free(&codes);
	return paging_end(&paging, status);
}

static struct rpc_answer get(struct rpc_call *call)
{
	struct err err;
	if (store_sync_error_get(call->app->core.store, params_text(call->params, "id"), write_row, rpc_result(call), &err))
		return rpc_fail_absent(call, "sync_error", &err);
	return rpc_done(call);
}

static struct rpc_answer acknowledge(struct rpc_call *call)
{
	struct err err;
	if (store_sync_error_acknowledge(call->app->core.store, params_text(call->params, "id"), caller_actor(call->caller), &err))
		return rpc_fail_absent(call, "sync_error", &err);
	return get(call);
}

/* ---- Groups ---- */

struct groups {
	struct sync_error_group of[REASON_COUNT]; /* code NULL: none; else that of the reason */
};

static void take_group(void *arg, const struct sync_error_group *group)
{
	struct groups *groups = arg;
	const struct reason_row *reason = reason_row_by_code(group->code);
	if (!reason)
		return;
	groups->of[reason->reason] = *group;
	groups->of[reason->reason].code = reason->code;
}

static enum connection_state state_of(enum reason reason)
{
	const struct health_reason alone = { .reason = reason, .count = 1 };
	return health_reason_state(&alone);
}

struct members {
	char ids[MEMBERS_MAX][ID_TEXT_SIZE];
	size_t count;
};

/* Several operations of one connection may have met the same. */
static void take_member(void *arg, const struct sync_error_row *row)
{
	struct members *members = arg;
	for (size_t i = 0; i < members->count; i++)
		if (str_equal(members->ids[i], row->connection_id))
			return;
	(void)str_copy(members->ids[members->count++], ID_TEXT_SIZE, row->connection_id);
}

/* The connections that met it last, a few of them. */
static int members_write(struct writer *w, struct store *store, const char *code, const char *scope, struct err *err)
{
	const struct store_page page = { .limit = MEMBERS_MAX, .scope = scope };
	const struct sync_error_filter filter = { .code = code, .open = 1 };
	struct store_page_end end;
	struct members members = { .count = 0 };
	int status = store_sync_error_list(store, &page, &filter, take_member, &members, &end, err);
	writer_key(w, "members");
	writer_array(w);
	for (size_t i = 0; i < members.count; i++)
		writer_text(w, members.ids[i]);
	writer_end(w);
	return status;
}

static int group_write(struct writer *w, struct store *store, const struct sync_error_group *group, const char *scope,
                       struct err *err)
{
	const struct reason_row *reason = reason_row_by_code(group->code);
	writer_object(w);
	writer_put_text(w, "code", group->code);
	writer_put_text(w, "class", reason->reason_class);
	reason_state_write(w, state_of(reason->reason));
	writer_put_text(w, "message", reason->message);
	writer_put_int(w, "open", group->open);
	writer_put_int(w, "acknowledged", group->acknowledged);
	writer_put_int(w, "connections", group->connections);
	writer_put_int(w, "workspaces", group->workspaces);
	writer_put_int(w, "count", group->count);
	writer_put_time(w, "first_at", group->first_at);
	writer_put_time(w, "last_at", group->last_at);
	writer_put_int(w, "last_hour", group->last_hour);
	writer_put_int(w, "hour_before", group->hour_before);
	int status = members_write(w, store, group->code, scope, err);
	writer_end(w);
	return status;
}

/* The worst state first, then the widest. */
static enum reason take_worst(struct groups *groups)
{
	enum reason worst = REASON_NONE;
	for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
		if (!groups->of[reason].code)
			continue;
		if (worst == REASON_NONE || state_of(reason) < state_of(worst) ||
		    (state_of(reason) == state_of(worst) && groups->of[reason].connections > groups->of[worst].connections))
			worst = reason;
	}
	return worst;
}

static struct rpc_answer list_groups(struct rpc_call *call)
{
	struct store *store = call->app->core.store;
	struct groups groups = { .of[0] = { .code = NULL } };
	char one[ID_TEXT_SIZE + 8];
	const char *scope = authorize_scope(call);
	struct err err;
	if (call->workspace_id[0]) {
		(void)snprintf(one, sizeof one, "[\"%s\"]", call->workspace_id);
		scope = one;
	}
	if (store_sync_error_groups(store, scope, take_group, &groups, &err))
		return rpc_fail(call, &err);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_key(w, "items");
	writer_array(w);
	for (enum reason reason; (reason = take_worst(&groups)) != REASON_NONE; groups.of[reason].code = NULL)
		if (group_write(w, store, &groups.of[reason], scope, &err))
			return rpc_fail(call, &err);
	writer_end(w);
	writer_end(w);
	return rpc_done(call);
}

/* ---- Words ---- */

static struct rpc_answer describe(struct rpc_call *call)
{
	const struct reason_row *row = reason_row_by_code(params_text(call->params, "code"));
	const struct health_text *text = health_text(row->reason);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_text(w, "code", row->code);
	writer_put_text(w, "class", row->reason_class);
	reason_state_write(w, state_of(row->reason));
	writer_put_text(w, "message", row->message);
	writer_put_text(w, "meaning", text->meaning);
	writer_key(w, "causes");
	writer_array(w);
	for (size_t i = 0; i < HEALTH_CAUSES_MAX && text->causes[i]; i++)
		writer_text(w, text->causes[i]);
	writer_end(w);
	writer_put_text(w, "fix", text->fix);
	writer_put_text(w, "retry", text->retry);
	writer_key(w, "action");
	if (row->action_method) {
		writer_object(w);
		writer_put_text(w, "method", row->action_method);
		writer_put_text(w, "label", row->action_label);
		writer_end(w);
	} else
		writer_null(w);
	writer_end(w);
	return rpc_done(call);
}

static const struct rpc_handler rows[] = {
	{ "sync_error.acknowledge", acknowledge }, { "sync_error.describe", describe }, { "sync_error.get", get },
	{ "sync_error.groups", list_groups },      { "sync_error.list", list },
};
const struct rpc_handlers rpc_sync_error = RPC_HANDLERS(rows);
