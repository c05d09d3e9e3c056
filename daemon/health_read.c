/* Reading the record. */
#include "daemon/health_read.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"
#include "store/jobs.h"

#include <stdlib.h>

static const char *keep_text(struct health_facts *facts, const char *text)
{
	if (!text || text[0] == '\0')
		return NULL;
	return facts->texts[facts->text_count++] = mem_strdup(text);
}

static void take_reason(void *arg, const struct sync_error_row *row)
{
	struct health_facts *facts = arg;
	const struct reason_row *reason = reason_row_by_code(row->code);
	if (!reason || facts->record.reason_count == HEALTH_REASONS_MAX)
		return;
	facts->reasons[facts->record.reason_count++] = (struct health_reason){
		.reason = reason->reason,
		.essential = str_equal(row->operation, "calendar_list"),
		.count = row->count,
		.first_at = row->first_at,
		.last_at = row->last_at,
		.operation = keep_text(facts, row->operation),
		.message = keep_text(facts, row->message),
		.provider_reason = keep_text(facts, row->provider_reason),
		.provider_status = row->provider_status,
	};
}

int health_read(struct store *store, const struct connection_row *row, struct health_facts *out, struct err *err)
{
	out->record = (struct health_record){
		.disconnected = row->disconnected_at != 0,
		.paused = row->paused_at != 0,
		.grant_live = row->token_present,
		.synced = row->last_sync != 0,
		.reasons = out->reasons,
		.since = row->since,
		.next = out->next,
	};
	return row->sync_errors > 0 ? store_sync_error_of(store, row->id, true, take_reason, out, err) : 0;
}

static void add_next(struct health_facts *facts, const char *what, int64_t at, const char *why)
{
	if (facts->record.next_count < HEALTH_NEXT_MAX)
		facts->next[facts->record.next_count++] = (struct health_next){ what, at, why };
}

static void take_job(void *arg, const struct job_row *row)
{
	struct health_facts *facts = arg;
	add_next(facts, job_kind_name(row->kind), row->next_run_at, keep_text(facts, row->next_run_why));
}

int health_read_next(struct store *store, const struct connection_row *row, int64_t trash_ms, struct health_facts *out,
                     struct err *err)
{
	static const enum job_kind kinds[] = { JOB_TOKEN_REFRESH, JOB_CALENDAR_SYNC };
	if (row->disconnected_at != 0) {
		add_next(out, "purge", trash_ms > 0 ? row->disconnected_at + trash_ms : 0, "trash");
		return 0;
	}
	if (row->paused_at != 0) {
		add_next(out, "resume", row->paused_until, "pause");
		return 0;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (store_job_find(store, kinds[i], row->id, take_job, out, err) != 0 && err->code != ERR_NOT_FOUND)
			return -1;
	return 0;
}

void health_facts_clear(struct health_facts *facts)
{
	while (facts->text_count > 0)
		free(facts->texts[--facts->text_count]);
}
