/*
 * calendarList.list (whole, paged, incremental), calendarList.get, calendars.get.
 * Ownership: bodies go to the reply.
 */
#include "tests/sandbox/calendars.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/calstore.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/scope.h"

#define CALENDARS_LIST_SCOPES (SCOPE_CALENDAR | SCOPE_LIST | SCOPE_LIST_READONLY | SCOPE_READONLY)

enum { CALENDARS_SHOW_DELETED = 1, CALENDARS_SHOW_HIDDEN = 2 };

/* What a list shows; it travels in page tokens. */
struct calendars_view {
	size_t start;     /* first position */
	uint64_t since;   /* incremental: changes after this version; else 0 */
	uint64_t version; /* of the list when its first page was made */
	unsigned flags;
	enum state_role role; /* the least */
	bool incremental;
};

static void calendars_set_etag(json_t *entry, uint64_t etag)
{
	json_object_set_new(entry, "etag", json_sprintf("\"%llu\"", (unsigned long long)etag));
}

static void calendars_add_common(json_t *entry, const struct account *account, const struct calendar *calendar)
{
	json_object_set_new(entry, "id", json_string(calendar->id));
	json_object_set_new(entry, "summary", json_string(calendar->summary));
	if (calendar->description != NULL)
		json_object_set_new(entry, "description", json_string(calendar->description));
	json_object_set_new(entry, "timeZone", json_string(calendar->zone));
	if (!calendar->primary && calendar->role == ROLE_OWNER)
		json_object_set_new(entry, "dataOwner", json_string(account->email));
	json_object_set_new(entry, "conferenceProperties",
	                    json_pack("{s:[s]}", "allowedConferenceSolutionTypes", "hangoutsMeet"));
}

static json_t *calendars_make_entry(const struct account *account, const struct calendar *calendar)
{
	json_t *entry = json_pack("{s:s}", "kind", "calendar#calendarListEntry");

	calendars_set_etag(entry, calendar->etag);
	if (calendar->deleted) {
		json_object_set_new(entry, "id", json_string(calendar->id));
		json_object_set_new(entry, "deleted", json_true());
		return entry;
	}
	calendars_add_common(entry, account, calendar);
	if (calendar->summary_override != NULL)
		json_object_set_new(entry, "summaryOverride", json_string(calendar->summary_override));
	json_object_set_new(entry, "colorId", json_sprintf("%u", calendar->color));
	json_object_set_new(entry, "backgroundColor", json_string(calendar->background));
	json_object_set_new(entry, "foregroundColor", json_string("#000000"));
	json_object_set_new(entry, "accessRole", json_string(calstore_role_name(calendar->role)));
	json_object_set_new(
		entry, "defaultReminders",
		calendar->primary ? json_pack("[{s:s,s:i}]", "method", "popup", "minutes", 10) : json_array());
	if (calendar->hidden)
		json_object_set_new(entry, "hidden", json_true());
	else
		json_object_set_new(entry, "selected", json_true());
	if (calendar->primary) {
		json_object_set_new(
			entry, "notificationSettings",
			json_pack("{s:[{s:s,s:s}]}", "notifications", "type", "eventCreation", "method", "email"));
		json_object_set_new(entry, "primary", json_true());
	}
	return entry;
}

/* The entry, kept until the calendar changes; the caller gets a reference and must not change it. */
static json_t *calendars_show(const struct account *account, struct calendar *calendar)
{
	if (calendar->shown == NULL || calendar->shown_etag != calendar->etag) {
		json_decref(calendar->shown);
		calendar->shown = calendars_make_entry(account, calendar);
		calendar->shown_etag = calendar->etag;
	}
	return json_incref(calendar->shown);
}

static bool calendars_is_shown(const struct calendar *calendar, const struct calendars_view *view)
{
	if (calendar->role == ROLE_NONE && !calendar->deleted)
		return false;
	if (view->incremental)
		return calendar->changed > view->since;
	if (calendar->deleted)
		return (view->flags & CALENDARS_SHOW_DELETED) != 0;
	if (calendar->hidden && (view->flags & CALENDARS_SHOW_HIDDEN) == 0)
		return false;
	return calendar->role >= view->role;
}

static bool calendars_read_sync(struct call *call, const struct account *account, const char *token,
                                struct calendars_view *view)
{
	uint64_t numbers[4];
	bool no_false =
		(query_get(&call->query, "showDeleted") != NULL && (view->flags & CALENDARS_SHOW_DELETED) == 0) ||
		(query_get(&call->query, "showHidden") != NULL && (view->flags & CALENDARS_SHOW_HIDDEN) == 0);

	if (no_false || query_get(&call->query, "minAccessRole") != NULL) {
		reply_api_parameter(&call->reply, "invalid", "Sync token cannot be used with other query restrictions.",
		                    "syncToken");
		return false;
	}
	if (!call_open_numbers('S', token, numbers) || numbers[0] != account->index ||
	    numbers[1] != account->sync_epoch || numbers[2] > account->list_version) {
		reply_api_error(&call->reply, 0, "fullSyncRequired", NULL);
		return false;
	}
	view->since = numbers[2];
	view->incremental = true;
	return true;
}

static bool calendars_read_page(struct call *call, const struct account *account, const char *token,
                                struct calendars_view *view)
{
	uint64_t numbers[4];

	if (!call_open_numbers('P', token, numbers) || numbers[0] >> 32 != account->index) {
		reply_api_parameter(&call->reply, "invalid", "Invalid page token value.", "pageToken");
		return false;
	}
	view->start = (size_t)(numbers[0] & 0xffffffff);
	view->since = numbers[1];
	view->version = numbers[2];
	view->flags = (unsigned)(numbers[3] & 3);
	view->role = (enum state_role)(numbers[3] >> 8 & 7);
	view->incremental = (numbers[3] & 4) != 0;
	return true;
}

/* False after an answer. */
static bool calendars_read_view(struct call *call, const struct account *account, struct calendars_view *view)
{
	const char *role = query_get_filled(&call->query, "minAccessRole");
	const char *page = query_get_filled(&call->query, "pageToken");
	const char *sync = query_get_filled(&call->query, "syncToken");
	bool deleted, hidden;

	memset(view, 0, sizeof *view);
	view->version = account->list_version;
	view->role = ROLE_FREEBUSY;
	if (!call_read_flag(call, "showDeleted", false, &deleted) ||
	    !call_read_flag(call, "showHidden", false, &hidden))
		return false;
	if (role != NULL && (!calstore_parse_role(role, &view->role) || view->role == ROLE_NONE)) {
		reply_api_parameter(&call->reply, "invalid", "Invalid string value.", "minAccessRole");
		return false;
	}
	view->flags = (deleted ? CALENDARS_SHOW_DELETED : 0U) | (hidden ? CALENDARS_SHOW_HIDDEN : 0U);
	if (sync != NULL && !calendars_read_sync(call, account, sync, view))
		return false;
	return page == NULL || calendars_read_page(call, account, page, view);
}

static void calendars_set_token(json_t *body, const char *name, char kind, const uint64_t numbers[4])
{
	char *token = call_seal_numbers(kind, numbers);

	json_object_set_new(body, name, json_string(token));
	free(token);
}

static void calendars_end_page(json_t *body, const struct account *account, const struct calendars_view *view,
                               size_t next)
{
	uint64_t page[4] = { (uint64_t)account->index << 32 | next, view->since, view->version,
		             view->flags | (view->incremental ? 4U : 0U) | (uint64_t)view->role << 8 };
	uint64_t sync[4] = { account->index, account->sync_epoch, view->version, 0 };

	if (next < account->calendar_count)
		calendars_set_token(body, "nextPageToken", 'P', page);
	else
		calendars_set_token(body, "nextSyncToken", 'S', sync);
}

void calendars_list(struct call *call)
{
	struct account *account = call_authorize(call, CALENDARS_LIST_SCOPES);
	struct calendars_view view;
	json_t *body, *items;
	size_t max, at;

	if (account == NULL || !call_read_count(call, "maxResults", 100, 250, &max) ||
	    !calendars_read_view(call, account, &view))
		return;
	items = json_array();
	for (at = view.start; at < account->calendar_count; at++) {
		struct calendar *calendar = account->calendars[at];

		if (!calendars_is_shown(calendar, &view))
			continue;
		if (json_array_size(items) == max)
			break;
		json_array_append_new(items, calendars_show(account, calendar));
	}
	body = json_pack("{s:s}", "kind", "calendar#calendarList");
	json_object_set_new(body, "etag", json_sprintf("\"p%08llu0g\"", (unsigned long long)account->list_version));
	calendars_end_page(body, account, &view, at);
	json_object_set_new(body, "items", items);
	reply_json(&call->reply, 200, body);
}

void calendars_get_entry(struct call *call)
{
	const struct account *account = call_authorize(call, CALENDARS_LIST_SCOPES | SCOPE_APP_CREATED);
	struct calendar *calendar;

	if (account == NULL)
		return;
	calendar = calstore_find(account, call->argument[0]);
	if (calendar == NULL)
		reply_api_error(&call->reply, 0, "notFound", NULL);
	else
		reply_json(&call->reply, 200, calendars_show(account, calendar));
}

void calendars_get(struct call *call)
{
	const struct account *account = call_authorize(
		call, SCOPE_CALENDAR | SCOPE_APP_CREATED | SCOPE_CALENDARS | SCOPE_CALENDARS_READONLY | SCOPE_READONLY);
	const struct calendar *calendar;
	json_t *body;

	if (account == NULL)
		return;
	calendar = calstore_find(account, call->argument[0]);
	if (calendar == NULL) {
		reply_api_error(&call->reply, 0, "notFound", NULL);
		return;
	}
	body = json_pack("{s:s}", "kind", "calendar#calendar");
	calendars_set_etag(body, calendar->etag);
	calendars_add_common(body, account, calendar);
	reply_json(&call->reply, 200, body);
}
