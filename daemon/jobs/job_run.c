/* One run of a job. */
#include "daemon/jobs/job_run.h"

#include "daemon/agenda.h"
#include "daemon/health.h"
#include "daemon/jobs/cleanup.h"
#include "daemon/jobs/sweep.h"
#include "daemon/oauth/tokens.h"
#include "daemon/sync/calendars.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"
#include "store/grants.h"

#include <stdio.h>
#include <stdlib.h>

enum { LEASE_MS = 300000, NOT_YET_MS = 30000, GIVE_UP_COUNT = 30 };
#define GIVE_UP_MS ((int64_t)7 * 24 * 3600 * 1000)

struct job_run {
	struct core *core;
	struct job job;
	char id[ID_TEXT_SIZE];
	bool manual;
	int64_t started; /* boot ms */
	int64_t next_refresh_at;
	job_over_fn *fn;
	void *arg;
};

void job_copy(struct job *out, const struct job_row *row)
{
	*out = (struct job){
		.kind = row->kind,
		.state = row->state,
		.interval_ms = row->interval_ms,
		.attempts = row->attempts,
		.number = row->number,
		.next_run_at = row->next_run_at,
	};
	(void)str_copy(out->id, sizeof out->id, row->id);
	(void)str_copy(out->connection_id, sizeof out->connection_id, row->connection_id ? row->connection_id : "");
	(void)str_copy(out->grant_id, sizeof out->grant_id, row->grant_id ? row->grant_id : "");
}

int64_t job_interval(const struct core *core, enum job_kind kind, int64_t own_interval_ms)
{
	if (own_interval_ms > 0)
		return own_interval_ms;
	switch (kind) {
	case JOB_TOKEN_REFRESH: return core->schedule.token_refresh;
	case JOB_CALENDAR_SYNC: return core->schedule.calendar_sync;
	case JOB_FULL_SYNC: return core->schedule.full_sync;
	case JOB_CLEANUP:
	case JOB_KIND_COUNT: break;
	}
	return core->schedule.cleanup;
}

/* Write the result; whoever waits for the place is told in any case. A result that cannot be written leaves the job running in the
 * store, where its lease brings it back. */
static void run_finish(struct job_run *run, struct job_result *result)
{
	struct err err;
	result->duration_ms = clock_boot(run->core->clock) - run->started;
	/* A job that was deleted, or whose run was taken for lost, has no use for the result any more. */
	if (store_job_finish(run->core->store, run->job.id, run->id, result, &err) != 0 && err.code != ERR_NOT_FOUND &&
	    err.code != ERR_CONFLICT)
		LOG_ERROR("run_not_recorded", LOG_STR("run", run->id), LOG_STR("why", err.message));
	run->core->jobs_moved = true;
	run->fn(run->arg);
	free(run);
}

static void run_ok(struct job_run *run, const char *counts, int64_t next_run_at, const char *why)
{
	struct job_result result = { .ok = true, .counts = counts, .next_run_at = next_run_at, .next_run_why = why };
	run_finish(run, &result);
}

static void run_ok_interval(struct job_run *run, const char *counts)
{
	int64_t interval = job_interval(run->core, run->job.kind, run->job.interval_ms);
	run_ok(run, counts, clock_wall(run->core->clock) + interval, "interval");
}

struct long_failure {
	int64_t now;
	char code[48];
};

/* Outages, throttling and faults of the application are not the connection's, however long they last. */
static void find_long_failure(void *arg, const struct sync_error_row *row)
{
	static const enum reason excused[] = { REASON_PROVIDER_DOWN, REASON_RATE_USER,        REASON_RATE_PROJECT,
		                               REASON_USAGE_LIMIT,   REASON_APP_MISCONFIGURED, REASON_OVERDUE };
	struct long_failure *found = arg;
	if (row->count < GIVE_UP_COUNT || found->now - row->first_at < GIVE_UP_MS)
		return;
	for (size_t i = 0; i < sizeof excused / sizeof excused[0]; i++)
		if (str_equal(row->code, reason_row(excused[i])->code))
			return;
	(void)str_copy(found->code, sizeof found->code, row->code);
}

/* After 7 days and 30 failures a connection is paused with its reason (CONTRACT.md section 6). */
static void give_up_if_hopeless(struct job_run *run)
{
	struct core *core = run->core;
	struct long_failure found = { .now = clock_wall(core->clock), .code = "" };
	struct err err;
	if (run->job.connection_id[0] == '\0' ||
	    store_sync_error_of(core->store, run->job.connection_id, true, find_long_failure, &found, &err) != 0 || found.code[0] == '\0')
		return;
	if (agenda_paused(core, run->job.connection_id, NULL, 0, found.code, &err) != 0)
		LOG_ERROR("not_paused", LOG_STR("connection", run->job.connection_id), LOG_STR("why", err.message));
}

/* Cut off by the end of the daemon: it is due when the next one starts. */
static void run_interrupted(struct job_run *run)
{
	struct job_result result = { .code = reason_row(REASON_INTERRUPTED)->code,
		                         .next_run_at = clock_wall(run->core->clock),
		                         .next_run_why = "interrupted" };
	run_finish(run, &result);
}

static void run_failed(struct job_run *run, const struct failure *failure)
{
	struct core *core = run->core;
	if (core->stopping && failure->error == ERR_BUSY) {
		run_interrupted(run);
		return;
	}
	const struct reason_row *reason = reason_row(failure->reason);
	struct job_result result = { .code = reason->code, .backoff = true };
	/* Trouble of our own (a full disk, a missing key) is looked at again before long, whatever the provider's rules are. */
	enum retry_kind retry = failure->error != ERR_NONE ? RETRY_SLOW : reason->retry;
	result.next_run_at = schedule_after_failure(clock_wall(core->clock), retry, run->job.attempts + 1, failure->retry_after_ms,
	                                            job_interval(core, run->job.kind, run->job.interval_ms),
	                                            rng_below(core->rng, INT64_MAX), &result.next_run_why);
	give_up_if_hopeless(run);
	run_finish(run, &result);
}

static void run_failed_err(struct job_run *run, const struct err *err)
{
	const struct failure failure = { .reason = REASON_INTERRUPTED, .error = err->code };
	run_failed(run, &failure);
}

/* 0 also for a token of times to come: the clock was put back, and when it expires is not known. */
static void read_next_refresh(void *arg, const struct grant_row *row)
{
	struct job_run *run = arg;
	bool known = row->access_expires_at > 0 && row->refreshed_at <= clock_wall(run->core->clock) + NOT_YET_MS;
	run->next_refresh_at = known ? schedule_refresh_at(row->refreshed_at, row->access_expires_at, run->job.number) : 0;
}

static void run_refreshed(void *arg, struct secret *token, int64_t generation, const struct failure *failure)
{
	struct job_run *run = arg;
	struct err err;
	char counts[64];
	(void)token;
	if (failure) {
		run_failed(run, failure);
		return;
	}
	if (store_grant_get(run->core->store, run->job.grant_id, read_next_refresh, run, &err) != 0) {
		run_failed_err(run, &err);
		return;
	}
	(void)snprintf(counts, sizeof counts, "{\"generation\":%lld}", (long long)generation);
	run_ok(run, counts, run->next_refresh_at, "expiry");
}

/* It may have been marked overdue since its token was refreshed. */
static void run_spared(struct job_run *run)
{
	struct err err;
	if (health_ok(run->core->store, run->job.connection_id, "token", &err) != 0)
		LOG_ERROR("health_not_updated", LOG_STR("why", err.message));
	run_ok(run, NULL, run->next_refresh_at, "expiry");
}

/* A sibling of the same grant, or a person, may have refreshed it meanwhile: then there is nothing to do but to move on. */
static void run_token_refresh(struct job_run *run)
{
	struct core *core = run->core;
	struct err err;
	if (store_grant_get(core->store, run->job.grant_id, read_next_refresh, run, &err) != 0) {
		run_failed_err(run, &err);
		return;
	}
	int64_t next = run->next_refresh_at;
	if (!run->manual && next > clock_wall(core->clock) + NOT_YET_MS)
		run_spared(run);
	else
		tokens_get(core->tokens, run->job.grant_id, TOKENS_REFRESH_NOW, run_refreshed, run);
}

static void run_synced(void *arg, const struct calendar_sync_result *result)
{
	struct job_run *run = arg;
	char counts[128];
	if (result->failure) {
		run_failed(run, result->failure);
		return;
	}
	(void)snprintf(counts, sizeof counts, "{\"added\":%lld,\"changed\":%lld,\"gone\":%lld}", (long long)result->added,
	               (long long)result->changed, (long long)result->gone);
	run_ok_interval(run, counts);
}

static void run_calendar_sync(struct job_run *run)
{
	struct err err;
	if (calendar_sync_start(run->core, run->job.connection_id, run->job.kind == JOB_FULL_SYNC, run_synced, run, &err) != 0)
		run_failed_err(run, &err);
}

static void run_sweep(struct job_run *run)
{
	struct sweep_counts counts;
	struct err err;
	char text[96];
	if (sweep_run(run->core, &counts, &err) != 0) {
		run_failed_err(run, &err);
		return;
	}
	(void)snprintf(text, sizeof text, "{\"expired\":%lld,\"overdue\":%lld}", (long long)counts.expired,
	               (long long)counts.overdue);
	run_ok_interval(run, text);
}

static void run_cleanup(struct job_run *run)
{
	struct cleanup_counts counts;
	struct err err;
	char text[160];
	bool more;
	if (cleanup_step(run->core, &counts, &more, &err) != 0) {
		run_failed_err(run, &err);
		return;
	}
	(void)snprintf(text, sizeof text, "{\"connections\":%lld,\"runs\":%lld,\"timeline\":%lld,\"sync_errors\":%lld}",
	               (long long)counts.connections, (long long)counts.runs, (long long)counts.timeline,
	               (long long)counts.sync_errors);
	if (more)
		run_ok(run, text, clock_wall(run->core->clock), "interval");
	else
		run_ok_interval(run, text);
}

static void run_begin(struct job_run *run)
{
	bool whole = run->job.connection_id[0] == '\0';
	if (run->job.kind == JOB_CLEANUP)
		run_cleanup(run);
	else if (whole)
		run_sweep(run);
	else if (run->job.kind == JOB_TOKEN_REFRESH)
		run_token_refresh(run);
	else
		run_calendar_sync(run);
}

int job_run_start(struct core *core, const struct job *job, const char *cause, bool manual, char run_id[ID_TEXT_SIZE],
                  job_over_fn *fn, void *arg, struct err *err)
{
	struct job_run *run = mem_alloc(sizeof *run);
	*run = (struct job_run){
		.core = core, .job = *job, .manual = manual, .started = clock_boot(core->clock), .fn = fn, .arg = arg
	};
	if (store_job_start(core->store, job->id, clock_wall(core->clock) + LEASE_MS, cause, run->id, err) != 0) {
		free(run);
		return -1;
	}
	(void)str_copy(run_id, ID_TEXT_SIZE, run->id);
	LOG_DEBUG("job_started", LOG_STR("kind", job_kind_name(job->kind)), LOG_STR("run", run->id), LOG_STR("cause", cause));
	run_begin(run);
	return 0;
}
