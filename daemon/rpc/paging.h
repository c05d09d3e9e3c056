/* Lists: {"items":[…],"next_cursor":…,"total":…}, streamed while the store reads. */
#ifndef DAEMON_RPC_PAGING_H
#define DAEMON_RPC_PAGING_H

#include "daemon/rpc/call.h"

struct paging {
	struct rpc_call *call;
	struct writer *w;           /* rows write themselves here */
	struct store_page page;     /* from the call's parameters, and what its caller may see */
	struct store_page_end end;
	struct err err;
};

void paging_begin(struct paging *paging, struct rpc_call *call);
/* status: of the store's list. */
struct rpc_answer paging_end(struct paging *paging, int status) RPC_MUST_ANSWER;

#endif
