/* The audit rows of calls: what was asked, by whom, about what, and what came of it. */
#ifndef DAEMON_RPC_RECORD_H
#define DAEMON_RPC_RECORD_H

#include "daemon/rpc/call.h"

/* outcome: ok | accepted | failed | denied; why names the error of the last two, else NULL. Parameters that are secret are left
 * out; with_params false leaves them all out, for those that were not checked. */
int record_call(struct rpc_call *call, const char *outcome, bool with_params, const struct err *why, struct err *err);

#endif
