/* job.*: what runs by itself, and starting it by hand. */
#include "daemon/jobs/cleanup.h"
#include "daemon/jobs/scheduler.h"
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/paging.h"
#include "ipc/base/mem.h"
#include "ipc/params.h"

#include <stdlib.h>

enum { INTERVAL_LEAST_S = 60 };

struct row_writer {
	struct writer *w;
	const struct scheduler *scheduler;
};

static void write_job(void *arg, const struct job_row *row)
{
	const struct row_writer *to = arg;
	job_write(to->w, row, scheduler_interval(to->scheduler, row->kind, row->interval_ms));
}

static void write_run(void *arg, const struct run_row *row)
{
	run_write(arg, row);
}

/* -1: any. */
static int parse_kind(const struct rpc_call *call)
{
	enum job_kind kind;
	const char *name = params_text(call->params, "kind");
	return name && job_kind_parse(name, &kind) ? (int)kind : -1;
}

static int parse_state(const struct rpc_call *call)
{
	const char *name = params_text(call->params, "state");
	for (int state = JOB_SCHEDULED; name && state <= JOB_PAUSED; state++)
		if (strcmp(name, job_state_name((enum job_state)state)) == 0)
			return state;
	return -1;
}

static struct rpc_answer list(struct rpc_call *call)
{
	const struct job_filter filter = {
		.kind = parse_kind(call),
		.connection_id = params_text(call->params, "connection"),
		.workspace_id = call->workspace_id[0] ? call->workspace_id : NULL,
		.state = parse_state(call),
	};
	struct paging paging;
	paging_begin(&paging, call);
	struct row_writer to = { paging.w, call->app->scheduler };
	return paging_end(&paging, store_job_list(call->app->core.store, &paging.page, &filter, write_job, &to, &paging.end,
	                                          &paging.err));
}

static struct rpc_answer history(struct rpc_call *call)
{
	struct paging paging;
	paging_begin(&paging, call);
	return paging_end(&paging, store_run_list(call->app->core.store, &paging.page, parse_kind(call),
	                                          params_text(call->params, "connection"), write_run, paging.w, &paging.end,
	                                          &paging.err));
}

/* ---- One job ---- */

/* Which kinds a connection has, and which the daemon itself. */
static int check_target(enum job_kind kind, const char *connection_id, struct err *err)
{
	if (kind == JOB_CLEANUP && connection_id)
		return err_field(err, "connection", "connection: cleanup is of the whole daemon");
	if ((kind == JOB_CALENDAR_SYNC || kind == JOB_FULL_SYNC) && !connection_id)
		return err_field(err, "connection", "connection: is required for %s", job_kind_name(kind));
	return 0;
}

static struct rpc_answer answer_effects(struct rpc_call *call, enum job_kind kind, const char *connection_id)
{
	struct cleanup_counts counts = { .connections = connection_id != NULL };
	struct err err;
	if (kind == JOB_CLEANUP && cleanup_preview(&call->app->core, &counts, &err))
		return rpc_fail(call, &err);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "dry_run", true);
	writer_key(w, "effects");
	writer_object(w);
	writer_put_int(w, "connections", counts.connections);
	writer_key(w, "ids");
	writer_array(w);
	if (connection_id)
		writer_text(w, connection_id);
	for (int i = 0; i < counts.samples; i++)
		writer_text(w, counts.sample[i]);
	writer_end(w);
	writer_end(w);
	writer_end(w);
	return rpc_done(call);
}

static struct rpc_answer run(struct rpc_call *call)
{
	enum job_kind kind = (enum job_kind)parse_kind(call);
	const char *connection_id = params_text(call->params, "connection");
	char run_id[ID_TEXT_SIZE];
	struct err err;
	if (check_target(kind, connection_id, &err))
		return rpc_fail(call, &err);
	if (call->dry_run)
		return answer_effects(call, kind, connection_id);
	if (scheduler_run_now(call->app->scheduler, kind, connection_id, run_id, &err))
		return rpc_fail_absent(call, "job", &err);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_text(w, "run_id", run_id);
	writer_end(w);
	return rpc_done(call);
}

static struct rpc_answer schedule(struct rpc_call *call)
{
	struct app *app = call->app;
	enum job_kind kind = (enum job_kind)parse_kind(call);
	const char *connection_id = params_text(call->params, "connection");
	int64_t seconds = params_int(call->params, "interval_seconds", 0);
	struct row_writer to = { .scheduler = app->scheduler };
	struct err err;
	if (check_target(kind, connection_id, &err))
		return rpc_fail(call, &err);
	if (seconds > 0 && seconds < INTERVAL_LEAST_S) {
		(void)err_field(&err, "interval_seconds", "interval_seconds: expected 0 or at least %d", INTERVAL_LEAST_S);
		return rpc_fail(call, &err);
	}
	if (scheduler_set_interval(app->scheduler, kind, connection_id, seconds * 1000, &err))
		return rpc_fail_absent(call, "job", &err);
	to.w = rpc_result(call);
	if (store_job_find(app->core.store, kind, connection_id, write_job, &to, &err))
		return rpc_fail_absent(call, "job", &err);
	return rpc_done(call);
}

/* ---- The whole scheduler ---- */

/* What was asked for happens when its audit row is committed. */
struct turning {
	struct scheduler *scheduler;
	bool paused;
	int64_t until;
};

static void turn(void *arg, const struct err *failed)
{
	struct turning *turning = arg;
	if (!failed && turning->paused)
		scheduler_pause(turning->scheduler, turning->until);
	else if (!failed)
		scheduler_resume(turning->scheduler);
	free(turning);
}

static struct rpc_answer turn_scheduler(struct rpc_call *call, bool paused, int64_t until)
{
	struct turning *turning = mem_alloc(sizeof *turning);
	*turning = (struct turning){ .scheduler = call->app->scheduler, .paused = paused, .until = until };
	store_after_commit(call->app->core.store, turn, turning);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "paused", paused);
	writer_put_time(w, "until", until);
	writer_end(w);
	return rpc_done(call);
}

static struct rpc_answer pause(struct rpc_call *call)
{
	int64_t until;
	struct err err;
	if (rpc_future(call, "until", &until, &err))
		return rpc_fail(call, &err);
	return turn_scheduler(call, true, until);
}

static struct rpc_answer resume(struct rpc_call *call)
{
	return turn_scheduler(call, false, 0);
}

static const struct rpc_handler rows[] = {
	{ "job.history", history }, { "job.list", list },     { "job.pause", pause },
	{ "job.resume", resume },   { "job.run", run },       { "job.schedule", schedule },
};
const struct rpc_handlers rpc_job = RPC_HANDLERS(rows);
