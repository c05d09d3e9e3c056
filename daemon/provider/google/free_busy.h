/* When calendars are busy (PROVIDERS.md 2.4). */
#ifndef DAEMON_PROVIDER_GOOGLE_FREE_BUSY_H
#define DAEMON_PROVIDER_GOOGLE_FREE_BUSY_H

#include "daemon/provider/provider.h"

/* from, to: wall ms. Nothing is asked for when the range is empty. The ids are copied. */
struct operation *google_free_busy_new(const struct provider_config *config, const char *const *external_ids, size_t count,
                                       int64_t from, int64_t to);
/* NULL unless the operation is a free/busy that is done. Calendars are as many and in the order as asked for. */
const struct free_busy_result *google_free_busy_result(const struct operation *operation);

#endif
