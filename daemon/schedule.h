/* When things run: pure arithmetic on times and row numbers (CONTRACT.md sections 2 and 6).
 *
 * The spread is derived from a row's number, neighbours together (hash of number / 64): the load is even, and what is due together
 * lies together on the disk. Times are wall milliseconds. */
#ifndef DAEMON_SCHEDULE_H
#define DAEMON_SCHEDULE_H

#include "ipc/reasons.h"

#include <stdint.h>

/* The intervals of [schedule], milliseconds. */
struct schedule {
	int64_t token_refresh, calendar_sync, full_sync, cleanup, trash, history;
	int concurrency;
};

/* A number in [0, width) that belongs to the row. */
int64_t schedule_spread(int64_t number, int64_t width);
/* 10 min before expiry less a row-derived 0…5 min; at half-life if that is shorter. */
int64_t schedule_refresh_at(int64_t issued_at, int64_t expires_at, int64_t number);
/* The first run of something that repeats every `interval` from now on: within the second half of the first interval. */
int64_t schedule_first(int64_t now, int64_t interval, int64_t number);
/* After a failure: by the reason's way of being retried, attempts (failures in a row, 1 for the first) and Retry-After; `random` is any
 * non-negative number. *why is static text for next_run_why. */
int64_t schedule_after_failure(int64_t now, enum retry_kind retry, int64_t attempts, int64_t retry_after_ms, int64_t interval,
                               int64_t random, const char **why);

#endif
