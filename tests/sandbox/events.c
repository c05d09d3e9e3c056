/*
 * events.list (filters, order, pages, incremental) and events.get. Recurring events are shown as they are stored.
 * Ownership: bodies go to the reply.
 */
#include "tests/sandbox/events.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/calstore.h"
#include "tests/sandbox/evstore.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/scope.h"
#include "tests/sandbox/tz.h"

#define EVENTS_READ_SCOPES                                                                             \
	(SCOPE_CALENDAR | SCOPE_READONLY | SCOPE_EVENTS | SCOPE_EVENTS_READONLY | SCOPE_EVENTS_OWNED | \
	 SCOPE_EVENTS_OWNED_READONLY | SCOPE_EVENTS_FREEBUSY | SCOPE_EVENTS_PUBLIC_READONLY | SCOPE_APP_CREATED)

/* What a list asks for. Times of 0 mean: not asked. */
struct events_view {
	size_t max;
	size_t start;
	uint64_t version; /* of the newest event when the first page was made */
	uint64_t since;   /* incremental: what changed after this; else 0 */
	int64_t min_ms, max_ms, updated_ms;
	bool single, deleted;
	const char *order; /* or NULL */
	const char *text;  /* or NULL */
	const char *uid;   /* or NULL */
};

static json_t *events_show(const struct calendar *calendar, const struct event *event)
{
	static const char *const public_fields[] = { "kind", "id", "status", "start", "end", "transparency", "updated" };
	json_t *shown;

	if (calendar->role != ROLE_FREEBUSY) {
		shown = json_copy(event->body);
	} else {
		shown = json_pack("{s:s}", "visibility", "private");
		for (size_t i = 0; i < sizeof public_fields / sizeof public_fields[0]; i++)
			json_object_set(shown, public_fields[i], json_object_get(event->body, public_fields[i]));
	}
	json_object_set_new(shown, "etag", json_sprintf("\"%llu\"", (unsigned long long)event->version));
	return shown;
}

void events_reply(struct call *call, const struct calendar *calendar, const struct event *event)
{
	json_t *shown = events_show(calendar, event);

	http_reply_header(&call->reply, "ETag", json_string_value(json_object_get(shown, "etag")));
	reply_json(&call->reply, 200, shown);
}

static bool events_read_time(struct call *call, const char *name, int64_t *ms)
{
	const char *text = query_get_filled(&call->query, name);

	if (text == NULL || tz_parse_time(text, NULL, ms))
		return true;
	reply_api_parameter(&call->reply, "badRequest", "Bad Request", name);
	return false;
}

static bool events_read_filters(struct call *call, struct events_view *view)
{
	if (!call_read_count(call, "maxResults", 250, 2500, &view->max) ||
	    !events_read_time(call, "timeMin", &view->min_ms) || !events_read_time(call, "timeMax", &view->max_ms) ||
	    !events_read_time(call, "updatedMin", &view->updated_ms) ||
	    !call_read_flag(call, "singleEvents", false, &view->single) ||
	    !call_read_flag(call, "showDeleted", false, &view->deleted))
		return false;
	view->order = query_get_filled(&call->query, "orderBy");
	view->text = query_get_filled(&call->query, "q");
	view->uid = query_get_filled(&call->query, "iCalUID");
	if (view->order != NULL && strcmp(view->order, "startTime") != 0 && strcmp(view->order, "updated") != 0) {
		reply_api_parameter(&call->reply, "invalid", "Invalid string value.", "orderBy");
		return false;
	}
	if (view->order != NULL && view->order[0] == 's' && !view->single) {
		reply_api_parameter(&call->reply, "badRequest",
		                    "The requested ordering is not available for the particular query.", "orderBy");
		return false;
	}
	if (view->min_ms != 0 && view->max_ms != 0 && view->max_ms <= view->min_ms) {
		reply_api_error(&call->reply, 0, "timeRangeEmpty", NULL);
		return false;
	}
	return true;
}

static bool events_read_sync(struct call *call, const struct account *account, const struct calendar *calendar,
                             struct events_view *view)
{
	static const char *const forbidden[] = {
		"iCalUID", "orderBy",   "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin",
		"timeMax", "updatedMin"
	};
	const char *token = query_get_filled(&call->query, "syncToken");
	uint64_t numbers[4];

	if (token == NULL)
		return true;
	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
		if (query_get(&call->query, forbidden[i]) != NULL) {
			reply_api_parameter(&call->reply, "invalid",
			                    "Sync token cannot be used with other query restrictions.", "syncToken");
			return false;
		}
	}
	if (!call_open_numbers('E', token, numbers) || numbers[0] != calendar->seed_index ||
	    numbers[1] != account->sync_epoch) {
		reply_api_error(&call->reply, 0, "fullSyncRequired", NULL);
		return false;
	}
	view->since = numbers[2];
	view->deleted = true;
	return true;
}

static bool events_read_page(struct call *call, const struct calendar *calendar, struct events_view *view)
{
	const char *token = query_get_filled(&call->query, "pageToken");
	uint64_t numbers[4];

	if (token == NULL)
		return true;
	if (!call_open_numbers('Q', token, numbers) || numbers[0] != calendar->seed_index) {
		reply_api_parameter(&call->reply, "invalid", "Invalid page token value.", "pageToken");
		return false;
	}
	view->start = (size_t)numbers[1];
	view->version = numbers[2];
	view->since = numbers[3];
	return true;
}

static bool events_has_text(const struct event *event, const char *text)
{
	static const char *const fields[] = { "summary", "description", "location" };

	for (size_t i = 0; i < 3; i++) {
		const char *value = json_string_value(json_object_get(event->body, fields[i]));

		if (value != NULL && strcasestr(value, text) != NULL)
			return true;
	}
	return false;
}

/* All name=value restrictions of one kind hold. */
static bool events_has_properties(const struct call *call, const struct event *event, const char *parameter,
                                  const char *kind)
{
	const json_t *map = json_object_get(json_object_get(event->body, "extendedProperties"), kind);

	for (size_t i = 0; i < call->query.count; i++) {
		const struct query_pair *pair = &call->query.pairs[i];
		const char *equals = strchr(pair->value, '=');
		const char *value;
		char *name;

		if (strcmp(pair->name, parameter) != 0)
			continue;
		name = mem_copy_bytes(pair->value,
		                      equals == NULL ? strlen(pair->value) : (size_t)(equals - pair->value));
		value = json_string_value(json_object_get(map, name));
		free(name);
		if (value == NULL || equals == NULL || strcmp(value, equals + 1) != 0)
			return false;
	}
	return true;
}

static bool events_is_shown(const struct call *call, const struct event *event, const struct events_view *view)
{
	const char *uid = json_string_value(json_object_get(event->body, "iCalUID"));

	if (event->version <= view->since || (event->cancelled && !view->deleted))
		return false;
	if ((view->min_ms != 0 && event->end_ms <= view->min_ms) ||
	    (view->max_ms != 0 && event->start_ms >= view->max_ms) || event->updated_ms < view->updated_ms)
		return false;
	if (view->uid != NULL && (uid == NULL || strcmp(uid, view->uid) != 0))
		return false;
	return (view->text == NULL || events_has_text(event, view->text)) &&
	       events_has_properties(call, event, "privateExtendedProperty", "private") &&
	       events_has_properties(call, event, "sharedExtendedProperty", "shared");
}

static int events_by_start(const void *left, const void *right)
{
	const struct event *a = *(struct event *const *)left;
	const struct event *b = *(struct event *const *)right;

	if (a->start_ms != b->start_ms)
		return a->start_ms < b->start_ms ? -1 : 1;
	return strcmp(a->id, b->id);
}

static int events_by_update(const void *left, const void *right)
{
	const struct event *a = *(struct event *const *)left;
	const struct event *b = *(struct event *const *)right;

	return (a->version > b->version) - (a->version < b->version);
}

/* The events a list shows, in its order; the caller frees the array. */
static struct event **events_select(const struct call *call, const struct calendar *calendar,
                                    const struct events_view *view, size_t *count)
{
	struct event **found = mem_alloc((calendar->event_count + 1) * sizeof(struct event *));

	*count = 0;
	for (size_t i = 0; i < calendar->event_count; i++) {
		if (events_is_shown(call, calendar->events[i], view))
			found[(*count)++] = calendar->events[i];
	}
	if (view->order != NULL)
		qsort(found, *count, sizeof(struct event *),
		      view->order[0] == 's' ? events_by_start : events_by_update);
	return found;
}

static json_t *events_make_list(const struct account *account, const struct calendar *calendar,
                                const struct events_view *view, struct event **found, size_t count)
{
	json_t *body = json_pack("{s:s,s:s,s:s,s:s}", "kind", "calendar#events", "summary", calendar->summary,
	                         "timeZone", calendar->zone, "accessRole", calstore_role_name(calendar->role));
	json_t *items = json_array();
	size_t start = view->start < count ? view->start : count;
	size_t end = count - start > view->max ? start + view->max : count;
	uint64_t page[4] = { calendar->seed_index, end, view->version, view->since };
	uint64_t sync[4] = { calendar->seed_index, account->sync_epoch, view->version, 0 };
	char *token = end < count ? call_seal_numbers('Q', page) : call_seal_numbers('E', sync);

	for (size_t i = start; i < end; i++)
		json_array_append_new(items, events_show(calendar, found[i]));
	json_object_set_new(body, "etag", json_sprintf("\"%llu\"", (unsigned long long)view->version));
	json_object_set_new(body, "defaultReminders", json_array());
	json_object_set_new(body, end < count ? "nextPageToken" : "nextSyncToken", json_string(token));
	json_object_set_new(body, "items", items);
	free(token);
	return body;
}

void events_list(struct call *call)
{
	struct account *account = call_authorize(call, EVENTS_READ_SCOPES);
	struct events_view view = { .version = call->state->etags };
	struct calendar *calendar;
	struct event **found;
	size_t count;

	if (account == NULL)
		return;
	calendar = call_find_calendar(call, account, call->argument[0]);
	if (calendar == NULL)
		return;
	view.version = call->state->etags;
	if (!events_read_filters(call, &view) || !events_read_sync(call, account, calendar, &view) ||
	    !events_read_page(call, calendar, &view))
		return;
	found = events_select(call, calendar, &view, &count);
	reply_json(&call->reply, 200, events_make_list(account, calendar, &view, found, count));
	free(found);
}

void events_get(struct call *call)
{
	struct account *account = call_authorize(call, EVENTS_READ_SCOPES);
	const char *known = http_head_get(&call->request->head, "If-None-Match");
	struct calendar *calendar;
	const struct event *event;
	char *etag;

	if (account == NULL)
		return;
	calendar = call_find_calendar(call, account, call->argument[0]);
	if (calendar == NULL)
		return;
	event = evstore_find(calendar, call->argument[1]);
	if (event == NULL) {
		reply_api_error(&call->reply, 0, "notFound", NULL);
		return;
	}
	etag = mem_print("\"%llu\"", (unsigned long long)event->version);
	events_reply(call, calendar, event);
	if (known != NULL && (strcmp(known, "*") == 0 || strcmp(known, etag) == 0))
		call->reply.status = 304;
	free(etag);
}
