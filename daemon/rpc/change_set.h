/* Changes that wait to be told: each object once, in the order of its first change. */
#ifndef DAEMON_RPC_CHANGE_SET_H
#define DAEMON_RPC_CHANGE_SET_H

#include "store/changes.h"

/* Zero-initialise; change_set_free. Memory stays until then. */
struct change_set {
	struct store_change *items;
	size_t count, capacity;
	uint32_t *slots;          /* 0, or 1 + the place of an item; slot_count is a power of two, at least twice the capacity */
	size_t slot_count;
};

/* An object that is there takes the change over: created wins over updated, deleted over both. False: it is not there, and with
 * `most` objects the set is full. */
bool change_set_add(struct change_set *set, const struct store_change *change, size_t most);
/* Forget the first `count` items. */
void change_set_drop(struct change_set *set, size_t count);
void change_set_free(struct change_set *set);

#endif
