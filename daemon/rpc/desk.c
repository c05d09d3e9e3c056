/* Calls and answers of a tick. */
#include "daemon/rpc/desk.h"

#include "ipc/base/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FREE_CALLS_MAX = 512, SPARE_CAPACITY_MAX = 64 << 10 };

static void queue_init(struct call_queue *queue)
{
	queue->first = NULL;
	queue->end = &queue->first;
}

static void queue_push(struct call_queue *queue, struct rpc_call *call)
{
	call->next = NULL;
	*queue->end = call;
	queue->end = &call->next;
}

void desk_init(struct desk *desk, struct app *app)
{
	*desk = (struct desk){ .app = app };
	queue_init(&desk->answered);
	queue_init(&desk->released);
	desk->dirty_end = &desk->dirty;
}

static void call_free(struct rpc_call *call)
{
	struct desk *desk = call->desk;
	if (call->open_link) {
		*call->open_link = call->open_next;
		if (call->open_next)
			call->open_next->open_link = call->open_link;
	}
	timer_free(call->deadline);
	buf_free(&call->late);
	if (!desk || desk->free_count == FREE_CALLS_MAX) {
		free(call);
		return;
	}
	call->next = desk->free_calls;
	desk->free_calls = call;
	desk->free_count++;
}

static void queue_free(struct call_queue *queue)
{
	for (struct rpc_call *call = queue->first, *next; call; call = next) {
		next = call->next;
		call_free(call);
	}
	queue_init(queue);
}

void desk_close(struct desk *desk)
{
	queue_free(&desk->answered);
	queue_free(&desk->released);
	while (desk->open) {
		struct rpc_call *call = desk->open;
		desk->open = call->open_next;
		timer_free(call->deadline);
		call->deadline = NULL;
		call->open_link = NULL;
		call->desk = NULL;
		call->outlet = NULL;
		call->state = CALL_ABANDONED;
	}
	while (desk->free_calls) {
		struct rpc_call *call = desk->free_calls;
		desk->free_calls = call->next;
		free(call);
	}
	while (desk->spare_count > 0)
		buf_free(&desk->spare[--desk->spare_count]);
}

static void count_waiting(struct outlet *outlet, int change)
{
	outlet->waiting += change;
	if (outlet->parent)
		outlet->parent->waiting += change;
}

struct rpc_call *desk_call_new(struct desk *desk, struct outlet *outlet)
{
	struct rpc_call *call = desk->free_calls;
	if (call) {
		desk->free_calls = call->next;
		desk->free_count--;
		memset(call, 0, offsetof(struct rpc_call, request));
	} else
		call = mem_alloc(sizeof *call);
	call->app = desk->app;
	call->desk = desk;
	call->outlet = outlet;
	count_waiting(outlet, 1);
	return call;
}

static void call_leave(struct rpc_call *call)
{
	if (call->outlet)
		count_waiting(call->outlet, -1);
	call->outlet = NULL;
}

void desk_call_drop(struct rpc_call *call)
{
	call_leave(call);
	call_free(call);
}

static void mark_dirty(struct desk *desk, struct outlet *outlet)
{
	if (outlet->dirty)
		return;
	outlet->dirty = true;
	outlet->next_dirty = NULL;
	*desk->dirty_end = outlet;
	desk->dirty_end = &outlet->next_dirty;
}

void desk_answered(struct rpc_call *call)
{
	call->state = CALL_ANSWERED;
	queue_push(&call->desk->answered, call);
	mark_dirty(call->desk, call->outlet);
}

void desk_pending(struct rpc_call *call)
{
	struct desk *desk = call->desk;
	call->state = CALL_PENDING;
	call->open_next = desk->open;
	call->open_link = &desk->open;
	if (desk->open)
		desk->open->open_link = &call->open_next;
	desk->open = call;
}

void desk_abandon(struct rpc_call *call)
{
	call_leave(call);
	call->caller = NULL;
	timer_free(call->deadline);
	call->deadline = NULL;
	if (call->state == CALL_PENDING)
		call->state = CALL_ABANDONED;
}

void desk_abandon_all(struct desk *desk, const struct outlet *session)
{
	for (struct rpc_call *call = desk->open; call; call = call->open_next)
		if (call->outlet && outlet_root(call->outlet) == session)
			desk_abandon(call);
}

void desk_release(struct rpc_call *call)
{
	if (!call->outlet)
		call_free(call);
	else
		queue_push(&call->desk->released, call);
}

/* Nothing of the tick has happened: take the answers back and say so, in the same order. */
static void rewrite(struct desk *desk, const struct err *failed)
{
	struct err err = *failed;
	err.code = ERR_STORE_FAILED;
	for (struct outlet *outlet = desk->dirty; outlet; outlet = outlet->next_dirty)
		buf_truncate(&outlet->buf, outlet->safe);
	for (struct rpc_call *call = desk->answered.first; call; call = call->next) {
		struct writer w;
		outlet_item_begin(call->outlet);
		writer_init(&w, &call->outlet->buf);
		message_reply_error(&w, call->request.id, &err);
		outlet_item_end(call->outlet);
	}
}

static void settle_released(struct desk *desk)
{
	for (struct rpc_call *call = desk->released.first; call; call = call->next) {
		if (!call->outlet)
			continue;
		outlet_add(call->outlet, &call->late);
		mark_dirty(desk, call->outlet);
		call_leave(call);
	}
	queue_free(&desk->released);
}

/* Batches first: they may put a line into their session. */
static void tell_outlets(struct desk *desk)
{
	for (struct outlet *outlet = desk->dirty; outlet; outlet = outlet->next_dirty) {
		outlet->safe = outlet->buf.len;
		if (outlet->parent)
			mark_dirty(desk, outlet->parent);
	}
	struct outlet *first = desk->dirty, *sessions = NULL;
	desk->dirty = NULL;
	desk->dirty_end = &desk->dirty;
	while (first) {
		struct outlet *outlet = first;
		first = outlet->next_dirty;
		outlet->dirty = false;
		if (outlet->parent) {
			outlet->settled(outlet);
		} else {
			outlet->next_dirty = sessions;
			sessions = outlet;
		}
	}
	while (sessions) {
		struct outlet *outlet = sessions;
		sessions = outlet->next_dirty;
		outlet->settled(outlet);
	}
}

void desk_settle(struct desk *desk, const struct err *failed)
{
	if (!desk->answered.first && !desk->released.first)
		return;
	if (failed)
		rewrite(desk, failed);
	for (struct rpc_call *call = desk->answered.first; call; call = call->next)
		call_leave(call);
	queue_free(&desk->answered);
	settle_released(desk);
	tell_outlets(desk);
}

void desk_buf_take(struct desk *desk, struct buf *buf)
{
	if (!buf->data && desk->spare_count > 0)
		*buf = desk->spare[--desk->spare_count];
}

void desk_buf_give(struct desk *desk, struct buf *buf)
{
	buf_truncate(buf, 0);
	if (!buf->data || buf->capacity > SPARE_CAPACITY_MAX || desk->spare_count == DESK_SPARE_BUFS)
		buf_free(buf);
	else
		desk->spare[desk->spare_count++] = *buf;
	*buf = (struct buf){ 0 };
}
