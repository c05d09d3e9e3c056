/* The catching sweep, every 15 minutes: runs whose lease is over are taken back, and connections whose next refresh or sync lies too
 * far in the past are marked overdue, until it was done. */
#ifndef DAEMON_JOBS_SWEEP_H
#define DAEMON_JOBS_SWEEP_H

#include "daemon/core.h"

struct sweep_counts {
	int64_t expired, overdue;
};
int sweep_run(struct core *core, struct sweep_counts *out, struct err *err);

#endif
