/* job.*: what runs by itself. A job is told by its kind and its connection; without one it is that of the whole daemon. */
#include "ipc/method_rows.h"

#define JOB_KINDS "token_refresh|calendar_sync|full_sync|cleanup"
#define PARAM_ROW_KIND(required_, help_) \
	{ .name = "kind", .type = PARAM_ENUM, .required = required_, .positional = required_, .choices = JOB_KINDS, .help = help_ }
#define PARAM_ROW_OF_CONNECTION \
	{ .name = "connection", .type = PARAM_ID, .positional = true, .help = "of this connection; absent: of the whole daemon" }

static const struct param list_params[] = {
	PARAM_ROW_IN_WORKSPACE,
	PARAM_ROW_KIND(false, "only of this kind"),
	{ .name = "connection", .type = PARAM_ID, .help = "only of this connection" },
	{ .name = "state", .type = PARAM_ENUM, .choices = "scheduled|running|backoff|paused", .help = "only in this state" },
	PARAM_ROW_LIMIT,
	PARAM_ROW_CURSOR,
};
const struct method method_job_list = {
	.name = "job.list",
	.summary = "Jobs with their next run, why then, and their last result",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(list_params),
	.result = "job_list",
	.verb = "jobs",
	.errors = "not_found",
};

static const struct param run_params[] = {
	PARAM_ROW_KIND(true, "what to run"),
	PARAM_ROW_OF_CONNECTION,
	PARAM_ROW_DRY_RUN,
	PARAM_ROW_REASON,
};
const struct method method_job_run = {
	.name = "job.run",
	.summary = "Start a job now, in the background",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_JOB,
	.mutates = true,
	METHOD_PARAMS(run_params),
	.result = "job_run",
	.verb = "job-run",
	.errors = "not_found conflict sealed",
};

static const struct param history_params[] = {
	PARAM_ROW_KIND(false, "only of this kind"),
	{ .name = "connection", .type = PARAM_ID, .positional = true, .help = "only of this connection" },
	PARAM_ROW_LIMIT,
	PARAM_ROW_CURSOR,
};
const struct method method_job_history = {
	.name = "job.history",
	.summary = "Runs of jobs, newest first",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(history_params),
	.result = "run_list",
	.verb = "job-history",
	.errors = "not_found",
};

static const struct param schedule_params[] = {
	PARAM_ROW_KIND(true, "what to schedule"),
	{ .name = "interval_seconds", .type = PARAM_INT, .required = true, .positional = true, .min = 0, .max = 2678400,
	  .help = "between two runs, at least 60; 0 goes back to what is configured" },
	PARAM_ROW_OF_CONNECTION,
	PARAM_ROW_REASON,
};
const struct method method_job_schedule = {
	.name = "job.schedule",
	.summary = "Set the interval of a job",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_JOB,
	.mutates = true,
	METHOD_PARAMS(schedule_params),
	.result = "job",
	.verb = "schedule",
	.errors = "not_found conflict",
};

static const struct param pause_params[] = {
	{ .name = "until", .type = PARAM_TIME, .positional = true, .help = "when it goes on by itself; absent: when somebody resumes it" },
	PARAM_ROW_REASON,
};
const struct method method_job_pause = {
	.name = "job.pause",
	.summary = "Start no job any more until resumed; what runs goes on",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_GLOBAL,
	.mutates = true,
	METHOD_PARAMS(pause_params),
	.result = "scheduler",
	.verb = "jobs-pause",
};

static const struct param resume_params[] = { PARAM_ROW_REASON };
const struct method method_job_resume = {
	.name = "job.resume",
	.summary = "Start jobs again after job.pause",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_GLOBAL,
	.mutates = true,
	METHOD_PARAMS(resume_params),
	.result = "scheduler",
	.verb = "jobs-resume",
};
