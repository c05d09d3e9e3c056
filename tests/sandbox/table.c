/*
 * Open addressing with linear probing, at most half full; nothing is ever removed.
 * Ownership: the slots; keys and values belong to the caller.
 */
#include "tests/sandbox/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/mem.h"

struct table_slot {
	const char *key;
	void *value;
	uint64_t hash;
};

static uint64_t table_hash(const char *key)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return hash ^ (hash >> 32);
}

static struct table_slot *table_find_slot(const struct table *table, const char *key, uint64_t hash)
{
	size_t at = (size_t)hash & (table->capacity - 1);

	for (;;) {
		struct table_slot *slot = &table->slots[at];

		if (slot->key == NULL || (slot->hash == hash && strcmp(slot->key, key) == 0))
			return slot;
		at = (at + 1) & (table->capacity - 1);
	}
}

void *table_get(const struct table *table, const char *key)
{
	if (table->capacity == 0 || key == NULL)
		return NULL;
	return table_find_slot(table, key, table_hash(key))->value;
}

static void table_enlarge(struct table *table)
{
	struct table bigger = { .capacity = table->capacity == 0 ? 16 : table->capacity * 2, .count = table->count };

	bigger.slots = mem_alloc(bigger.capacity * sizeof *bigger.slots);
	for (size_t i = 0; i < table->capacity; i++) {
		const struct table_slot *slot = &table->slots[i];

		if (slot->key != NULL)
			*table_find_slot(&bigger, slot->key, slot->hash) = *slot;
	}
	free(table->slots);
	*table = bigger;
}

void table_put(struct table *table, const char *key, void *value)
{
	struct table_slot *slot;
	uint64_t hash = table_hash(key);

	if (table->count * 2 >= table->capacity)
		table_enlarge(table);
	slot = table_find_slot(table, key, hash);
	if (slot->key == NULL)
		table->count++;
	slot->key = key;
	slot->value = value;
	slot->hash = hash;
}

void table_free(struct table *table)
{
	free(table->slots);
	memset(table, 0, sizeof *table);
}
