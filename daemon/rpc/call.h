/* Answering a call, for handlers and operations.
 *
 * A handler must end with rpc_done, rpc_fail or rpc_pending: nothing else makes a struct rpc_answer. After rpc_pending the
 * operation that was started owns the call, and answers it once with rpc_finish or rpc_finish_error, however late: when the
 * client has left or the deadline has passed, the answer goes nowhere. `params` and `caller` are for the handler only. */
#ifndef DAEMON_RPC_CALL_H
#define DAEMON_RPC_CALL_H

#include "daemon/rpc/desk.h"

/* Only the functions below make one; `call` is theirs to look at. */
struct rpc_answer {
	const struct rpc_call *call;
};
#define RPC_MUST_ANSWER __attribute__((warn_unused_result))

/* Begin the result: write one JSON value, then rpc_done; rpc_fail takes back what was written. */
struct writer *rpc_result(struct rpc_call *call);
struct rpc_answer rpc_done(struct rpc_call *call) RPC_MUST_ANSWER;
struct rpc_answer rpc_fail(struct rpc_call *call, const struct err *err) RPC_MUST_ANSWER;
/* The operation answers later, or has just answered. After 60 s the client is told `busy`. */
struct rpc_answer rpc_pending(struct rpc_call *call) RPC_MUST_ANSWER;

/* For callbacks of operations. */
void rpc_finish(struct rpc_call *call);
void rpc_finish_error(struct rpc_call *call, const struct err *err);

/* What the audit shall name: of a type in static text. */
void rpc_object(struct rpc_call *call, const char *type, const char *id);

/* For dispatch: put an error in the place of the answer that was just given. */
void call_replace(struct rpc_call *call, const struct err *err);

#endif
