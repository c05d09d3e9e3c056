/* Replies on their way out. */
#include "daemon/rpc/outlet.h"

void outlet_item_begin(struct outlet *outlet)
{
	if (outlet->array && outlet->buf.len > 0)
		buf_add_char(&outlet->buf, ',');
}

void outlet_item_end(struct outlet *outlet)
{
	if (!outlet->array)
		buf_add_char(&outlet->buf, '\n');
}

void outlet_add(struct outlet *outlet, const struct buf *item)
{
	outlet_item_begin(outlet);
	buf_add(&outlet->buf, buf_text(item), item->len);
	outlet_item_end(outlet);
}

struct outlet *outlet_root(struct outlet *outlet)
{
	return outlet->parent ? outlet->parent : outlet;
}
