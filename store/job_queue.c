/* The queue as a whole: what is due, how much of it, and lists. The conditions on the state are written as the partial
 * indexes have them, so that each look meets only what it is after. */
#include "store/jobs.h"

#include "store/job_row.h"
#include "store/page.h"
#include "store/tick.h"

#define LATE_MS (INT64_C(15) * 60 * 1000)
#define MAY_BE_DUE "state IN ('scheduled', 'backoff')"

static int read_all(struct store *store, struct stmt *stmt, job_fn *fn, void *arg, struct err *err)
{
	int got;
	struct job_reader reader = { fn, arg };
	while ((got = tick_step(store, stmt, err)) > 0)
		job_read(&reader, stmt);
	return got;
}

int store_job_due(struct store *store, int64_t now, int limit, job_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              JOB_SELECT JOB_FROM " WHERE j." MAY_BE_DUE
	                              " AND j.next_run_at <= :now ORDER BY j.next_run_at, j.number LIMIT :limit",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":limit", limit);
	return read_all(store, stmt, fn, arg, err);
}

int store_job_next(struct store *store, int64_t *at, struct err *err)
{
	struct stmt *stmt =
		tick_stmt(store, "SELECT next_run_at AS n FROM jobs WHERE " MAY_BE_DUE " ORDER BY next_run_at LIMIT 1", err);
	return stmt ? tick_number(store, stmt, at, err) : -1;
}

int store_job_shift(struct store *store, int64_t delta_ms, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "UPDATE jobs SET lease_until = lease_until + :delta WHERE state = 'running'", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":delta", delta_ms);
	if (tick_run(store, stmt, NULL, err) < 0)
		return -1;
	if (delta_ms >= 0)
		return 0;
	stmt = tick_stmt(store,
	                 "UPDATE jobs SET next_run_at = next_run_at + :delta RETURNING id, workspace_id, kind, connection_id", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":delta", delta_ms);
	return job_note_rows(store, stmt, CHANGE_UPDATED, NULL, err);
}

int store_job_overdue(struct store *store, enum job_kind kind, int64_t now, int64_t interval_ms, int limit, job_fn *fn, void *arg,
                      struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              JOB_SELECT JOB_FROM " WHERE j." MAY_BE_DUE
	                              " AND j.next_run_at < :now - :late AND j.next_run_at < :now - "
	                              "CASE j.interval_ms WHEN 0 THEN :interval ELSE j.interval_ms END "
	                              "AND j.state = 'scheduled' AND j.connection_id IS NOT NULL AND j.kind || '' = :kind "
	                              "ORDER BY j.next_run_at, j.number LIMIT :limit",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":kind", job_kind_name(kind));
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":late", LATE_MS);
	stmt_bind_int(stmt, ":interval", interval_ms);
	stmt_bind_int(stmt, ":limit", limit);
	return read_all(store, stmt, fn, arg, err);
}

int store_job_counts(struct store *store, int64_t now, struct job_counts *out, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "SELECT count(*) AS n FROM jobs WHERE state = 'running'", err);
	if (!stmt || tick_number(store, stmt, &out->running, err) < 0)
		return -1;
	stmt = tick_stmt(store,
	                 "SELECT count(*) AS queued, coalesce(sum(CASE WHEN next_run_at < :now - "
	                 "CASE WHEN interval_ms > :late THEN interval_ms ELSE :late END THEN 1 ELSE 0 END), 0) AS late "
	                 "FROM jobs WHERE " MAY_BE_DUE " AND next_run_at <= :now",
	                 err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", now);
	stmt_bind_int(stmt, ":late", LATE_MS);
	if (tick_first(store, stmt, "count", err) < 0)
		return -1;
	out->queued = stmt_int(stmt, "queued");
	out->late = stmt_int(stmt, "late");
	stmt_reset(stmt);
	return 0;
}

int store_job_list(struct store *store, const struct store_page *page, const struct job_filter *filter, job_fn *fn, void *arg,
                   struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 'j',
		.select = JOB_SELECT,
		.from = JOB_FROM,
		.key_column = "j.number",
		.key_name = "number",
		.key = PAGE_KEY_NUMBER,
		.scope_column = "j.workspace_id",
	};
	static const char *const of_state[] = {
		[JOB_SCHEDULED] = " AND j.state = 'scheduled'",
		[JOB_RUNNING] = " AND j.state = 'running'",
		[JOB_BACKOFF] = " AND j.state = 'backoff'",
		[JOB_PAUSED] = " AND j.state = 'paused'",
	};
	struct job_reader reader = { fn, arg };
	struct page_filter terms = { .count = 0 };
	/* An expression keeps the index of the kinds out of it where there is a narrower one. */
	bool narrow = filter->connection_id || filter->workspace_id || filter->state > JOB_SCHEDULED;
	if (filter->kind >= 0)
		page_filter_text(&terms, narrow ? " AND j.kind || '' = :kind" : " AND j.kind = :kind", ":kind",
		                 job_kind_name((enum job_kind)filter->kind));
	page_filter_text(&terms, " AND j.connection_id = :connection", ":connection", filter->connection_id);
	page_filter_text(&terms, " AND j.workspace_id = :workspace", ":workspace", filter->workspace_id);
	if (filter->state >= 0)
		page_filter_number(&terms, of_state[filter->state], NULL, 0);
	return page_run(store, &plan, &terms, page, -1, job_read, &reader, end, err);
}
