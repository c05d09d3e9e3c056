/* Things by id: open addressing, never more than half full. Entries go all at once: the lists rebuild their map. */
#include "tui/idmap.h"

#include "ipc/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t slot_of(const struct idmap *map, const char *id)
{
	/* FNV-1a */
	uint64_t hash = 14695981039346656037U;
	for (const char *at = id; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 1099511628211U;
	size_t slot = (size_t)(hash & (map->size - 1));
	while (map->slots[slot].id && strcmp(map->slots[slot].id, id) != 0)
		slot = (slot + 1) & (map->size - 1);
	return slot;
}

void *idmap_find(const struct idmap *map, const char *id)
{
	return map->size > 0 ? map->slots[slot_of(map, id)].thing : NULL;
}

void idmap_put(struct idmap *map, const char *id, void *thing)
{
	if (map->used * 2 >= map->size) {
		struct idmap old = *map;
		map->size = old.size ? old.size * 2 : 64;
		map->slots = mem_alloc_array(map->size, sizeof *map->slots);
		for (size_t i = 0; i < old.size; i++)
			if (old.slots[i].id)
				map->slots[slot_of(map, old.slots[i].id)] = old.slots[i];
		free(old.slots);
	}
	map->slots[slot_of(map, id)] = (struct idmap_slot){ id, thing };
	map->used++;
}

void idmap_clear(struct idmap *map)
{
	free(map->slots);
	*map = (struct idmap){ 0 };
}
