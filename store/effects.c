/* The queue of what must wait for the commit. The queue owns its memory and the copies of reasons, never the arguments. */
#include "store/effects.h"

#include "ipc/base/mem.h"

#include <stdlib.h>

void effects_push(struct effects *effects, store_effect_fn *fn, void *arg)
{
	struct effect_list *list = &effects->waiting;
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 64;
		list->items = mem_grow_array(list->items, list->capacity, sizeof *list->items);
	}
	list->items[list->count++] = (struct effect){ fn, arg, NULL };
}

void effects_fail_from(struct effects *effects, size_t first, const struct err *why)
{
	if (first >= effects->waiting.count)
		return;
	struct effect_failure *failure = mem_alloc(sizeof *failure);
	failure->why = *why;
	failure->next = effects->failures;
	effects->failures = failure;
	for (size_t i = first; i < effects->waiting.count; i++)
		effects->waiting.items[i].failed = &failure->why;
}

static void failures_free(struct effect_failure *failure)
{
	while (failure) {
		struct effect_failure *next = failure->next;
		free(failure);
		failure = next;
	}
}

void effects_release(struct effects *effects, const struct err *failed)
{
	struct effect_list list = effects->waiting;
	struct effect_failure *failures = effects->failures;
	effects->waiting = effects->spare;
	effects->spare = (struct effect_list){ 0 };
	effects->failures = NULL;
	for (size_t i = 0; i < list.count; i++)
		list.items[i].fn(list.items[i].arg, failed ? failed : list.items[i].failed);
	failures_free(failures);
	list.count = 0;
	effects->spare = list;
}

void effects_free(struct effects *effects)
{
	free(effects->waiting.items);
	free(effects->spare.items);
	failures_free(effects->failures);
	*effects = (struct effects){ 0 };
}
