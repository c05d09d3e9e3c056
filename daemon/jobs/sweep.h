/* The catching sweep, every 15 minutes: runs whose lease is over are taken back, connections whose next run lies too far in the past
 * are marked overdue, and those that have caught up are unmarked. */
#ifndef DAEMON_JOBS_SWEEP_H
#define DAEMON_JOBS_SWEEP_H

#include "daemon/core.h"

struct sweep_counts {
	int64_t expired, overdue;
};
int sweep_run(struct core *core, struct sweep_counts *out, struct err *err);

#endif
