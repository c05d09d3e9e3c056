/* Jobs one by one: made and moved, paused and resumed, deleted. What a run does to its job is in runs.c.
 *
 * A paused job has paused = 1; its state says so too unless it is running just now. The times that a connection shows of
 * its jobs are kept by triggers. */
#include "store/jobs.h"

#include "ipc/base/strutil.h"
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

/* What a put meets: the job, or the connection that is to have it. */
struct met {
	bool job, idle, same; /* idle: it does not run; same: a put would change nothing */
	bool paused;
	int64_t number;
	char id[ID_TEXT_SIZE], workspace_id[ID_TEXT_SIZE];
};

#define SELECT_MET "SELECT number, id, workspace_id, state, paused, next_run_at, next_run_why FROM jobs WHERE "

static int find_met(struct store *store, enum job_kind kind, const char *connection_id, int64_t next_run_at,
                    const char *why, struct met *met, struct err *err)
{
	struct stmt *stmt = job_stmt(store, SELECT_MET OF_CONNECTION, SELECT_MET OF_DAEMON, kind, connection_id, err);
	if (!stmt)
		return -1;
	int got = tick_step(store, stmt, err);
	if (got <= 0)
		return got;
	const char *state = stmt_text(stmt, "state");
	const char *workspace_id = stmt_text(stmt, "workspace_id");
	met->job = true;
	met->idle = !str_equal(state, job_state_name(JOB_RUNNING));
	met->same = stmt_int(stmt, "next_run_at") == next_run_at && str_equal(stmt_text(stmt, "next_run_why"), why) &&
	            !str_equal(state, job_state_name(JOB_BACKOFF));
	met->number = stmt_int(stmt, "number");
	(void)str_copy(met->id, sizeof met->id, stmt_text(stmt, "id"));
	(void)str_copy(met->workspace_id, sizeof met->workspace_id, workspace_id ? workspace_id : "");
	stmt_reset(stmt);
	return 0;
}

static int find_home(struct store *store, const char *connection_id, struct met *met, struct err *err)
{
	struct stmt *stmt = tick_stmt(
		store, "SELECT workspace_id, paused_at, disconnected_at FROM connections WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", connection_id);
	if (tick_first(store, stmt, "connection", err) < 0)
		return -1;
	bool disconnected = stmt_int(stmt, "disconnected_at") != 0;
	met->paused = stmt_int(stmt, "paused_at") != 0;
	(void)str_copy(met->workspace_id, sizeof met->workspace_id, stmt_text(stmt, "workspace_id"));
	stmt_reset(stmt);
	return disconnected ? err_set(err, ERR_CONFLICT, "the connection is disconnected: it has no jobs") : 0;
}

static int insert_job(struct store *store, enum job_kind kind, const char *connection_id, int64_t next_run_at,
                      const char *why, struct met *met, struct err *err)
{
	if (connection_id && find_home(store, connection_id, met, err) < 0)
		return -1;
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO jobs (id, kind, connection_id, workspace_id, state, paused, next_run_at, "
	                              "next_run_why) VALUES (:id, :kind, :connection, :workspace, :state, :paused, :next, :why)",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, met->id);
	stmt_bind_text(stmt, ":id", met->id);
	stmt_bind_text(stmt, ":kind", job_kind_name(kind));
	stmt_bind_text(stmt, ":connection", connection_id);
	stmt_bind_text(stmt, ":workspace", connection_id ? met->workspace_id : NULL);
	stmt_bind_text(stmt, ":state", job_state_name(met->paused ? JOB_PAUSED : JOB_SCHEDULED));
	stmt_bind_int(stmt, ":paused", met->paused);
	stmt_bind_int(stmt, ":next", next_run_at);
	stmt_bind_text(stmt, ":why", why);
	if (tick_insert(store, stmt, "this job exists", err) < 0)
		return -1;
	job_note(store, CHANGE_CREATED, met->id, met->workspace_id, kind, connection_id, true);
	return 0;
}

int store_job_put(struct store *store, enum job_kind kind, const char *connection_id, int64_t next_run_at, const char *why,
                  struct err *err)
{
	struct met met = { .job = false };
	if (find_met(store, kind, connection_id, next_run_at, why, &met, err) < 0)
		return -1;
	if (!met.job)
		return insert_job(store, kind, connection_id, next_run_at, why, &met, err);
	if (!met.idle || met.same)
		return 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE jobs SET state = CASE paused WHEN 0 THEN 'scheduled' ELSE 'paused' END, "
	                              "next_run_at = :next, next_run_why = :why WHERE number = :number",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":next", next_run_at);
	stmt_bind_text(stmt, ":why", why);
	stmt_bind_int(stmt, ":number", met.number);
	if (tick_run(store, stmt, NULL, err) < 0)
		return -1;
	job_note(store, CHANGE_UPDATED, met.id, met.workspace_id, kind, connection_id, true);
	return 0;
}

int store_job_delete_of_connection(struct store *store, const char *connection_id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE runs SET state = 'interrupted', code = 'interrupted', ended_at = :now WHERE id IN "
	                              "(SELECT run_id FROM jobs WHERE connection_id = :connection AND state = 'running')",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":connection", connection_id);
	if (tick_run(store, stmt, NULL, err) < 0)
		return -1;
	stmt = tick_stmt(store, "DELETE FROM jobs WHERE connection_id = :connection" RETURNING_JOB, err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":connection", connection_id);
	return job_note_rows(store, stmt, CHANGE_DELETED, NULL, err);
}

static const char pause_sql[] =
	"UPDATE jobs SET paused = 1, state = CASE state WHEN 'running' THEN 'running' ELSE 'paused' END "
	"WHERE connection_id = :connection AND paused = 0" RETURNING_JOB;
/* What is past due would look late: it is due now. */
static const char resume_sql[] =
	"UPDATE jobs SET paused = 0, state = CASE state WHEN 'running' THEN 'running' ELSE 'scheduled' END, "
	"next_run_why = CASE WHEN state <> 'running' AND next_run_at < :now THEN 'recovery' ELSE next_run_why END, "
	"next_run_at = CASE WHEN state <> 'running' AND next_run_at < :now THEN :now ELSE next_run_at END "
	"WHERE connection_id = :connection AND paused = 1" RETURNING_JOB;

int store_job_pause_connection(struct store *store, const char *connection_id, bool paused, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, paused ? pause_sql : resume_sql, err);
	if (!stmt)
		return -1;
	if (!paused)
		stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":connection", connection_id);
	return job_note_rows(store, stmt, CHANGE_UPDATED, NULL, err);
}

int store_job_set_interval(struct store *store, const char *id, int64_t interval_ms, struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE jobs SET interval_ms = :interval WHERE id = :id AND interval_ms <> :interval "
	                              "RETURNING id, workspace_id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":interval", interval_ms);
	stmt_bind_text(stmt, ":id", id);
	if (note_rows(store, stmt, TOPIC_JOB, CHANGE_UPDATED, &changed, err) < 0)
		return -1;
	return changed > 0 ? 0 : store_job_get(store, id, NULL, NULL, err);
}
