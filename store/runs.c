/* Runs: a job begins, ends, or is found cut off; the job and its row of the ledger change together. A running job knows its
 * run: whoever comes with another one is too late. */
#include "store/jobs.h"

#include "ipc/base/strutil.h"
#include "store/job_row.h"
#include "store/note.h"
#include "store/page.h"

/* The job of a run that begins or ends. */
struct owner {
	enum job_kind kind;
	bool running, paused;
	int64_t number, next_run_at;
	char connection_id[ID_TEXT_SIZE], workspace_id[ID_TEXT_SIZE], run_id[ID_TEXT_SIZE]; /* "": NULL */
};

static void take_text(char out[ID_TEXT_SIZE], const char *text)
{
	(void)str_copy(out, ID_TEXT_SIZE, text ? text : "");
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static int find_owner(struct store *store, const char *id, struct owner *owner, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "SELECT number, kind, connection_id, workspace_id, state, paused, next_run_at, run_id "
	                              "FROM jobs WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	if (tick_first(store, stmt, "job", err) < 0)
		return -1;
	*owner = (struct owner){
		.number = stmt_int(stmt, "number"),
		.running = str_equal(stmt_text(stmt, "state"), job_state_name(JOB_RUNNING)),
		.paused = stmt_int(stmt, "paused") != 0,
		.next_run_at = stmt_int(stmt, "next_run_at"),
	};
	(void)job_kind_parse(stmt_text(stmt, "kind"), &owner->kind); /* the schema lets no other name in */
	take_text(owner->connection_id, stmt_text(stmt, "connection_id"));
	take_text(owner->workspace_id, stmt_text(stmt, "workspace_id"));
	take_text(owner->run_id, stmt_text(stmt, "run_id"));
	stmt_reset(stmt);
	return 0;
}

static int insert_run(struct store *store, const char *job_id, const struct owner *owner, const char *cause, int64_t now,
                      char run_id[ID_TEXT_SIZE], struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO runs (id, job_id, kind, connection_id, workspace_id, state, cause, started_at) "
	                              "VALUES (:id, :job, :kind, :connection, :workspace, 'running', :cause, :now)",
	                              err);
	if (!stmt)
		return -1;
	store_new_id(store, run_id);
	stmt_bind_text(stmt, ":id", run_id);
	stmt_bind_text(stmt, ":job", job_id);
	stmt_bind_text(stmt, ":kind", job_kind_name(owner->kind));
	stmt_bind_text(stmt, ":connection", or_null(owner->connection_id));
	stmt_bind_text(stmt, ":workspace", or_null(owner->workspace_id));
	stmt_bind_text(stmt, ":cause", cause);
	stmt_bind_int(stmt, ":now", now);
	return tick_insert(store, stmt, "this run exists", err);
}

int store_job_start(struct store *store, const char *id, int64_t lease_until, const char *cause, char run_id[ID_TEXT_SIZE],
                    struct err *err)
{
	struct owner owner;
	int64_t now = store_now(store);
	if (find_owner(store, id, &owner, err) < 0)
		return -1;
	if (owner.running)
		return err_set(err, ERR_CONFLICT, "the job is running already");
	if (insert_run(store, id, &owner, cause, now, run_id, err) < 0)
		return -1;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE jobs SET state = 'running', run_id = :run, lease_until = :lease, last_run_at = :now "
	                              "WHERE number = :number",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":run", run_id);
	stmt_bind_int(stmt, ":lease", lease_until);
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":number", owner.number);
	if (tick_run(store, stmt, NULL, err) < 0)
		return -1;
	job_note(store, CHANGE_UPDATED, id, owner.workspace_id, owner.kind, owner.connection_id, false);
	return 0;
}

static const char *result_word(const struct job_result *result)
{
	if (result->ok)
		return "ok";
	return result->code ? result->code : "failed";
}

static int finish_run(struct store *store, const char *run_id, const struct job_result *result, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE runs SET state = :state, code = :code, counts = :counts, ended_at = :now WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":state", result->ok ? "ok" : "failed");
	stmt_bind_text(stmt, ":code", result->ok ? NULL : result->code);
	stmt_bind_text(stmt, ":counts", result->counts);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", run_id);
	return tick_update(store, stmt, "run", err);
}

int store_job_finish(struct store *store, const char *id, const char *run_id, const struct job_result *result, struct err *err)
{
	struct owner owner;
	if (find_owner(store, id, &owner, err) < 0)
		return -1;
	if (!owner.running || !str_equal(owner.run_id, run_id))
		return err_set(err, ERR_CONFLICT, "the run is over: it was taken for lost");
	if (finish_run(store, run_id, result, err) < 0)
		return -1;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE jobs SET state = :state, attempts = CASE :backoff WHEN 0 THEN 0 ELSE attempts + 1 END, "
	                              "next_run_at = :next, next_run_why = :why, last_result = :result, "
	                              "last_duration_ms = :duration, lease_until = 0, run_id = NULL WHERE number = :number",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":state",
	               job_state_name(owner.paused ? JOB_PAUSED : result->backoff ? JOB_BACKOFF : JOB_SCHEDULED));
	stmt_bind_int(stmt, ":backoff", result->backoff);
	stmt_bind_int(stmt, ":next", result->next_run_at);
	stmt_bind_text(stmt, ":why", result->next_run_why);
	stmt_bind_text(stmt, ":result", result_word(result));
	stmt_bind_int(stmt, ":duration", result->duration_ms);
	stmt_bind_int(stmt, ":number", owner.number);
	if (tick_run(store, stmt, NULL, err) < 0)
		return -1;
	job_note(store, CHANGE_UPDATED, id, owner.workspace_id, owner.kind, or_null(owner.connection_id),
	         !owner.paused && owner.next_run_at != result->next_run_at);
	return 0;
}

/* Give up what runs with a lease up to `lease`. */
static int interrupt(struct store *store, int64_t lease, int64_t now, int64_t *count, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE runs SET state = 'interrupted', code = 'interrupted', ended_at = :now WHERE id IN "
	                              "(SELECT run_id FROM jobs WHERE state = 'running' AND lease_until <= :lease)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":lease", lease);
	if (tick_run(store, stmt, NULL, err) < 0)
		return -1;
	stmt = tick_stmt(store,
	                 "UPDATE jobs SET state = CASE paused WHEN 0 THEN 'scheduled' ELSE 'paused' END, next_run_at = :now, "
	                 "next_run_why = 'interrupted', last_result = 'interrupted', lease_until = 0, run_id = NULL "
	                 "WHERE state = 'running' AND lease_until <= :lease RETURNING id, workspace_id, kind, connection_id",
	                 err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":lease", lease);
	return job_note_rows(store, stmt, CHANGE_UPDATED, count, err);
}

int store_job_interrupt(struct store *store, int64_t now, int64_t *count, struct err *err)
{
	return interrupt(store, INT64_MAX, now, count, err);
}

int store_job_expire_leases(struct store *store, int64_t now, int64_t *count, struct err *err)
{
	return interrupt(store, now, now, count, err);
}

struct run_reader {
	run_fn *fn;
	void *arg;
};

static void read_run(void *arg, struct stmt *stmt)
{
	const struct run_reader *reader = arg;
	struct run_row row = {
		.id = stmt_text(stmt, "id"),
		.job_id = stmt_text(stmt, "job_id"),
		.connection_id = stmt_text(stmt, "connection_id"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.state = stmt_text(stmt, "state"),
		.cause = stmt_text(stmt, "cause"),
		.code = stmt_text(stmt, "code"),
		.counts = stmt_text(stmt, "counts"),
		.started_at = stmt_int(stmt, "started_at"),
		.ended_at = stmt_int(stmt, "ended_at"),
	};
	(void)job_kind_parse(stmt_text(stmt, "kind"), &row.kind);
	reader->fn(reader->arg, &row);
}

int store_run_list(struct store *store, const struct store_page *page, int kind, const char *connection_id, run_fn *fn,
                   void *arg, struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 'r',
		.select = "SELECT number, id, job_id, kind, connection_id, workspace_id, state, cause, code, counts, started_at, "
		          "ended_at",
		.from = " FROM runs",
		.key_column = "number",
		.key_name = "number",
		.key = PAGE_KEY_NUMBER,
		.descending = true,
		.scope_column = "workspace_id",
	};
	struct run_reader reader = { fn, arg };
	struct page_filter filter = { .count = 0 };
	/* An expression keeps the index of the kinds out of it: that of the connection is the narrower one. */
	if (kind >= 0)
		page_filter_text(&filter, connection_id ? " AND kind || '' = :kind" : " AND kind = :kind", ":kind",
		                 job_kind_name((enum job_kind)kind));
	page_filter_text(&filter, " AND connection_id = :connection", ":connection", connection_id);
	return page_run(store, &plan, &filter, page, -1, read_run, &reader, end, err);
}

int store_run_last(struct store *store, int64_t *started_at, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "SELECT started_at AS n FROM runs ORDER BY number DESC LIMIT 1", err);
	return stmt ? tick_number(store, stmt, started_at, err) : -1;
}

int store_run_delete_before(struct store *store, int64_t before, int limit, int64_t *deleted, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "DELETE FROM runs WHERE number IN (SELECT number FROM runs WHERE started_at < :before "
	                              "AND state <> 'running' ORDER BY started_at LIMIT :limit)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":before", before);
	stmt_bind_int(stmt, ":limit", limit);
	return tick_run(store, stmt, deleted, err);
}
