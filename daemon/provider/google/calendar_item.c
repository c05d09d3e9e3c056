/* One CalendarListEntry as a calendar_item, and lists of them. */
#include "daemon/provider/google/calendar_item.h"

#include "daemon/provider/google/foreign.h"
#include "daemon/provider/body.h"
#include "ipc/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A role we do not know gives no right we know of. */
static const char *known_role(const char *role)
{
	static const char *const known[] = { "freeBusyReader", "reader", "writer", "owner" };
	for (size_t i = 0; role && i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i], role) == 0)
			return known[i];
	return "none";
}

/* The title the person gave, else the calendar's own, else its id: all but `id` may be absent. */
static const char *best_title(const json_t *entry, const char *id)
{
	const char *own = body_text(entry, "summaryOverride");
	const char *common = body_text(entry, "summary");
	return own && *own ? own : common && *common ? common : id;
}

bool calendar_item_read(const json_t *entry, struct calendar_item *item)
{
	const char *id = body_text(entry, "id");
	*item = (struct calendar_item){ 0 };
	if (!foreign_is_id(id))
		return false;
	item->external_id = mem_strdup(id);
	item->summary = foreign_text(best_title(entry, id), FOREIGN_NAME_MAX);
	item->description = foreign_text(body_text(entry, "description"), FOREIGN_DESCRIPTION_MAX);
	item->access_role = mem_strdup(known_role(body_text(entry, "accessRole")));
	item->time_zone = foreign_zone(body_text(entry, "timeZone"));
	item->background_color = foreign_colour(body_text(entry, "backgroundColor"));
	item->foreground_color = foreign_colour(body_text(entry, "foregroundColor"));
	item->primary = json_is_true(json_object_get(entry, "primary"));
	item->deleted = json_is_true(json_object_get(entry, "deleted"));
	return true;
}

enum { TEXT_COUNT = 7 };

static void item_texts(const struct calendar_item *item, char *texts[TEXT_COUNT])
{
	char *const all[TEXT_COUNT] = { item->external_id, item->summary, item->description, item->access_role,
		                        item->time_zone, item->background_color, item->foreground_color };
	memcpy(texts, all, sizeof all);
}

void calendar_item_clear(struct calendar_item *item)
{
	char *texts[TEXT_COUNT];
	item_texts(item, texts);
	for (size_t i = 0; i < TEXT_COUNT; i++)
		free(texts[i]);
	*item = (struct calendar_item){ 0 };
}

size_t calendar_item_bytes(const struct calendar_item *item)
{
	char *texts[TEXT_COUNT];
	size_t bytes = 0;
	item_texts(item, texts);
	for (size_t i = 0; i < TEXT_COUNT; i++)
		bytes += texts[i] ? strlen(texts[i]) : 0;
	return bytes;
}

static int compare_items(const void *a, const void *b)
{
	const struct calendar_item *const *left = a, *const *right = b;
	int order = strcmp((*left)->external_id, (*right)->external_id);
	/* All are elements of one array: the address is the position. */
	return order ? order : (*left > *right) - (*left < *right);
}

void calendar_items_keep_last(struct calendar_item *items, size_t *count)
{
	struct calendar_item **sorted = mem_alloc_array(*count, sizeof *sorted);
	bool *superseded = mem_alloc_array(*count, sizeof *superseded);
	size_t kept = 0;
	for (size_t i = 0; i < *count; i++)
		sorted[i] = &items[i];
	qsort(sorted, *count, sizeof *sorted, compare_items);
	for (size_t i = 0; i + 1 < *count; i++)
		superseded[sorted[i] - items] = strcmp(sorted[i]->external_id, sorted[i + 1]->external_id) == 0;
	for (size_t i = 0; i < *count; i++) {
		if (superseded[i])
			calendar_item_clear(&items[i]);
		else
			items[kept++] = items[i];
	}
	free(sorted);
	free(superseded);
	*count = kept;
}
