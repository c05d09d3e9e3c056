/* The account's calendars, full or since a cursor (PROVIDERS.md 2.2). */
#ifndef DAEMON_PROVIDER_GOOGLE_CALENDAR_LIST_H
#define DAEMON_PROVIDER_GOOGLE_CALENDAR_LIST_H

#include "daemon/provider/provider.h"

/* 250 entries a page make 80 pages; the rest is room for short ones. Bytes are those of the texts kept. */
enum { CALENDAR_ITEMS_MAX = 20000, CALENDAR_PAGES_MAX = 200, CALENDAR_BYTES_MAX = 32 << 20 };

struct operation *google_calendar_list_new(const struct provider_config *config, const char *cursor);
/* NULL unless the operation is a calendar list that is done. */
const struct calendar_list_result *google_calendar_list_result(const struct operation *operation);

#endif
