/* The desk of the server: calls and buffers to be used again, and the answers of the tick that is open.
 *
 * A call is one request, from its frame to exactly one answer. desk_settle is the one place where answers become safe to send:
 * it is called when the store's transaction is over. Answers of operations (late ones) come with a commit of their own and are
 * only put in order here. */
#ifndef DAEMON_RPC_DESK_H
#define DAEMON_RPC_DESK_H

#include "daemon/app.h"
#include "daemon/rpc/outlet.h"
#include "ipc/message.h"
#include "ipc/method.h"

struct caller;
struct desk;
struct subscriber; /* daemon/rpc/notices.h */

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
	struct subscriber *subscriber;    /* of the session */
	bool dry_run;
	char workspace_id[ID_TEXT_SIZE];  /* of the subject, as authorize_call found it; "" when it has none */
	const char *object_type;          /* for the audit; the subject, or what the handler made (rpc_object) */
	char object_id[ID_TEXT_SIZE];

	/* From here on for desk.c and call.c. */
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

enum { DESK_SPARE_BUFS = 32 };

struct call_queue {
	struct rpc_call *first, **end;
};

struct desk {
	struct app *app;
	struct rpc_call *free_calls;
	size_t free_count;
	struct buf spare[DESK_SPARE_BUFS];
	size_t spare_count;
	struct call_queue answered;     /* in the order of their answers */
	struct call_queue released;     /* late ones whose commit is over */
	struct outlet *dirty, **dirty_end;
	struct rpc_call *open;          /* every call that an operation owns or owned */
};

void desk_init(struct desk *desk, struct app *app);
/* Calls that are still owned by operations outlive the desk. */
void desk_close(struct desk *desk);

/* A call whose answer goes to outlet, which counts it as waiting. */
struct rpc_call *desk_call_new(struct desk *desk, struct outlet *outlet);
/* Ends a call that needs no answer. */
void desk_call_drop(struct rpc_call *call);

/* The answer is at the end of the outlet. */
void desk_answered(struct rpc_call *call);
void desk_pending(struct rpc_call *call);
/* Nobody waits for this pending call any more. */
void desk_abandon(struct rpc_call *call);
/* The same for every call of a session that ends. */
void desk_abandon_all(struct desk *desk, const struct outlet *session);
/* The text of a late answer may leave. Ends an abandoned one. */
void desk_release(struct rpc_call *call);

/* The transaction is over; failed NULL: committed. Tells every outlet concerned. */
void desk_settle(struct desk *desk, const struct err *failed);

/* Lend and take back memory, so that an idle session holds none. */
void desk_buf_take(struct desk *desk, struct buf *buf);
void desk_buf_give(struct desk *desk, struct buf *buf);

#endif
