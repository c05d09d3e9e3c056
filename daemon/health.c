/* Health of a connection. */
#include "daemon/health.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"

#include <stdlib.h>
#include <string.h>

enum { FAILING_COUNT = 3, REASONS_MAX = 64, CONNECTIONS_OF_GRANT_STEP = 16 };
#define FAILING_DWELL_MS ((int64_t)3 * 60 * 1000)

enum connection_state health_reason_state(const struct health_reason *reason)
{
	switch (reason->reason) {
	case REASON_UNDECRYPTABLE:
	case REASON_APP_MISCONFIGURED:
		return STATE_BLOCKED;
	case REASON_GRANT_REVOKED:
	case REASON_GRANT_EXPIRED_TESTING:
	case REASON_GRANT_INCOMPLETE:
	case REASON_GRANT_MISSING:
		return STATE_REAUTH_REQUIRED;
	case REASON_SCOPE_MISSING:
		return reason->essential ? STATE_REAUTH_REQUIRED : STATE_DEGRADED;
	case REASON_PROVIDER_REJECTED:
		return STATE_FAILING;
	case REASON_PROVIDER_DOWN:
		return reason->count >= FAILING_COUNT && reason->last_at - reason->first_at >= FAILING_DWELL_MS ? STATE_FAILING
		                                                                                                : STATE_DEGRADED;
	case REASON_RATE_USER:
	case REASON_RATE_PROJECT:
	case REASON_USAGE_LIMIT:
	case REASON_CALENDAR_GONE:
	case REASON_CALENDAR_FORBIDDEN:
	case REASON_OVERDUE:
		return STATE_DEGRADED;
	case REASON_NONE:
	case REASON_CURSOR_EXPIRED:
	case REASON_REFRESH_RACE_LOST:
	case REASON_INTERRUPTED:
	case REASON_COUNT:
		break;
	}
	return STATE_CONNECTED;
}

enum connection_state health_state(const struct health_record *record)
{
	if (record->disconnected)
		return STATE_DISCONNECTED;
	if (record->paused)
		return STATE_PAUSED;
	enum connection_state worst = record->synced ? STATE_CONNECTED : STATE_PENDING;
	if (!record->grant_live)
		worst = STATE_REAUTH_REQUIRED;
	for (size_t i = 0; i < record->reason_count; i++) {
		enum connection_state state = health_reason_state(&record->reasons[i]);
		if (state < worst)
			worst = state;
	}
	return worst;
}

struct gathering {
	struct health_record record;
	struct health_reason reasons[REASONS_MAX];
};

static void gather_connection(void *arg, const struct connection_row *row)
{
	struct health_record *record = arg;
	record->disconnected = row->disconnected_at != 0;
	record->paused = row->paused_at != 0;
	record->grant_live = row->token_present;
	record->synced = row->last_sync != 0;
}

static void gather_reason(void *arg, const struct sync_error_row *row)
{
	struct gathering *gathering = arg;
	const struct reason_row *reason = reason_row_by_code(row->code);
	if (!reason || gathering->record.reason_count == REASONS_MAX)
		return;
	gathering->reasons[gathering->record.reason_count++] = (struct health_reason){
		.reason = reason->reason,
		.essential = str_equal(row->operation, "calendar_list"),
		.count = row->count,
		.first_at = row->first_at,
		.last_at = row->last_at,
	};
}

int health_update(struct store *store, const char *connection_id, struct err *err)
{
	struct gathering gathering = { 0 };
	bool changed;
	gathering.record.reasons = gathering.reasons;
	if (store_connection_get(store, connection_id, gather_connection, &gathering.record, err) != 0 ||
	    store_sync_error_of(store, connection_id, true, gather_reason, &gathering, err) != 0)
		return -1;
	return store_connection_set_state(store, connection_id, health_state(&gathering.record), &changed, err);
}

/* The connections of a grant, copied first: updating them while their query runs would disturb it. */
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

typedef int each_fn(struct store *store, const char *connection_id, const void *arg, struct err *err);

static int each_of_grant(struct store *store, const char *grant_id, each_fn *fn, const void *arg, struct err *err)
{
	struct id_list list = { 0 };
	int status = store_connection_of_grant(store, grant_id, collect_id, &list, err);
	for (size_t i = 0; i < list.count && status == 0; i++)
		status = fn(store, list.ids[i], arg, err);
	free(list.ids);
	return status;
}

static int update_one(struct store *store, const char *connection_id, const void *arg, struct err *err)
{
	(void)arg;
	return health_update(store, connection_id, err);
}

int health_update_grant(struct store *store, const char *grant_id, struct err *err)
{
	return each_of_grant(store, grant_id, update_one, NULL, err);
}

int health_trouble(struct store *store, const char *connection_id, const struct health_trouble *trouble, struct err *err)
{
	const struct reason_row *reason = reason_row(trouble->reason);
	const struct sync_error_new row = {
		.connection_id = connection_id,
		.code = reason->code,
		.operation = trouble->operation,
		.message = trouble->message && trouble->message[0] ? trouble->message : reason->message,
		.provider_reason = trouble->provider_reason && trouble->provider_reason[0] ? trouble->provider_reason : NULL,
		.provider_status = trouble->provider_status,
	};
	return store_sync_error_open(store, &row, err) == 0 ? health_update(store, connection_id, err) : -1;
}

static int trouble_one(struct store *store, const char *connection_id, const void *arg, struct err *err)
{
	return health_trouble(store, connection_id, arg, err);
}

int health_trouble_grant(struct store *store, const char *grant_id, const struct health_trouble *trouble, struct err *err)
{
	return each_of_grant(store, grant_id, trouble_one, trouble, err);
}

int health_ok(struct store *store, const char *connection_id, const char *operation, struct err *err)
{
	return store_sync_error_resolve(store, connection_id, NULL, operation, err) == 0
	               ? health_update(store, connection_id, err)
	               : -1;
}

static int ok_one(struct store *store, const char *connection_id, const void *arg, struct err *err)
{
	return health_ok(store, connection_id, arg, err);
}

int health_ok_grant(struct store *store, const char *grant_id, const char *operation, struct err *err)
{
	return each_of_grant(store, grant_id, ok_one, operation, err);
}
