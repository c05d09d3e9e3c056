/* A call: one request, from its frame to exactly one answer.
 *
 * A handler must end with rpc_done, rpc_fail or rpc_pending: nothing else makes a struct rpc_answer. After rpc_pending the
 * operation that was started owns the call, and answers it once with rpc_finish or rpc_finish_error, however late: when the
 * client has left or the deadline has passed, the answer goes nowhere. `params` and `caller` are for the handler only. */
#ifndef DAEMON_RPC_CALL_H
#define DAEMON_RPC_CALL_H

#include "daemon/app.h"
#include "daemon/rpc/outlet.h"
#include "ipc/message.h"
#include "ipc/method.h"

struct caller;
struct desk;

enum call_state {
	CALL_RUNNING,   /* the handler has it */
	CALL_ANSWERED,  /* the answer is in the outlet and shares the fate of the tick */
	CALL_PENDING,   /* an operation owns it */
	CALL_LATE,      /* the operation answered; the text waits for the commit */
	CALL_ABANDONED, /* nobody waits for it any more, but the operation still owns it */
};

struct rpc_call {
	struct app *app;
	const struct method *method;
	const json_t *params;             /* checked; NULL when there are none */
	struct caller *caller;
	bool dry_run;
	char workspace_id[ID_TEXT_SIZE];  /* of the subject, as authorize_call found it; "" when it has none */
	const char *object_type;          /* for the audit; the subject, or what the handler made (rpc_object) */
	char object_id[ID_TEXT_SIZE];

	/* From here on for call.c and desk.c. */
	struct desk *desk;                /* NULL: the server has gone */
	struct outlet *outlet;            /* NULL: nobody waits */
	enum call_state state;
	enum err_code failure;            /* what it was answered with; ERR_NONE: a result */
	bool taken;                       /* an operation took it over, if only for a moment */
	bool begun;
	size_t start;                     /* of its answer in the outlet */
	struct writer writer;
	struct buf late;
	struct timer *deadline;
	struct rpc_call *next, *open_next, **open_link;
	struct request request;           /* last: it is not cleared before message_request fills it */
};

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
