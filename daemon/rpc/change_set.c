/* Sets of changes: an array in order and a hash table into it. */
#include "daemon/rpc/change_set.h"

#include "ipc/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

/* FNV-1a: ids are random enough, and nobody outside chooses them. */
static size_t hash(const struct store_change *change)
{
	uint64_t value = 0xcbf29ce484222325u ^ (uint64_t)change->topic;
	for (const char *at = change->id; *at; at++)
		value = (value ^ (unsigned char)*at) * 0x100000001b3u;
	return (size_t)(value ^ value >> 32);
}

/* The slot of the object, or the free one where it belongs. */
static uint32_t *find_slot(const struct change_set *set, const struct store_change *change)
{
	for (size_t at = hash(change);; at++) {
		uint32_t *slot = &set->slots[at & (set->slot_count - 1)];
		const struct store_change *item = *slot ? &set->items[*slot - 1] : NULL;
		if (!item || (item->topic == change->topic && strcmp(item->id, change->id) == 0))
			return slot;
	}
}

static void index_items(struct change_set *set)
{
	memset(set->slots, 0, set->slot_count * sizeof *set->slots);
	for (size_t i = 0; i < set->count; i++)
		*find_slot(set, &set->items[i]) = (uint32_t)(i + 1);
}

static void grow(struct change_set *set)
{
	set->capacity = set->capacity ? set->capacity * 2 : FIRST_CAPACITY;
	set->slot_count = set->capacity * 2;
	set->items = mem_grow_array(set->items, set->capacity, sizeof *set->items);
	set->slots = mem_grow_array(set->slots, set->slot_count, sizeof *set->slots);
	index_items(set);
}

static enum change merge(enum change a, enum change b)
{
	return a == CHANGE_DELETED || b == CHANGE_DELETED ? CHANGE_DELETED : a == CHANGE_CREATED || b == CHANGE_CREATED ? CHANGE_CREATED : CHANGE_UPDATED;
}

bool change_set_add(struct change_set *set, const struct store_change *change, size_t most)
{
	if (set->capacity == 0)
		grow(set);
	uint32_t *slot = find_slot(set, change);
	if (*slot) {
		struct store_change *item = &set->items[*slot - 1];
		if (item->change != change->change)
			item->change = merge(item->change, change->change);
		return true;
	}
	if (set->count == most)
		return false;
	if (set->count == set->capacity) {
		grow(set);
		slot = find_slot(set, change);
	}
	set->items[set->count++] = *change;
	*slot = (uint32_t)set->count;
	return true;
}

void change_set_drop(struct change_set *set, size_t count)
{
	if (count == 0)
		return;
	set->count -= count;
	memmove(set->items, set->items + count, set->count * sizeof *set->items);
	index_items(set);
}

void change_set_free(struct change_set *set)
{
	free(set->items);
	free(set->slots);
	*set = (struct change_set){ 0 };
}
