/* The scheduler: one timer over the persistent queue of store/jobs.h.
 *
 * It starts what is due, as far as concurrency, the provider's breaker and the slow start after an outage allow, and writes what
 * came of it. Times are moved by whoever knows better (a refresh, a consent, a pause), who sets core.jobs_moved; the end of the
 * tick then looks at the queue again. */
#ifndef DAEMON_JOBS_SCHEDULER_H
#define DAEMON_JOBS_SCHEDULER_H

#include "daemon/core.h"
#include "store/jobs.h"

struct scheduler;

/* Resolves the runs that the last process left behind, makes the jobs of the whole daemon, and starts the timer. */
int scheduler_open(struct scheduler **out, struct core *core, struct err *err);
void scheduler_close(struct scheduler *scheduler);
/* At the end of every tick. */
void scheduler_tick_end(struct scheduler *scheduler);

/* job.run: start now, whatever back-off or breaker say; the run goes on in the background. connection_id NULL: the job of the
 * whole daemon (the catching sweep, the cleanup). ERR_CONFLICT while it runs or for a
 * disconnected connection, ERR_NOT_FOUND. */
int scheduler_run_now(struct scheduler *scheduler, enum job_kind kind, const char *connection_id, char run_id[ID_TEXT_SIZE],
                      struct err *err);
/* job.pause: nothing is started until then (0: until resumed). Survives no restart. */
void scheduler_pause(struct scheduler *scheduler, int64_t until);
void scheduler_resume(struct scheduler *scheduler);
bool scheduler_is_paused(const struct scheduler *scheduler, int64_t *until);
/* job.schedule: 0 goes back to what is configured. */
int scheduler_set_interval(struct scheduler *scheduler, enum job_kind kind, const char *connection_id, int64_t interval_ms,
                           struct err *err);
/* The interval in force for a job. */
int64_t scheduler_interval(const struct scheduler *scheduler, enum job_kind kind, int64_t own_interval_ms);

#endif
