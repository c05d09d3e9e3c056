/* What a file of handlers offers: one row per method of its noun. */
#ifndef DAEMON_RPC_HANDLER_H
#define DAEMON_RPC_HANDLER_H

#include "daemon/rpc/call.h"

typedef struct rpc_answer rpc_handler_fn(struct rpc_call *call);

struct rpc_handler {
	const char *method;
	rpc_handler_fn *fn;
};
struct rpc_handlers {
	const struct rpc_handler *rows;
	size_t count;
};
#define RPC_HANDLERS(rows_) { .rows = (rows_), .count = sizeof(rows_) / sizeof((rows_)[0]) }

/* What several nouns say. Absent objects are spoken of as authorize_call does; {"id","deleted":true} names object_id. */
struct rpc_answer rpc_fail_absent(struct rpc_call *call, const char *noun, struct err *err) RPC_MUST_ANSWER;
struct rpc_answer rpc_deleted(struct rpc_call *call) RPC_MUST_ANSWER;

/* A parameter of type time as wall ms, 0 when absent. ERR_INVALID_PARAMS for one that is over. */
int rpc_future(const struct rpc_call *call, const char *name, int64_t *at, struct err *err);

extern const struct rpc_handlers rpc_audit, rpc_calendar, rpc_connection, rpc_connection_life, rpc_job, rpc_notice, rpc_oauth;
extern const struct rpc_handlers rpc_sync_error, rpc_system, rpc_user, rpc_workspace;

#endif
