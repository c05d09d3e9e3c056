/* Reading frames, in turns and within limits. */
#include "daemon/rpc/session.h"

#include "daemon/rpc/call.h"
#include "daemon/rpc/dispatch.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "ipc/frame.h"

#include <stdlib.h>

/* Frames a session may have served before the others get their turn. */
enum { SESSION_TURN = 16 };

static void fail_frame(struct session *session, const struct err *err)
{
	struct rpc_call *call = desk_call_new(session->host->desk, &session->outlet);
	(void)str_copy(call->request.id, sizeof call->request.id, "null");
	rpc_finish_error(call, err);
}

static void serve_request(struct session *session, struct outlet *outlet, const json_t *tree, bool batch, size_t i)
{
	struct err err;
	struct rpc_call *call = desk_call_new(session->host->desk, outlet);
	call->caller = &session->caller;
	call->subscriber = &session->subscriber;
	int status = message_request(tree, batch, i, &call->request, &err);
	if (status && call->request.notification)
		desk_call_drop(call);
	else if (status)
		rpc_finish_error(call, &err);
	else if (call->request.notification)
		dispatch_notification(call);
	else
		dispatch_call(call);
}

static void serve_batch(struct session *session, const json_t *tree, size_t count)
{
	struct batch *batch = batch_new(session->host->desk, &session->outlet, &session->batches);
	for (size_t i = 0; i < count; i++) {
		/* Each counts towards the tick, but a batch is not interrupted. */
		if (i > 0)
			(void)loop_tick_spent(session->host->app->core.loop);
		serve_request(session, &batch->outlet, tree, true, i);
	}
	batch_loaded(batch);
}

static void serve_frame(struct session *session, const char *frame, size_t len)
{
	struct err err;
	json_t *tree;
	bool batch;
	size_t count;
	/* A blank line, of those who end lines with CR LF as well. */
	if (len == 0 || (len == 1 && frame[0] == '\r'))
		return;
	if (message_parse(frame, len, &tree, &batch, &count, &err)) {
		fail_frame(session, &err);
		return;
	}
	if (batch)
		serve_batch(session, tree, count);
	else
		serve_request(session, &session->outlet, tree, false, 0);
	json_decref(tree);
}

static void refuse_frame(struct session *session)
{
	struct err err;
	(void)err_set(&err, ERR_INVALID_REQUEST, "a request frame has at most %zu bytes, newline included",
	              session->host->frame_max);
	fail_frame(session, &err);
	session->closing = true;
}

/* The next frame in `in` from `at` on; what a client leaves without a newline when it closes its side is one as well. */
static enum frame_status next_frame(struct session *session, size_t at, size_t *len, size_t *used)
{
	size_t left = session->in.len - at;
	enum frame_status status =
		frame_find(buf_text(&session->in) + at, left, session->host->frame_max, &session->scanned, len, used);
	if (status == FRAME_MORE && session->eof && left > 0) {
		*len = *used = left;
		session->scanned = 0;
		return FRAME_READY;
	}
	return status;
}

static bool within_limits(const struct session *session)
{
	return (size_t)session->outlet.waiting < session->host->pending_max &&
	       session->outlet.buf.len - session->channel.sent <= session->host->output_max;
}

static void ask_turn(struct session *session)
{
	session->queued = true;
	session->host->again(session->host, session);
}

/* Serve frames until there is none, the limits say no, or the turn is over. Returns the bytes that were used. */
static size_t serve_frames(struct session *session)
{
	size_t at = 0, len = 0, used = 0;
	for (int turn = 0; !session->closing; turn++) {
		enum frame_status status = next_frame(session, at, &len, &used);
		if (status == FRAME_MORE)
			break;
		if (status == FRAME_TOO_LONG) {
			refuse_frame(session);
			break;
		}
		if (!within_limits(session)) {
			session->held = true;
			break;
		}
		if (turn == SESSION_TURN || loop_tick_spent(session->host->app->core.loop)) {
			ask_turn(session);
			break;
		}
		serve_frame(session, buf_text(&session->in) + at, len);
		at += used;
	}
	return session->closing ? session->in.len : at;
}

static bool is_idle(const struct session *session)
{
	return session->outlet.waiting == 0 && session->outlet.buf.len == 0 && session->in.len == 0;
}

/* Input, output or answers have moved: what is to be done now? */
static void review(struct session *session)
{
	if (session->held && within_limits(session)) {
		session->held = false;
		ask_turn(session);
	}
	if ((session->eof || session->closing) && is_idle(session))
		session_end(session);
	else
		channel_set_reading(&session->channel, !session->eof && !session->closing && !session->held);
}

void session_turn(struct session *session)
{
	struct desk *desk = session->host->desk;
	session->queued = session->held = false;
	size_t used = serve_frames(session);
	if (used == session->in.len)
		desk_buf_give(desk, &session->in);
	else
		buf_consume(&session->in, used);
	bool begun = session->in.len > 0 && !session->held && !session->queued;
	channel_watch_frame(&session->channel, begun, used > 0);
	review(session);
}

static void on_readable(void *owner)
{
	struct session *session = owner;
	if (session->queued)
		return;
	desk_buf_take(session->host->desk, &session->in);
	switch (channel_read(&session->channel, &session->in)) {
	case CHANNEL_BROKEN:
		session_end(session);
		return;
	case CHANNEL_EOF:
		session->eof = true;
		break;
	case CHANNEL_READ:
	case CHANNEL_AGAIN:
		break;
	}
	session_turn(session);
}

static void flush(void *owner)
{
	struct session *session = owner;
	if (session->channel.fd < 0)
		return;
	if (channel_send(&session->channel, &session->outlet)) {
		session_end(session);
		return;
	}
	if (session->outlet.buf.len == 0)
		desk_buf_give(session->host->desk, &session->outlet.buf);
	review(session);
}

static void on_late(void *owner, const char *what)
{
	struct session *session = owner;
	LOG_INFO("client_too_slow", LOG_STR("what", what), LOG_INT("uid", session->caller.peer.uid),
	         LOG_INT("pid", session->caller.peer.pid));
	session_end(session);
}

static void on_settled(struct outlet *outlet)
{
	flush(outlet);
}

static const struct access *notice_access(void *owner, bool fresh)
{
	struct session *session = owner;
	struct caller *caller = &session->caller;
	struct app *app = session->host->app;
	struct err ignored; /* who cannot be judged sees nothing */
	bool valid = fresh ? caller_refresh(caller, app, &ignored) == 0
	                   : caller->fresh && caller->policy_generation == app->policy_generation;
	return valid ? &caller->access : NULL;
}

static size_t notice_waiting(void *owner)
{
	const struct session *session = owner;
	return session->outlet.buf.len - session->channel.sent;
}

/* Between two ticks: all that is in the outlet may leave, and so may this. */
static void notice_put(void *owner, const char *text, size_t len)
{
	struct session *session = owner;
	desk_buf_take(session->host->desk, &session->outlet.buf);
	buf_add(&session->outlet.buf, text, len);
	session->outlet.safe = session->outlet.buf.len;
}

struct session *session_new(struct session_host *host, int fd, const struct caller *caller)
{
	static const struct channel_events events = { on_readable, flush, on_late };
	static const struct notice_outlet notices = { notice_access, notice_waiting, notice_put, flush };
	struct session *session = mem_alloc(sizeof *session);
	session->host = host;
	session->caller = *caller;
	session->outlet.settled = on_settled;
	notices_seat(&session->subscriber, host->notices, &notices, session);
	channel_open(&session->channel, host->app->core.loop, fd, &events, session);
	return session;
}

void session_end(struct session *session)
{
	if (session->channel.fd < 0)
		return;
	channel_close(&session->channel);
	notices_leave(&session->subscriber);
	if (session->outlet.waiting > 0)
		desk_abandon_all(session->host->desk, &session->outlet);
	session->host->ended(session->host, session);
}

void session_free(struct session *session)
{
	while (session->batches)
		batch_free(session->batches);
	desk_buf_give(session->host->desk, &session->in);
	desk_buf_give(session->host->desk, &session->outlet.buf);
	caller_free(&session->caller);
	free(session);
}
