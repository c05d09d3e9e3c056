/* Answers that several nouns give. */
#include "daemon/rpc/handler.h"

#include "daemon/rpc/authorize.h"

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
