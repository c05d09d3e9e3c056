/* From a request to its handler: method, role, parameters, object, in this order; mutations in a unit of the store, with their
 * audit row. */
#ifndef DAEMON_RPC_DISPATCH_H
#define DAEMON_RPC_DISPATCH_H

#include "daemon/rpc/call.h"

/* Every method has one handler and every handler a method; ERR_INTERNAL names the first that has not. Once at start. */
int dispatch_open(struct err *err);

/* A well-formed request with its caller. Its answer is given, or an operation has taken it over. */
void dispatch_call(struct rpc_call *call);
/* The same without an answer: nothing is done, and a mutation is noted in the log. Ends the call. */
void dispatch_notification(struct rpc_call *call);

#endif
