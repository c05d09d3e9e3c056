/* Jobs as rows: their names, and what the feed hears of them. */
#include "store/job_row.h"

#include "store/note.h"

#include <string.h>

static const char *const kinds[JOB_KIND_COUNT] = {
	[JOB_TOKEN_REFRESH] = "token_refresh",
	[JOB_CALENDAR_SYNC] = "calendar_sync",
	[JOB_FULL_SYNC] = "full_sync",
	[JOB_CLEANUP] = "cleanup",
};

#define STATES_COUNT 4
static const char *const states[STATES_COUNT] = {
	[JOB_SCHEDULED] = "scheduled",
	[JOB_RUNNING] = "running",
	[JOB_BACKOFF] = "backoff",
	[JOB_PAUSED] = "paused",
};

const char *job_kind_name(enum job_kind kind)
{
	return kinds[kind];
}

bool job_kind_parse(const char *name, enum job_kind *out)
{
	for (int i = 0; i < JOB_KIND_COUNT; i++) {
		if (strcmp(kinds[i], name) == 0) {
			*out = (enum job_kind)i;
			return true;
		}
	}
	return false;
}

const char *job_state_name(enum job_state state)
{
	return states[state];
}

static enum job_state state_parse(const char *name)
{
	for (int i = 0; i < STATES_COUNT; i++)
		if (strcmp(states[i], name) == 0)
			return (enum job_state)i;
	return JOB_SCHEDULED; /* the schema lets no other name in */
}

void job_read(void *reader, struct stmt *stmt)
{
	const struct job_reader *to = reader;
	struct job_row row = {
		.number = stmt_int(stmt, "number"),
		.id = stmt_text(stmt, "id"),
		.connection_id = stmt_text(stmt, "connection_id"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.state = state_parse(stmt_text(stmt, "state")),
		.interval_ms = stmt_int(stmt, "interval_ms"),
		.next_run_at = stmt_int(stmt, "next_run_at"),
		.next_run_why = stmt_text(stmt, "next_run_why"),
		.attempts = stmt_int(stmt, "attempts"),
		.last_result = stmt_text(stmt, "last_result"),
		.last_run_at = stmt_int(stmt, "last_run_at"),
		.last_duration_ms = stmt_int(stmt, "last_duration_ms"),
		.grant_id = stmt_text(stmt, "grant_id"),
	};
	(void)job_kind_parse(stmt_text(stmt, "kind"), &row.kind); /* likewise */
	if (to->fn)
		to->fn(to->arg, &row);
}

void job_note(struct store *store, enum change change, const char *id, const char *workspace_id, enum job_kind kind,
              const char *connection_id, bool moved)
{
	note_change(store, TOPIC_JOB, change, id, workspace_id);
	if (moved && connection_id && (kind == JOB_TOKEN_REFRESH || kind == JOB_CALENDAR_SYNC))
		note_change(store, TOPIC_CONNECTION, CHANGE_UPDATED, connection_id, workspace_id);
}

int job_note_rows(struct store *store, struct stmt *stmt, enum change change, int64_t *changed, struct err *err)
{
	int got;
	int64_t rows = 0;
	while ((got = tick_step(store, stmt, err)) > 0) {
		enum job_kind kind = JOB_CLEANUP;
		(void)job_kind_parse(stmt_text(stmt, "kind"), &kind);
		job_note(store, change, stmt_text(stmt, "id"), stmt_text(stmt, "workspace_id"), kind,
		         stmt_text(stmt, "connection_id"), true);
		rows++;
	}
	if (changed)
		*changed = rows;
	return got;
}
