/* Lists. */
#include "daemon/rpc/paging.h"

#include "daemon/rpc/authorize.h"
#include "ipc/params.h"

enum { LIMIT_DEFAULT = 100 };

void paging_begin(struct paging *paging, struct rpc_call *call)
{
	*paging = (struct paging){ .call = call, .w = rpc_result(call) };
	paging->page = (struct store_page){
		.limit = (int)params_int(call->params, "limit", LIMIT_DEFAULT),
		.cursor = params_text(call->params, "cursor"),
		.scope = authorize_scope(call),
	};
	writer_object(paging->w);
	writer_key(paging->w, "items");
	writer_array(paging->w);
}

struct rpc_answer paging_end(struct paging *paging, int status)
{
	struct writer *w = paging->w;
	if (status)
		return rpc_fail(paging->call, &paging->err);
	writer_end(w);
	writer_put_text(w, "next_cursor", paging->end.next_cursor[0] ? paging->end.next_cursor : NULL);
	writer_key(w, "total");
	if (paging->end.has_total)
		writer_int(w, paging->end.total);
	else
		writer_null(w);
	writer_end(w);
	return rpc_done(paging->call);
}
