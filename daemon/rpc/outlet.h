/* Where replies collect until the commit lets them go (DESIGN.md idea 3): the output of a session, or a batch on its way into
 * one. [0, safe) may leave; what follows was answered in the tick that is still open.
 *
 * An outlet is part of its owner and lives as long as the tick in which its owner ended. */
#ifndef DAEMON_RPC_OUTLET_H
#define DAEMON_RPC_OUTLET_H

#include "ipc/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct outlet {
	struct buf buf;
	size_t safe;
	bool array;               /* items are members of one JSON array instead of lines */
	int waiting;              /* requests without a settled answer, those of its batches included */
	struct outlet *parent;    /* of a batch: its session's; NULL for a session */
	void (*settled)(struct outlet *outlet); /* told once a tick in which something was answered here */
	bool dirty;
	struct outlet *next_dirty;
};

/* Before and after an item is written at the end of buf. */
void outlet_item_begin(struct outlet *outlet);
void outlet_item_end(struct outlet *outlet);
/* A whole item at once. */
void outlet_add(struct outlet *outlet, const struct buf *item);
/* The outlet of the session behind it. */
struct outlet *outlet_root(struct outlet *outlet);

#endif
