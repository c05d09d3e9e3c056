/* Things by the text of their id. Neither the things nor the ids are owned; an id must live as long as its entry. */
#ifndef TUI_IDMAP_H
#define TUI_IDMAP_H

#include <stddef.h>

struct idmap_slot {
	const char *id;
	void *thing;
};

/* Zero-initialise. */
struct idmap {
	struct idmap_slot *slots;
	size_t size, used;
};

void *idmap_find(const struct idmap *map, const char *id); /* NULL: not there */
void idmap_put(struct idmap *map, const char *id, void *thing); /* the id must be new */
void idmap_clear(struct idmap *map);

#endif
