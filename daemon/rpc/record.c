/* Audit rows. */
#include "daemon/rpc/record.h"

#include "daemon/rpc/caller.h"
#include "ipc/errors.h"
#include "ipc/params.h"
#include "store/audit.h"

static void write_params(struct writer *w, const struct rpc_call *call)
{
	for (size_t i = 0; i < call->method->param_count; i++) {
		const struct param *param = &call->method->params[i];
		const json_t *value = json_object_get(call->params, param->name);
		/* The reason has a column of its own. */
		if (!value || param->type == PARAM_SECRET || strcmp(param->name, "reason") == 0)
			continue;
		writer_key(w, param->name);
		writer_json(w, value);
	}
}

static const char *text_or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

int record_call(struct rpc_call *call, const char *outcome, bool with_params, const struct err *why, struct err *err)
{
	struct buf details = { 0 };
	struct writer w;
	writer_init(&w, &details);
	writer_object(&w);
	if (why)
		writer_put_text(&w, "error", error_row(why->code)->name);
	if (with_params)
		write_params(&w, call);
	writer_end(&w);
	const struct audit_row row = {
		.uid = call->caller->peer.uid,
		.actor = caller_actor(call->caller),
		.workspace_id = text_or_null(call->workspace_id),
		.method = call->method->name,
		.object_type = call->object_type,
		.object_id = text_or_null(call->object_id),
		.outcome = outcome,
		.reason = with_params ? text_or_null(params_text(call->params, "reason")) : NULL,
		.details = buf_text(&details),
	};
	int status = store_audit_append(call->app->core.store, &row, err);
	buf_free(&details);
	return status;
}
