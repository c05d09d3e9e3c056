/* Jobs one by one: made and moved, paused and resumed, deleted. What a run does to its job is in runs.c.
 *
 * A paused job has paused = 1; its state says so too unless it is running just now. The times that a connection shows of
 * its jobs are kept by triggers. */
#include "store/jobs.h"

#include "store/job_row.h"
#include "store/note.h"

#define RETURNING_JOB " RETURNING id, workspace_id, kind, connection_id"

static int read_one(struct store *store, struct stmt *stmt, job_fn *fn, void *arg, struct err *err)
{
	struct job_reader reader = { fn, arg };
	if (tick_first(store, stmt, "job", err) < 0)
		return -1;
	job_read(&reader, stmt);
	stmt_reset(stmt);
	return 0;
}

int store_job_get(struct store *store, const char *id, job_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, JOB_SELECT JOB_FROM " WHERE j.id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return read_one(store, stmt, fn, arg, err);
}

#define OF_CONNECTION "connection_id = :connection AND kind = :kind"
#define OF_DAEMON "connection_id IS NULL AND kind = :kind"

/* Both texts name a job by its kind; `of_connection` also by its connection, which is NULL for the other. */
static struct stmt *job_stmt(struct store *store, const char *of_connection, const char *of_daemon, enum job_kind kind,
                             const char *connection_id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, connection_id ? of_connection : of_daemon, err);
	if (!stmt)
		return NULL;
	stmt_bind_text(stmt, ":kind", job_kind_name(kind));
	if (connection_id)
		stmt_bind_text(stmt, ":connection", connection_id);
	return stmt;
}

int store_job_find(struct store *store, enum job_kind kind, const char *connection_id, job_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = job_stmt(store, JOB_SELECT JOB_FROM " WHERE j." OF_CONNECTION,
	                             JOB_SELECT JOB_FROM " WHERE j." OF_DAEMON, kind, connection_id, err);
	return stmt ? read_one(store, stmt, fn, arg, err) : -1;
}

/* What a put meets. */
struct met {
	bool there, same, paused;
	int64_t number;
	char id[ID_TEXT_SIZE], workspace_id[ID_TEXT_SIZE];
};
