/* audit.*: who did what. */
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/paging.h"
#include "ipc/params.h"
#include "store/audit.h"

static void write_row(void *arg, const struct audit_row *row)
{
	audit_write(arg, row);
}

static struct rpc_answer list(struct rpc_call *call)
{
	const char *workspace_id = call->workspace_id[0] ? call->workspace_id : NULL;
	struct paging paging;
	paging_begin(&paging, call);
	return paging_end(&paging, store_audit_list(call->app->core.store, &paging.page, workspace_id,
	                                            params_text(call->params, "object"), write_row, paging.w, &paging.end,
	                                            &paging.err));
}

static const struct rpc_handler rows[] = {
	{ "audit.list", list },
};
const struct rpc_handlers rpc_audit = RPC_HANDLERS(rows);
