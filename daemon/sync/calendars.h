/* The calendar list of a connection, brought up to date from its provider: incrementally where a cursor exists, whole otherwise. */
#ifndef DAEMON_SYNC_CALENDARS_H
#define DAEMON_SYNC_CALENDARS_H

#include "daemon/core.h"
#include "daemon/http/classify.h"

struct calendar_sync_result {
	const struct failure *failure; /* NULL: done, and the counts say what changed */
	int64_t added, changed, gone;
};
typedef void calendar_sync_fn(void *arg, const struct calendar_sync_result *result);

/* Runs in the background; fn exactly once, inside a tick. What it found, or its failure, is written in that tick. ERR_CONFLICT
 * for a disconnected connection, ERR_NOT_FOUND: then fn is not called. */
int calendar_sync_start(struct core *core, const char *connection_id, bool full, calendar_sync_fn *fn, void *arg,
                        struct err *err);

#endif
