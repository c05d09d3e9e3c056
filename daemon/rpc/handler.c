/* Answers that several nouns give. */
#include "daemon/rpc/handler.h"

#include "daemon/rpc/authorize.h"
#include "ipc/base/timefmt.h"
#include "ipc/params.h"

struct rpc_answer rpc_fail_absent(struct rpc_call *call, const char *noun, struct err *err)
{
	if (err->code == ERR_NOT_FOUND)
		(void)authorize_absent(noun, err);
	return rpc_fail(call, err);
}

struct rpc_answer rpc_deleted(struct rpc_call *call)
{
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_text(w, "id", call->object_id);
	writer_put_bool(w, "deleted", true);
	writer_end(w);
	return rpc_done(call);
}

int rpc_future(const struct rpc_call *call, const char *name, int64_t *at, struct err *err)
{
	const char *text = params_text(call->params, name);
	*at = 0;
	if (!text)
		return 0;
	if (time_parse(text, at) && *at > store_now(call->app->core.store))
		return 0;
	return err_field(err, name, "%s: expected a time to come", name);
}
