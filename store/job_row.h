/* Inside the store: the columns of a job with the grant of its connection, and how they are read. */
#ifndef STORE_JOB_ROW_H
#define STORE_JOB_ROW_H

#include "store/changes.h"
#include "store/jobs.h"
#include "store/stmt.h"

#define JOB_SELECT                                                                                                    \
	"SELECT j.number AS number, j.id AS id, j.kind AS kind, j.connection_id AS connection_id, "                   \
	"j.workspace_id AS workspace_id, j.state AS state, j.interval_ms AS interval_ms, j.next_run_at AS next_run_at, " \
	"j.next_run_why AS next_run_why, j.attempts AS attempts, j.last_result AS last_result, "                      \
	"j.last_run_at AS last_run_at, j.last_duration_ms AS last_duration_ms, c.grant_id AS grant_id"
#define JOB_FROM " FROM jobs j LEFT JOIN connections c ON c.id = j.connection_id"

struct job_reader {
	job_fn *fn;
	void *arg;
};
/* Read the job that the statement is on and hand it to the reader (a page_row_fn). */
void job_read(void *reader, struct stmt *stmt);

/* A job changed, and with it (moved: its time did) what its connection shows. */
void job_note(struct store *store, enum change change, const char *id, const char *workspace_id, enum job_kind kind,
              const char *connection_id, bool moved);
/* Run what ends in RETURNING id, workspace_id, kind, connection_id, as note_rows does; all of them moved. */
int job_note_rows(struct store *store, struct stmt *stmt, enum change change, int64_t *changed, struct err *err);

#endif
