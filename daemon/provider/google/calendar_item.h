/* One CalendarListEntry (PROVIDERS.md 2.2) as a calendar_item, and lists of them. */
#ifndef DAEMON_PROVIDER_GOOGLE_CALENDAR_ITEM_H
#define DAEMON_PROVIDER_GOOGLE_CALENDAR_ITEM_H

#include "daemon/provider/provider.h"

#include <jansson.h>

/* False, with *item empty: no usable id, to be skipped. Otherwise calendar_item_clear frees what is in it. */
bool calendar_item_read(const json_t *entry, struct calendar_item *item);
void calendar_item_clear(struct calendar_item *item);
/* Bytes of all its texts. */
size_t calendar_item_bytes(const struct calendar_item *item);
/* Of several items with the same id only the last stays; the order is otherwise kept. */
void calendar_items_keep_last(struct calendar_item *items, size_t *count);

#endif
