/* Batches. */
#include "daemon/rpc/batch.h"

#include "ipc/base/mem.h"

#include <stdlib.h>

static void batch_settled(struct outlet *outlet)
{
	struct batch *batch = (struct batch *)outlet;
	struct outlet *session = outlet->parent;
	if (outlet->waiting > 0)
		return;
	desk_buf_take(batch->desk, &session->buf);
	buf_add_char(&session->buf, '[');
	buf_add(&session->buf, outlet->buf.data, outlet->buf.len);
	buf_add(&session->buf, "]\n", 2);
	session->safe = session->buf.len;
	batch_free(batch);
}

struct batch *batch_new(struct desk *desk, struct outlet *session, struct batch **list)
{
	struct batch *batch = mem_alloc(sizeof *batch);
	batch->outlet = (struct outlet){ .array = true, .parent = session, .settled = batch_settled };
	batch->desk = desk;
	batch->next = *list;
	batch->link = list;
	if (*list)
		(*list)->link = &batch->next;
	*list = batch;
	return batch;
}

void batch_loaded(struct batch *batch)
{
	if (batch->outlet.waiting == 0)
		batch_free(batch);
}

void batch_free(struct batch *batch)
{
	*batch->link = batch->next;
	if (batch->next)
		batch->next->link = batch->link;
	desk_buf_give(batch->desk, &batch->outlet.buf);
	free(batch);
}
