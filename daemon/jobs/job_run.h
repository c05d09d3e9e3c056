/* One run of a job: from its start in the ledger to its result and its next time. */
#ifndef DAEMON_JOBS_JOB_RUN_H
#define DAEMON_JOBS_JOB_RUN_H

#include "daemon/core.h"
#include "store/jobs.h"

/* A job as it was when it was picked. */
struct job {
	char id[ID_TEXT_SIZE], connection_id[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE]; /* "": none */
	enum job_kind kind;
	enum job_state state;
	int64_t interval_ms, attempts, number, next_run_at;
};
void job_copy(struct job *out, const struct job_row *row);

/* The interval in force. */
int64_t job_interval(const struct core *core, enum job_kind kind, int64_t own_interval_ms);

typedef void job_over_fn(void *arg);
/* Writes the start, in the caller's tick, and sets the work off; the result and the next time are written when it is over, and fn is
 * called (exactly once; not at all when -1 is returned). cause is static text. */
int job_run_start(struct core *core, const struct job *job, const char *cause, bool manual, char run_id[ID_TEXT_SIZE],
                  job_over_fn *fn, void *arg, struct err *err);

#endif
