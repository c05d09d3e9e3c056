/* The queue of what must wait for the commit (store_after_commit). Knows nothing of the database. */
#ifndef STORE_EFFECTS_H
#define STORE_EFFECTS_H

#include "store/store.h"

struct effect {
	store_effect_fn *fn;
	void *arg;
	const struct err *failed; /* why its unit was undone, NULL: it was not */
};

struct effect_list {
	struct effect *items;
	size_t count, capacity;
};

struct effect_failure {
	struct err why;
	struct effect_failure *next;
};

/* Zero-initialise; free with effects_free. */
struct effects {
	struct effect_list waiting, spare; /* spare keeps its memory between two releases */
	struct effect_failure *failures;   /* what the waiting ones point to */
};

void effects_push(struct effects *effects, store_effect_fn *fn, void *arg);
/* Those queued at `first` and later belong to a unit that was undone. */
void effects_fail_from(struct effects *effects, size_t first, const struct err *why);
/* Call them all in order; those that are pushed meanwhile wait for the next release. failed: of the whole tick, or NULL. */
void effects_release(struct effects *effects, const struct err *failed);
void effects_free(struct effects *effects);

#endif
