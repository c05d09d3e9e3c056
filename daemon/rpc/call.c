/* Answering a call: at once into the outlet, or later through a commit of its own. */
#include "daemon/rpc/call.h"

#include "ipc/base/strutil.h"

enum { CALL_DEADLINE_MS = 60000 };

static bool is_direct(const struct rpc_call *call)
{
	return call->state == CALL_RUNNING;
}

static struct buf *answer_buf(struct rpc_call *call)
{
	return is_direct(call) ? &call->outlet->buf : &call->late;
}

/* Where the answer starts; a second beginning takes back the first. */
static void answer_begin(struct rpc_call *call)
{
	struct buf *buf = answer_buf(call);
	if (call->begun)
		buf_truncate(buf, call->start);
	else if (is_direct(call))
		desk_buf_take(call->desk, buf);
	call->start = buf->len;
	call->begun = true;
	if (is_direct(call))
		outlet_item_begin(call->outlet);
	writer_init(&call->writer, buf);
}

/* The operation's last writes belong to the open tick: the text waits for its commit. */
static void late_settled(void *arg, const struct err *failed)
{
	struct rpc_call *call = arg;
	if (failed && call->outlet) {
		struct err err = *failed;
		err.code = ERR_STORE_FAILED;
		buf_truncate(&call->late, 0);
		writer_init(&call->writer, &call->late);
		message_reply_error(&call->writer, call->request.id, &err);
	}
	desk_release(call);
}

static void answer_end(struct rpc_call *call)
{
	if (is_direct(call)) {
		outlet_item_end(call->outlet);
		desk_answered(call);
		return;
	}
	timer_free(call->deadline);
	call->deadline = NULL;
	call->state = CALL_LATE;
	store_after_commit(call->app->core.store, late_settled, call);
}

struct writer *rpc_result(struct rpc_call *call)
{
	answer_begin(call);
	message_reply_begin(&call->writer, call->request.id);
	return &call->writer;
}

void rpc_finish(struct rpc_call *call)
{
	if (call->state == CALL_ABANDONED) {
		desk_release(call);
		return;
	}
	message_reply_end(&call->writer);
	answer_end(call);
}

void rpc_finish_error(struct rpc_call *call, const struct err *err)
{
	if (call->state == CALL_ABANDONED) {
		desk_release(call);
		return;
	}
	answer_begin(call);
	call->failure = err->code;
	message_reply_error(&call->writer, call->request.id, err);
	answer_end(call);
}

struct rpc_answer rpc_done(struct rpc_call *call)
{
	rpc_finish(call);
	return (struct rpc_answer){ call };
}

struct rpc_answer rpc_fail(struct rpc_call *call, const struct err *err)
{
	rpc_finish_error(call, err);
	return (struct rpc_answer){ call };
}

/* The client is told through a call of its own; the operation keeps the old one. */
static void on_deadline(void *arg)
{
	struct rpc_call *call = arg;
	struct rpc_call *teller = desk_call_new(call->desk, call->outlet);
	struct err err;
	(void)err_set(&err, ERR_BUSY, "not finished after %d s; the work goes on", CALL_DEADLINE_MS / 1000);
	store_new_id(call->app->core.store, err.run_id);
	(void)str_copy(teller->request.id, sizeof teller->request.id, call->request.id);
	rpc_finish_error(teller, &err);
	desk_abandon(call);
}

struct rpc_answer rpc_pending(struct rpc_call *call)
{
	call->taken = true;
	if (call->state == CALL_RUNNING) {
		desk_pending(call);
		call->deadline = timer_new(call->app->core.loop, on_deadline, call);
		timer_set(call->deadline, CALL_DEADLINE_MS);
	}
	return (struct rpc_answer){ call };
}

void rpc_object(struct rpc_call *call, const char *type, const char *id)
{
	call->object_type = type;
	(void)str_copy(call->object_id, sizeof call->object_id, id);
}

void call_replace(struct rpc_call *call, const struct err *err)
{
	struct outlet *outlet = call->outlet;
	buf_truncate(&outlet->buf, call->start);
	outlet_item_begin(outlet);
	writer_init(&call->writer, &outlet->buf);
	message_reply_error(&call->writer, call->request.id, err);
	outlet_item_end(outlet);
	call->failure = err->code;
}
