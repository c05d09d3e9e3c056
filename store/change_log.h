/* Inside the store: the changes of the tick that is open, each object once. Knows nothing of the database.
 *
 * Items stay in the order of their first change. A hash table over (topic, id) finds the one that is there; what a unit
 * changes in items from before it is kept aside, so that the unit can be undone. Memory is kept between ticks. */
#ifndef STORE_CHANGE_LOG_H
#define STORE_CHANGE_LOG_H

#include "store/changes.h"

struct change_undo {
	size_t item;
	enum change before;
};

struct change_list {
	struct store_change *items;
	size_t count, capacity;
};

/* Zero-initialise; free with change_log_free. */
struct change_log {
	struct change_list now, spare; /* spare keeps its memory while the other is told */
	uint32_t *slots;               /* 0, or 1 + the place of an item; slot_count is a power of two */
	size_t slot_count;
	struct change_undo *undo;
	size_t undo_count, undo_capacity;
	size_t unit_first;             /* items from here on are of the open unit */
	store_changes_fn *fn;          /* NULL: nobody listens and nothing is kept */
	void *arg;
};

void change_log_add(struct change_log *log, enum topic topic, enum change change, const char *id, const char *workspace_id);
void change_log_unit_begin(struct change_log *log);
void change_log_unit_undo(struct change_log *log);
/* Forget everything: the tick was lost. */
void change_log_drop(struct change_log *log);
/* Tell the listener; what it causes is of the next tick. */
void change_log_release(struct change_log *log);
void change_log_free(struct change_log *log);

#endif
