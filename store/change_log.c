/* The changes of a tick. Items are only ever taken away from the end, so that clearing the slot of the last one leaves
 * every probe sequence of the others whole. */
#include "store/change_log.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS_FIRST 64
#define ITEMS_KEPT 16384 /* the memory of a larger tick is given back after it */

static uint64_t hash_of(enum topic topic, const char id[ID_TEXT_SIZE])
{
	/* The end of an id is its most random part (RFC 9562 section 5.7); the rest keeps others apart. */
	uint64_t hash = (uint64_t)topic, part;
	for (size_t at = 0; at + sizeof part < ID_TEXT_SIZE; at += sizeof part) {
		memcpy(&part, id + at, sizeof part);
		hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	memcpy(&part, id + ID_TEXT_SIZE - sizeof part, sizeof part);
	hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* Where the item is, or where it would go. */
static uint32_t *slot_of(const struct change_log *log, const struct store_change *item)
{
	size_t at = (size_t)hash_of(item->topic, item->id) & (log->slot_count - 1);
	for (; log->slots[at] != 0; at = (at + 1) & (log->slot_count - 1)) {
		const struct store_change *met = &log->now.items[log->slots[at] - 1];
		if (met->topic == item->topic && memcmp(met->id, item->id, sizeof met->id) == 0)
			break;
	}
	return &log->slots[at];
}

/* Room for one item more, in a table that is at most half full. */
static void make_room(struct change_log *log)
{
	struct change_list *list = &log->now;
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : ITEMS_FIRST;
		list->items = mem_grow_array(list->items, list->capacity, sizeof *list->items);
	}
	if (log->slot_count >= 2 * list->capacity)
		return;
	free(log->slots);
	log->slot_count = 2 * list->capacity;
	log->slots = mem_alloc_array(log->slot_count, sizeof *log->slots);
	for (size_t i = 0; i < list->count; i++)
		*slot_of(log, &list->items[i]) = (uint32_t)(i + 1);
}

static void remember(struct change_log *log, size_t item)
{
	if (log->undo_count == log->undo_capacity) {
		log->undo_capacity = log->undo_capacity ? log->undo_capacity * 2 : ITEMS_FIRST;
		log->undo = mem_grow_array(log->undo, log->undo_capacity, sizeof *log->undo);
	}
	log->undo[log->undo_count++] = (struct change_undo){ item, log->now.items[item].change };
}

/* Deleted over created over updated. */
static bool wins(enum change change, enum change over)
{
	return change != over && (change == CHANGE_DELETED || over == CHANGE_UPDATED);
}

void change_log_add(struct change_log *log, enum topic topic, enum change change, const char *id, const char *workspace_id)
{
	if (!log->fn)
		return;
	make_room(log);
	struct store_change *item = &log->now.items[log->now.count];
	*item = (struct store_change){ .topic = topic, .change = change };
	(void)str_copy(item->id, sizeof item->id, id);
	(void)str_copy(item->workspace_id, sizeof item->workspace_id, workspace_id ? workspace_id : "");
	uint32_t *slot = slot_of(log, item);
	if (*slot == 0) {
		*slot = (uint32_t)++log->now.count;
		return;
	}
	size_t met = *slot - 1;
	if (!wins(change, log->now.items[met].change))
		return;
	if (met < log->unit_first)
		remember(log, met);
	log->now.items[met].change = change;
}

static void cut(struct change_log *log, size_t count)
{
	while (log->now.count > count) {
		*slot_of(log, &log->now.items[log->now.count - 1]) = 0;
		log->now.count--;
	}
}

void change_log_unit_begin(struct change_log *log)
{
	log->unit_first = log->now.count;
	log->undo_count = 0;
}

void change_log_unit_undo(struct change_log *log)
{
	cut(log, log->unit_first);
	while (log->undo_count > 0) {
		const struct change_undo *undo = &log->undo[--log->undo_count];
		log->now.items[undo->item].change = undo->before;
	}
}

static void drop_slots(struct change_log *log)
{
	free(log->slots);
	log->slots = NULL;
	log->slot_count = 0;
}

void change_log_drop(struct change_log *log)
{
	cut(log, 0);
	log->unit_first = log->undo_count = 0;
	if (log->now.capacity > ITEMS_KEPT) {
		drop_slots(log);
		free(log->now.items);
		log->now = (struct change_list){ 0 };
	}
}

void change_log_release(struct change_log *log)
{
	struct change_list told = log->now;
	bool large = told.capacity > ITEMS_KEPT;
	if (told.count == 0)
		return;
	cut(log, 0);
	if (large)
		drop_slots(log);
	log->now = log->spare;
	log->spare = (struct change_list){ 0 };
	log->unit_first = log->undo_count = 0;
	if (log->fn)
		log->fn(log->arg, told.items, told.count);
	told.count = 0;
	if (large) {
		free(told.items);
		told = (struct change_list){ 0 };
	}
	log->spare = told;
}

void change_log_free(struct change_log *log)
{
	free(log->now.items);
	free(log->spare.items);
	free(log->slots);
	free(log->undo);
	*log = (struct change_log){ 0 };
}
