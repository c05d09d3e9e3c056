/* Writing health, and telling the timeline of it. */
#include "daemon/health.h"

#include "daemon/health_read.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "ipc/writer.h"
#include "store/connections.h"
#include "store/jobs.h"
#include "store/timeline.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONNECTIONS_OF_GRANT_STEP = 16 };

/* One look at a connection and what comes of it. */
struct update {
	struct store *store;
	const char *id;
	enum connection_state before;
	struct health_facts facts;
	int status; /* of reading */
	struct err *err;
};

static void read_connection(void *arg, const struct connection_row *row)
{
	struct update *update = arg;
	update->before = row->state;
	update->status = health_read(update->store, row, &update->facts, update->err);
}

static int update_begin(struct update *update, struct store *store, const char *connection_id, struct err *err)
{
	*update = (struct update){ .store = store, .id = connection_id, .err = err };
	int status = store_connection_get(store, connection_id, read_connection, update, err);
	return status == 0 ? update->status : status;
}

/* ---- The timeline ---- */

static int tell(struct update *update, const char *kind, const char *text, const char *details)
{
	const struct timeline_row row = { .connection_id = update->id, .kind = kind, .text = text, .details = details };
	return store_timeline_append(update->store, &row, update->err);
}

/* A reason that came or went. */
static int tell_reason(struct update *update, const char *kind, const struct health_reason *reason)
{
	const struct reason_row *known = reason_row(reason->reason);
	struct buf details = { 0 }, text = { 0 };
	struct writer w;
	writer_init(&w, &details);
	writer_object(&w);
	writer_put_text(&w, "code", known->code);
	writer_put_text(&w, "operation", reason->operation);
	writer_put_int(&w, "count", reason->count);
	if (reason->provider_status || reason->provider_reason) {
		writer_put_int(&w, "status", reason->provider_status);
		writer_put_text(&w, "reason", reason->provider_reason);
	}
	writer_end(&w);
	if (str_equal(kind, "error"))
		buf_add_text(&text, reason->message ? reason->message : known->message);
	else
		buf_printf(&text, "%s is over, after %lld time%s", known->code, (long long)reason->count, reason->count == 1 ? "" : "s");
	int status = tell(update, kind, buf_text(&text), buf_text(&details));
	buf_free(&details);
	buf_free(&text);
	return status;
}

/* Being paused and disconnected are told by who does it. */
static int tell_state(struct update *update, enum connection_state state)
{
	char text[64];
	struct buf details = { 0 };
	struct writer w;
	if (state == STATE_PAUSED || state == STATE_DISCONNECTED)
		return 0;
	writer_init(&w, &details);
	writer_object(&w);
	writer_put_text(&w, "from", connection_state_name(update->before));
	writer_put_text(&w, "to", connection_state_name(state));
	writer_end(&w);
	(void)snprintf(text, sizeof text, "%s, was %s", connection_state_name(state), connection_state_name(update->before));
	int status = tell(update, "state", text, buf_text(&details));
	buf_free(&details);
	return status;
}

/* ---- Updating ---- */

/* The jobs that an operation does the work of. */
static const struct {
	const char *operation;
	enum job_kind kind;
} work[] = {
	{ "token", JOB_TOKEN_REFRESH },
	{ "calendar_list", JOB_CALENDAR_SYNC },
	{ "calendar_list", JOB_FULL_SYNC },
};

static void take_time(void *arg, const struct job_row *row)
{
	int64_t *next_run_at = arg;
	*next_run_at = row->next_run_at;
}

/* Overdue, and now its next run lies ahead again, or it has none. */
static int is_caught_up(struct update *update, const struct health_reason *reason, bool *over)
{
	enum job_kind kind;
	int64_t next_run_at = INT64_MAX;
	if (reason->reason != REASON_OVERDUE || !job_kind_parse(reason->operation ? reason->operation : "", &kind))
		return 0;
	if (store_job_find(update->store, kind, update->id, take_time, &next_run_at, update->err) != 0 &&
	    update->err->code != ERR_NOT_FOUND)
		return -1;
	*over = next_run_at > store_now(update->store);
	return 0;
}

/* The operation that worked (NULL: none) ends it. */
static bool is_mended(const struct health_reason *reason, const char *operation)
{
	const char *met = reason->operation ? reason->operation : "";
	if (!operation)
		return false;
	if (str_equal(met, operation))
		return true;
	for (size_t i = 0; reason->reason == REASON_OVERDUE && i < sizeof work / sizeof work[0]; i++)
		if (str_equal(work[i].operation, operation) && str_equal(job_kind_name(work[i].kind), met))
			return true;
	return false;
}

/* Resolve what is over, and forget it. */
static int end_reasons(struct update *update, const char *operation)
{
	struct health_record *record = &update->facts.record;
	for (size_t i = 0; i < record->reason_count;) {
		const struct health_reason *reason = &update->facts.reasons[i];
		bool over = is_mended(reason, operation);
		if (!over && is_caught_up(update, reason, &over) != 0)
			return -1;
		if (!over) {
			i++;
			continue;
		}
		if (store_sync_error_resolve(update->store, update->id, reason_row(reason->reason)->code,
		                             reason->operation ? reason->operation : "", update->err) != 0 ||
		    tell_reason(update, "mended", reason) != 0)
			return -1;
		update->facts.reasons[i] = update->facts.reasons[--record->reason_count];
	}
	return 0;
}

static int write_state(struct update *update)
{
	bool changed;
	enum connection_state state = health_state(&update->facts.record);
	if (state == update->before)
		return 0;
	if (store_connection_set_state(update->store, update->id, state, &changed, update->err) != 0)
		return -1;
	return changed ? tell_state(update, state) : 0;
}

int health_ok(struct store *store, const char *connection_id, const char *operation, struct err *err)
{
	struct update update;
	int status = update_begin(&update, store, connection_id, err);
	if (status == 0)
		status = end_reasons(&update, operation);
	if (status == 0)
		status = write_state(&update);
	health_facts_clear(&update.facts);
	return status;
}

int health_update(struct store *store, const char *connection_id, struct err *err)
{
	return health_ok(store, connection_id, NULL, err);
}

/* What has just been met for the first time is told. */
static int tell_news(struct update *update, const struct health_trouble *trouble)
{
	for (size_t i = 0; i < update->facts.record.reason_count; i++) {
		const struct health_reason *reason = &update->facts.reasons[i];
		if (reason->reason == trouble->reason && reason->count == 1 && str_equal(reason->operation, trouble->operation))
			return tell_reason(update, "error", reason);
	}
	return 0;
}

int health_trouble(struct store *store, const char *connection_id, const struct health_trouble *trouble, struct err *err)
{
	const struct reason_row *reason = reason_row(trouble->reason);
	struct update update = { .store = store };
	const struct sync_error_new row = {
		.connection_id = connection_id,
		.code = reason->code,
		.operation = trouble->operation,
		.message = trouble->message && trouble->message[0] ? trouble->message : reason->message,
		.provider_reason = trouble->provider_reason && trouble->provider_reason[0] ? trouble->provider_reason : NULL,
		.provider_status = trouble->provider_status,
	};
	int status = store_sync_error_open(store, &row, err);
	if (status == 0)
		status = update_begin(&update, store, connection_id, err);
	if (status == 0)
		status = tell_news(&update, trouble);
	if (status == 0)
		status = end_reasons(&update, NULL);
	if (status == 0)
		status = write_state(&update);
	health_facts_clear(&update.facts);
	return status;
}

/* ---- All connections of a grant ---- */

/* Copied first: updating them while their query runs would disturb it. */
struct id_list {
	char (*ids)[ID_TEXT_SIZE];
	size_t count;
};

static void collect_id(void *arg, const struct connection_row *row)
{
	struct id_list *list = arg;
	if (list->count % CONNECTIONS_OF_GRANT_STEP == 0)
		list->ids = mem_grow_array(list->ids, list->count + CONNECTIONS_OF_GRANT_STEP, sizeof *list->ids);
	(void)str_copy(list->ids[list->count++], ID_TEXT_SIZE, row->id);
}

/* A routine refresh comes by here: where nothing is open, nothing can be over. */
static void collect_troubled(void *arg, const struct connection_row *row)
{
	if (row->sync_errors > 0)
		collect_id(arg, row);
}

typedef int each_fn(struct store *store, const char *connection_id, const void *arg, struct err *err);

static int each_of_grant(struct store *store, const char *grant_id, connection_fn *collect, each_fn *fn, const void *arg,
                         struct err *err)
{
	struct id_list list = { 0 };
	int status = store_connection_of_grant(store, grant_id, collect, &list, err);
	for (size_t i = 0; i < list.count && status == 0; i++)
		status = fn(store, list.ids[i], arg, err);
	free(list.ids);
	return status;
}

static int trouble_one(struct store *store, const char *connection_id, const void *arg, struct err *err)
{
	return health_trouble(store, connection_id, arg, err);
}

int health_trouble_grant(struct store *store, const char *grant_id, const struct health_trouble *trouble, struct err *err)
{
	return each_of_grant(store, grant_id, collect_id, trouble_one, trouble, err);
}

static int ok_one(struct store *store, const char *connection_id, const void *arg, struct err *err)
{
	return health_ok(store, connection_id, arg, err);
}

int health_ok_grant(struct store *store, const char *grant_id, const char *operation, struct err *err)
{
	return each_of_grant(store, grant_id, operation ? collect_troubled : collect_id, ok_one, operation, err);
}

int health_update_grant(struct store *store, const char *grant_id, struct err *err)
{
	return health_ok_grant(store, grant_id, NULL, err);
}
