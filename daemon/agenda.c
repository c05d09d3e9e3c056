/* Events in the life of connections: what they mean for jobs and timeline. */
#include "daemon/agenda.h"

#include "daemon/health.h"
#include "ipc/base/strutil.h"
#include "ipc/base/timefmt.h"
#include "store/connections.h"
#include "store/grants.h"
#include "store/jobs.h"
#include "store/timeline.h"

#include <stdio.h>
#include <stdlib.h>

enum { SOON_MS = 60000 };

static int tell(struct core *core, const char *connection_id, const char *kind, const char *actor, const char *text,
                const char *details, struct err *err)
{
	const struct timeline_row row = {
		.connection_id = connection_id, .kind = kind, .actor = actor, .text = text, .details = details
	};
	return store_timeline_append(core->store, &row, err);
}

/* The times of a grant's tokens, and its connections. */
struct grant_times {
	int64_t issued_at, expires_at, generation;
	char fingerprint[17];
	struct buf connections; /* ids, each ID_TEXT_SIZE bytes */
};

static void read_times(void *arg, const struct grant_row *row)
{
	struct grant_times *times = arg;
	times->issued_at = row->refreshed_at;
	times->expires_at = row->access_expires_at;
	times->generation = row->generation;
	(void)str_copy(times->fingerprint, sizeof times->fingerprint, row->fingerprint ? row->fingerprint : "");
}

static void add_connection(void *arg, const struct connection_row *row)
{
	struct grant_times *times = arg;
	buf_add(&times->connections, row->id, ID_TEXT_SIZE);
}

static void read_number(void *arg, const struct job_row *row)
{
	int64_t *number = arg;
	*number = row->number;
}

struct job_look {
	enum job_state state;
	int64_t interval_ms, next_run_at;
};

static void read_job(void *arg, const struct job_row *row)
{
	*(struct job_look *)arg = (struct job_look){ row->state, row->interval_ms, row->next_run_at };
}

/* The row number that spreads a connection's jobs; 0 while it has none. */
static int64_t spread_number(struct core *core, const char *connection_id)
{
	int64_t number = 0;
	struct err ignored;
	(void)store_job_find(core->store, JOB_TOKEN_REFRESH, connection_id, read_number, &number, &ignored);
	return number;
}

static int plan_refresh(struct core *core, const char *connection_id, const struct grant_times *times, struct err *err)
{
	int64_t at = schedule_refresh_at(times->issued_at, times->expires_at, spread_number(core, connection_id));
	core->jobs_moved = true;
	return store_job_put(core->store, JOB_TOKEN_REFRESH, connection_id, at, "expiry", err);
}

int agenda_refreshed(struct core *core, const char *grant_id, struct err *err)
{
	struct grant_times times = { 0 };
	char text[96];
	int status = store_grant_get(core->store, grant_id, read_times, &times, err);
	if (status == 0)
		status = store_connection_of_grant(core->store, grant_id, add_connection, &times, err);
	(void)snprintf(text, sizeof text, "token refreshed: generation %lld, fingerprint %s", (long long)times.generation,
	               times.fingerprint);
	for (size_t at = 0; status == 0 && at < times.connections.len; at += ID_TEXT_SIZE) {
		const char *id = times.connections.data + at;
		status = plan_refresh(core, id, &times, err);
		if (status == 0)
			status = tell(core, id, "refresh", NULL, text, NULL, err);
	}
	buf_free(&times.connections);
	return status;
}

int agenda_synced(struct core *core, const char *connection_id, int64_t added, int64_t changed, int64_t gone, struct err *err)
{
	char text[96], details[96];
	struct job_look job = { .interval_ms = 0 };
	struct err absent;
	core->jobs_moved = true;
	(void)store_job_find(core->store, JOB_CALENDAR_SYNC, connection_id, read_job, &job, &absent);
	int64_t interval = job.interval_ms > 0 ? job.interval_ms : core->schedule.calendar_sync;
	/* One that runs is given its time when it ends. */
	if (job.state != JOB_RUNNING &&
	    store_job_put(core->store, JOB_CALENDAR_SYNC, connection_id, clock_wall(core->clock) + interval, "interval", err) != 0)
		return -1;
	if (added + changed + gone == 0)
		return 0;
	(void)snprintf(text, sizeof text, "calendars: %lld added, %lld changed, %lld gone", (long long)added, (long long)changed,
	               (long long)gone);
	(void)snprintf(details, sizeof details, "{\"added\":%lld,\"changed\":%lld,\"gone\":%lld}", (long long)added,
	               (long long)changed, (long long)gone);
	return tell(core, connection_id, "sync", NULL, text, details, err);
}

static void read_grant_id(void *arg, const struct connection_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->grant_id ? row->grant_id : "");
}

int agenda_connected(struct core *core, const char *connection_id, const char *actor, bool created, struct err *err)
{
	char grant_id[ID_TEXT_SIZE];
	struct grant_times times = { 0 };
	int64_t now = clock_wall(core->clock);
	if (store_connection_get(core->store, connection_id, read_grant_id, grant_id, err) != 0 ||
	    store_grant_get(core->store, grant_id, read_times, &times, err) != 0)
		return -1;
	/* The first put gives the job its number; the second plans by it. */
	if (plan_refresh(core, connection_id, &times, err) != 0 || plan_refresh(core, connection_id, &times, err) != 0)
		return -1;
	int64_t number = spread_number(core, connection_id);
	/* The list is asked for at once, and moves this when it is in; should it not come, it is tried again soon. */
	if (store_job_put(core->store, JOB_CALENDAR_SYNC, connection_id, now + SOON_MS, "consent", err) != 0 ||
	    store_job_put(core->store, JOB_FULL_SYNC, connection_id, schedule_first(now, core->schedule.full_sync, number),
	                  "consent", err) != 0)
		return -1;
	return tell(core, connection_id, "consent", actor ? actor : "browser",
	            created ? "the account was connected" : "the consent was renewed", NULL, err);
}

/* A full sync only if it has failed: otherwise the other one will do. */
static int wake(struct core *core, enum job_kind kind, const char *connection_id, struct err *err)
{
	struct job_look job = { .state = JOB_SCHEDULED };
	int64_t soon = clock_wall(core->clock) + SOON_MS;
	if (store_job_find(core->store, kind, connection_id, read_job, &job, err) != 0)
		return err->code == ERR_NOT_FOUND ? 0 : -1;
	if (job.next_run_at <= soon || (kind == JOB_FULL_SYNC && job.state != JOB_BACKOFF))
		return 0;
	return store_job_put(core->store, kind, connection_id, soon, "consent", err);
}

int agenda_regranted(struct core *core, const char *connection_id, struct err *err)
{
	core->jobs_moved = true;
	for (enum job_kind kind = JOB_TOKEN_REFRESH; kind <= JOB_FULL_SYNC; kind++)
		if (wake(core, kind, connection_id, err) != 0)
			return -1;
	return 0;
}

int agenda_paused(struct core *core, const char *connection_id, const char *actor, int64_t until, const char *reason,
                  struct err *err)
{
	char text[320], when[TIME_TEXT_SIZE];
	if (store_connection_pause(core->store, connection_id, true, until, reason, NULL, err) != 0 ||
	    health_update(core->store, connection_id, err) != 0)
		return -1;
	core->jobs_moved = true;
	time_format(when, until);
	(void)snprintf(text, sizeof text, "paused%s%s%s%s", until > 0 ? " until " : "", until > 0 ? when : "", reason ? ": " : "",
	               reason ? reason : "");
	return tell(core, connection_id, "paused", actor, text, NULL, err);
}

int agenda_resumed(struct core *core, const char *connection_id, const char *actor, struct err *err)
{
	bool changed;
	if (store_connection_pause(core->store, connection_id, false, 0, NULL, &changed, err) != 0 ||
	    health_update(core->store, connection_id, err) != 0)
		return -1;
	core->jobs_moved = true;
	return changed ? tell(core, connection_id, "resumed", actor, actor ? "resumed" : "the pause is over", NULL, err) : 0;
}

int agenda_disconnected(struct core *core, const char *connection_id, struct err *err)
{
	core->jobs_moved = true;
	if (store_job_delete_of_connection(core->store, connection_id, err) != 0)
		return -1;
	return tell(core, connection_id, "disconnected", NULL, "the connection was disconnected; its tokens are gone", NULL, err);
}
