/* The calendar list of a connection. */
#include "daemon/sync/calendars.h"

#include "daemon/agenda.h"
#include "daemon/call.h"
#include "daemon/health.h"
#include "daemon/oauth/scope_check.h"
#include "daemon/oauth/tokens.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/calendars.h"
#include "store/connections.h"

#include <stdlib.h>
#include <string.h>

static const char operation_name[] = "calendar_list";

struct calendar_sync {
	struct core *core;
	char connection_id[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE], provider[32];
	char *cursor;
	bool disconnected;
	calendar_sync_fn *fn;
	void *arg;
};

static void copy_connection(void *arg, const struct connection_row *row)
{
	struct calendar_sync *sync = arg;
	(void)str_copy(sync->connection_id, sizeof sync->connection_id, row->id);
	(void)str_copy(sync->grant_id, sizeof sync->grant_id, row->grant_id ? row->grant_id : "");
	(void)str_copy(sync->provider, sizeof sync->provider, row->provider);
	sync->cursor = mem_strdup(row->sync_cursor);
	sync->disconnected = !row->grant_id;
}

static void sync_free(struct calendar_sync *sync)
{
	free(sync->cursor);
	free(sync);
}

static int put_item(struct calendar_sync *sync, const struct calendar_item *item, struct calendar_sync_result *result,
                    struct err *err)
{
	struct store *store = sync->core->store;
	enum calendar_change change;
	if (item->deleted) {
		bool gone;
		if (store_calendar_mark_gone(store, sync->connection_id, item->external_id, &gone, err) != 0)
			return -1;
		result->gone += gone;
		return 0;
	}
	const struct calendar_seen seen = {
		.external_id = item->external_id,
		.summary = item->summary,
		.description = item->description,
		.access_role = item->access_role,
		.time_zone = item->time_zone,
		.background_color = item->background_color,
		.foreground_color = item->foreground_color,
		.primary = item->primary,
	};
	if (store_calendar_put(store, sync->connection_id, &seen, &change, err) != 0)
		return -1;
	result->added += change == CALENDAR_ADDED;
	result->changed += change == CALENDAR_CHANGED;
	return 0;
}

static int apply_list(struct calendar_sync *sync, const struct calendar_list_result *list, struct calendar_sync_result *result,
                      struct err *err)
{
	struct store *store = sync->core->store;
	int64_t mark = 0;
	if (list->full && store_calendar_sweep_begin(store, sync->connection_id, &mark, err) != 0)
		return -1;
	for (size_t i = 0; i < list->count; i++)
		if (put_item(sync, &list->items[i], result, err) != 0)
			return -1;
	if (list->full && store_calendar_sweep_end(store, sync->connection_id, mark, &result->gone, err) != 0)
		return -1;
	if (store_connection_set_synced(store, sync->connection_id, list->cursor, err) != 0)
		return -1;
	if (agenda_synced(sync->core, sync->connection_id, result->added, result->changed, result->gone, err) != 0)
		return -1;
	if (health_ok(store, sync->connection_id, operation_name, err) != 0)
		return -1;
	/* A list that came does not mend a consent that leaves scopes out. */
	return scope_check(sync->core, sync->connection_id, err);
}

static void take_grant_id(void *arg, const struct connection_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->grant_id ? row->grant_id : "");
}

/* A connection that was disconnected while its list was on the way has no use for it, nor for its failure. */
static int check_attached(const struct calendar_sync *sync, struct err *err)
{
	char grant_id[ID_TEXT_SIZE];
	if (store_connection_get(sync->core->store, sync->connection_id, take_grant_id, grant_id, err) != 0)
		return -1;
	return strcmp(grant_id, sync->grant_id) == 0 ? 0 : err_set(err, ERR_CONFLICT, "the connection was disconnected meanwhile");
}

static int save_list(struct calendar_sync *sync, const struct calendar_list_result *list, struct calendar_sync_result *result,
                     struct err *err)
{
	if (store_unit_begin(sync->core->store, err) != 0)
		return -1;
	bool kept = apply_list(sync, list, result, err) == 0;
	return store_unit_end(sync->core->store, kept, err, err) == 0 && kept ? 0 : -1;
}

static void note_failure(struct calendar_sync *sync, const struct failure *failure)
{
	struct err err;
	const struct health_trouble trouble = {
		.reason = failure->reason,
		.operation = operation_name,
		.message = failure->message,
		.provider_reason = failure->provider_reason,
		.provider_status = failure->status,
	};
	LOG_WARN("calendar_sync_failed", LOG_STR("connection", sync->connection_id),
	         LOG_STR("reason", reason_row(failure->reason)->code), LOG_INT("status", failure->status));
	/* While the breaker is open the outage is known, and states stop sinking. */
	bool known = failure->reason == REASON_PROVIDER_DOWN && sync->core->breaker.open;
	if (!failure->noted && !known && health_trouble(sync->core->store, sync->connection_id, &trouble, &err) != 0)
		LOG_ERROR("trouble_not_noted", LOG_STR("why", err.message));
}

static void sync_answered(void *arg, struct operation *operation, const struct failure *failure)
{
	struct calendar_sync *sync = arg;
	struct calendar_sync_result result = { .failure = failure };
	struct failure dropped = { .reason = REASON_INTERRUPTED, .verdict = VERDICT_PERMANENT, .noted = true };
	struct err err = { 0 };
	int status = check_attached(sync, &err);
	if (status == 0 && failure)
		note_failure(sync, failure);
	else if (status == 0)
		status = save_list(sync, provider_find(sync->provider)->calendar_list_result(operation), &result, &err);
	if (status != 0) {
		dropped.error = err.code;
		(void)str_copy(dropped.message, sizeof dropped.message, err.message);
		result = (struct calendar_sync_result){ .failure = &dropped };
	} else if (!failure) {
		LOG_INFO("calendars_synced", LOG_STR("connection", sync->connection_id), LOG_INT("added", result.added),
		         LOG_INT("changed", result.changed), LOG_INT("gone", result.gone));
	}
	sync->fn(sync->arg, &result);
	sync_free(sync);
}

int calendar_sync_start(struct core *core, const char *connection_id, bool full, calendar_sync_fn *fn, void *arg,
                        struct err *err)
{
	struct calendar_sync *sync = mem_alloc(sizeof *sync);
	sync->core = core;
	sync->fn = fn;
	sync->arg = arg;
	int status = store_connection_get(core->store, connection_id, copy_connection, sync, err);
	if (status == 0 && sync->disconnected)
		status = err_set(err, ERR_CONFLICT, "the connection is disconnected");
	if (status != 0) {
		sync_free(sync);
		return -1;
	}
	const struct provider *provider = provider_find(sync->provider);
	const struct token_source tokens = tokens_source(core->tokens, sync->grant_id);
	const struct call_options options = { .tokens = &tokens, .retries = 1 };
	struct operation *list =
	        provider->calendar_list(core_provider_config(core, sync->provider), full ? NULL : sync->cursor);
	call_start(core, list, &options, sync_answered, sync);
	return 0;
}
