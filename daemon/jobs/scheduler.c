/* The scheduler. */
#include "daemon/jobs/scheduler.h"

#include "daemon/agenda.h"
#include "daemon/jobs/job_run.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"

#include <stdlib.h>

/* STORE_AGAIN: after a store that could not be read or written. CLOCK_STEP: less is no matter. */
enum { BATCH = 64, LOOK_AGAIN_MS = 15 * 60000, STORE_AGAIN_MS = 5000, CLOCK_STEP_MS = 60000 };

/* The jobs of the whole daemon. */
static const enum job_kind own_kinds[] = { JOB_TOKEN_REFRESH, JOB_CLEANUP };
enum { OWN_COUNT = sizeof own_kinds / sizeof own_kinds[0] };

struct scheduler {
	struct core *core;
	struct timer *timer;
	int running;
	bool paused;
	int64_t paused_until; /* wall ms, 0: until resumed */
	int64_t hold_until;   /* boot ms: the store did not commit what was started */
	int64_t wall_start;   /* wall ms at boot time zero, as the times in the queue have it */
	int64_t wall_seen;    /* the same once this tick is committed */
};

struct batch {
	struct job jobs[BATCH];
	int count;
};

static void collect(void *arg, const struct job_row *row)
{
	struct batch *batch = arg;
	if (batch->count < BATCH)
		job_copy(&batch->jobs[batch->count++], row);
}

static void run_over(void *arg)
{
	struct scheduler *scheduler = arg;
	scheduler->running--;
}

/* Start a job in a unit of its own; a failure of the store is the tick's business. */
static bool start_job(struct scheduler *scheduler, const struct job *job)
{
	char run_id[ID_TEXT_SIZE];
	struct err err;
	const char *cause = job->state == JOB_BACKOFF ? "backoff" : "schedule";
	scheduler->running++;
	if (job_run_start(scheduler->core, job, cause, false, run_id, run_over, scheduler, &err) == 0)
		return true;
	scheduler->running--;
	LOG_ERROR("job_not_started", LOG_STR("job", job->id), LOG_STR("why", err.message));
	return false;
}

/* Only what talks to a provider asks the breaker. */
static bool may_start(struct scheduler *scheduler, const struct job *job)
{
	return job->connection_id[0] == '\0' || breaker_take(&scheduler->core->breaker, clock_boot(scheduler->core->clock));
}

struct pause_list {
	char ids[BATCH][ID_TEXT_SIZE];
	int count;
};

static void collect_pause(void *arg, const struct connection_row *row)
{
	struct pause_list *list = arg;
	if (list->count < BATCH)
		(void)str_copy(list->ids[list->count++], ID_TEXT_SIZE, row->id);
}

/* Pauses with an end, at their end. The time of the next one, 0: none. */
static int64_t end_pauses(struct core *core, int64_t now)
{
	struct pause_list list = { .count = 0 };
	struct err err;
	int64_t next = 0;
	int status = store_connection_pauses_due(core->store, now, BATCH, collect_pause, &list, &err);
	for (int i = 0; i < list.count && status == 0; i++)
		status = agenda_resumed(core, list.ids[i], NULL, &err);
	if (status != 0 || store_connection_pauses_next(core->store, &next, &err) != 0)
		LOG_ERROR("pauses_not_ended", LOG_STR("why", err.message));
	return next;
}

struct found {
	struct job job;
	bool found;
};

static void take_job(void *arg, const struct job_row *row)
{
	struct found *found = arg;
	job_copy(&found->job, row);
	found->found = true;
}

/* The daemon's own jobs ask no provider: they do not wait behind those that do. */
static void start_own(struct scheduler *scheduler, int64_t now)
{
	for (size_t i = 0; i < OWN_COUNT; i++) {
		struct found found = { .found = false };
		struct err err;
		if (store_job_find(scheduler->core->store, own_kinds[i], NULL, take_job, &found, &err) == 0 &&
		    found.job.state != JOB_RUNNING && found.job.next_run_at <= now)
			(void)start_job(scheduler, &found.job);
	}
}

/* Start what may be started; the delay until the next look. */
static int64_t work_off(struct scheduler *scheduler, int64_t now)
{
	struct core *core = scheduler->core;
	struct batch batch = { .count = 0 };
	struct err err;
	int room = core->schedule.concurrency - scheduler->running;
	if (room <= 0)
		return LOOK_AGAIN_MS; /* the end of a run moves jobs, and we look again */
	if (store_job_due(core->store, now, room < BATCH ? room : BATCH, collect, &batch, &err) != 0)
		return STORE_AGAIN_MS;
	for (int i = 0; i < batch.count; i++) {
		if (!may_start(scheduler, &batch.jobs[i])) {
			int64_t boot = clock_boot(core->clock);
			start_own(scheduler, now);
			return breaker_retry_at(&core->breaker, boot) - boot;
		}
		if (!start_job(scheduler, &batch.jobs[i]))
			return STORE_AGAIN_MS;
	}
	int64_t next;
	if (store_job_next(core->store, &next, &err) != 0 || next == 0)
		return LOOK_AGAIN_MS;
	return next - now;
}

/* Nothing was started, whatever it looked like: the store is given time to come back. */
static void work_settled(void *arg, const struct err *failed)
{
	struct scheduler *scheduler = arg;
	if (!failed) {
		scheduler->wall_start = scheduler->wall_seen;
		return;
	}
	scheduler->wall_seen = scheduler->wall_start;
	scheduler->hold_until = clock_boot(scheduler->core->clock) + STORE_AGAIN_MS;
	scheduler->core->jobs_moved = true;
}

/* Times in the queue are wall times. When the clock is put back they go with it. */
static void follow_clock(struct scheduler *scheduler, int64_t wall_start)
{
	int64_t step = wall_start - scheduler->wall_start;
	struct err err;
	if (step > -CLOCK_STEP_MS && step < CLOCK_STEP_MS)
		return;
	LOG_WARN("clock_step", LOG_INT("ms", step));
	if (store_job_shift(scheduler->core->store, step, &err) == 0)
		scheduler->wall_seen = wall_start;
	else
		LOG_ERROR("clock_not_followed", LOG_STR("why", err.message));
}

static void scheduler_work(void *arg)
{
	struct scheduler *scheduler = arg;
	struct core *core = scheduler->core;
	int64_t now = clock_wall(core->clock), wait = LOOK_AGAIN_MS;
	core->jobs_moved = false;
	store_after_commit(core->store, work_settled, scheduler);
	follow_clock(scheduler, now - clock_boot(core->clock));
	if (scheduler->paused && scheduler->paused_until > 0 && now >= scheduler->paused_until)
		scheduler->paused = false;
	int64_t pause_ends = end_pauses(core, now);
	if (!scheduler->paused && !core->stopping && !vault_is_sealed(core->vault))
		wait = work_off(scheduler, now);
	if (scheduler->paused && scheduler->paused_until > 0)
		wait = scheduler->paused_until - now;
	if (pause_ends > 0 && pause_ends - now < wait)
		wait = pause_ends - now;
	timer_set(scheduler->timer, wait < 1 ? 1 : wait > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : wait);
}

void scheduler_tick_end(struct scheduler *scheduler)
{
	if (scheduler && scheduler->core->jobs_moved) {
		scheduler->core->jobs_moved = false;
		timer_set(scheduler->timer, scheduler->hold_until - clock_boot(scheduler->core->clock));
	}
}

/* Put only when absent, so that a restart does not move them. */
static int ensure_own_jobs(struct scheduler *scheduler, struct err *err)
{
	struct core *core = scheduler->core;
	int64_t now = clock_wall(core->clock);
	for (size_t i = 0; i < OWN_COUNT; i++) {
		if (store_job_find(core->store, own_kinds[i], NULL, NULL, NULL, err) == 0)
			continue;
		if (err->code != ERR_NOT_FOUND ||
		    store_job_put(core->store, own_kinds[i], NULL, now + job_interval(core, own_kinds[i], 0), "interval", err) != 0)
			return -1;
	}
	return 0;
}

/* The last run of an earlier process tells whether the clock was put back since. The sweep is made due: it is the last from now on. */
static int follow_clock_since(struct scheduler *scheduler, struct err *err)
{
	struct store *store = scheduler->core->store;
	int64_t now = clock_wall(scheduler->core->clock), last;
	scheduler->wall_start = scheduler->wall_seen = now - clock_boot(scheduler->core->clock);
	if (store_run_last(store, &last, err) != 0)
		return -1;
	if (last <= now + CLOCK_STEP_MS)
		return 0;
	LOG_WARN("clock_step", LOG_INT("ms", now - last));
	return store_job_shift(store, now - last, err) == 0 ? store_job_put(store, JOB_TOKEN_REFRESH, NULL, now, "sweep", err) : -1;
}

static void clock_set(void *arg)
{
	struct scheduler *scheduler = arg;
	LOG_WARN("clock_set", LOG_INT("wall_ms", clock_wall(scheduler->core->clock)));
	timer_set(scheduler->timer, 0);
}

int scheduler_open(struct scheduler **out, struct core *core, struct err *err)
{
	int64_t interrupted;
	struct scheduler *scheduler = mem_alloc(sizeof *scheduler);
	scheduler->core = core;
	scheduler->timer = timer_new(core->loop, scheduler_work, scheduler);
	if (store_job_interrupt(core->store, clock_wall(core->clock), &interrupted, err) != 0 ||
	    ensure_own_jobs(scheduler, err) != 0 || follow_clock_since(scheduler, err) != 0) {
		scheduler_close(scheduler);
		return -1;
	}
	if (interrupted > 0)
		LOG_WARN("runs_interrupted", LOG_INT("count", interrupted));
	loop_watch_clock(core->loop, clock_set, scheduler);
	timer_set(scheduler->timer, 0);
	*out = scheduler;
	return 0;
}

void scheduler_close(struct scheduler *scheduler)
{
	if (!scheduler)
		return;
	timer_free(scheduler->timer);
	free(scheduler);
}

int scheduler_run_now(struct scheduler *scheduler, enum job_kind kind, const char *connection_id, char run_id[ID_TEXT_SIZE],
                      struct err *err)
{
	struct core *core = scheduler->core;
	struct found found = { .found = false };
	if (vault_is_sealed(core->vault))
		return err_set(err, ERR_SEALED, "the key that seals tokens is missing or wrong");
	if (store_job_find(core->store, kind, connection_id, take_job, &found, err) != 0)
		return err->code == ERR_NOT_FOUND && connection_id ? err_set(err, ERR_CONFLICT, "the connection is disconnected") : -1;
	if (found.job.state == JOB_RUNNING)
		return err_set(err, ERR_CONFLICT, "it is running already");
	scheduler->running++;
	if (job_run_start(core, &found.job, "manual", true, run_id, run_over, scheduler, err) == 0)
		return 0;
	scheduler->running--;
	return -1;
}

void scheduler_pause(struct scheduler *scheduler, int64_t until)
{
	scheduler->paused = true;
	scheduler->paused_until = until;
	scheduler->core->jobs_moved = true;
}

void scheduler_resume(struct scheduler *scheduler)
{
	scheduler->paused = false;
	scheduler->core->jobs_moved = true;
}

bool scheduler_is_paused(const struct scheduler *scheduler, int64_t *until)
{
	*until = scheduler->paused_until;
	return scheduler->paused;
}

int scheduler_set_interval(struct scheduler *scheduler, enum job_kind kind, const char *connection_id, int64_t interval_ms,
                           struct err *err)
{
	struct core *core = scheduler->core;
	struct found found = { .found = false };
	if (store_job_find(core->store, kind, connection_id, take_job, &found, err) != 0 ||
	    store_job_set_interval(core->store, found.job.id, interval_ms, err) != 0)
		return -1;
	core->jobs_moved = true;
	int64_t next = clock_wall(core->clock) + job_interval(core, kind, interval_ms);
	/* A token is refreshed before it expires, whatever the interval. */
	if (kind == JOB_TOKEN_REFRESH && connection_id && found.job.next_run_at < next)
		return 0;
	return store_job_put(core->store, kind, connection_id, next, "interval", err);
}

int64_t scheduler_interval(const struct scheduler *scheduler, enum job_kind kind, int64_t own_interval_ms)
{
	return job_interval(scheduler->core, kind, own_interval_ms);
}
