/*
 * events.insert, patch, update and delete.
 * Ownership: bodies become the events'.
 */
#include "tests/sandbox/events_write.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/events.h"
#include "tests/sandbox/events_check.h"
#include "tests/sandbox/evstore.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/scope.h"

#define EVENTS_WRITE_SCOPES (SCOPE_CALENDAR | SCOPE_EVENTS | SCOPE_EVENTS_OWNED | SCOPE_APP_CREATED)

/* The calendar of the path, if the account may write there; NULL after an answer. */
static struct calendar *events_open(struct call *call, struct account **account)
{
	struct calendar *calendar;
	bool owned_only;

	*account = call_authorize(call, EVENTS_WRITE_SCOPES);
	if (*account == NULL)
		return NULL;
	calendar = call_find_calendar(call, *account, call->argument[0]);
	if (calendar == NULL)
		return NULL;
	owned_only = (call->bearer->mask & (SCOPE_CALENDAR | SCOPE_EVENTS)) == 0;
	if (calendar->role < ROLE_WRITER || (owned_only && calendar->role < ROLE_OWNER)) {
		reply_api_error(&call->reply, 0, "requiredAccessLevel", NULL);
		return NULL;
	}
	return events_check_query(call) ? calendar : NULL;
}

/* The event of the path, if If-Match fits it; NULL after an answer. */
static struct event *events_open_one(struct call *call, struct calendar *calendar)
{
	const char *wanted = http_head_get(&call->request->head, "If-Match");
	struct event *event = evstore_find(calendar, call->argument[1]);
	char *etag;
	bool fits;

	if (event == NULL) {
		reply_api_error(&call->reply, 0, "notFound", NULL);
		return NULL;
	}
	etag = mem_print("\"%llu\"", (unsigned long long)event->version);
	fits = wanted == NULL || strcmp(wanted, "*") == 0 || strcmp(wanted, etag) == 0;
	free(etag);
	if (!fits) {
		reply_api_error(&call->reply, 0, "conditionNotMet", NULL);
		return NULL;
	}
	return event;
}

/* Read-only fields a client may send along but not set. */
static void events_drop_read_only(json_t *body)
{
	static const char *const names[] = { "kind",      "etag",     "created",     "updated",  "creator",
		                             "organizer", "htmlLink", "hangoutLink", "sequence", "recurringEventId",
		                             "locked" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		json_object_del(body, names[i]);
}

static void events_add_identity(json_t *body, const char *id, const struct account *account,
                                const struct calendar *calendar)
{
	json_t *person = json_pack("{s:s,s:b}", "email", account->email, "self", calendar->primary ? 1 : 0);
	json_t *organizer = calendar->primary ? json_copy(person)
	                                      : json_pack("{s:s,s:s,s:b}", "email", calendar->id, "displayName",
	                                                  calendar->summary, "self", 1);

	json_object_set_new(body, "creator", person);
	json_object_set_new(body, "organizer", organizer);
	json_object_set_new(body, "htmlLink", json_sprintf("https://www.google.com/calendar/event?eid=%s", id));
	if (json_object_get(body, "iCalUID") == NULL)
		json_object_set_new(body, "iCalUID", json_sprintf("%s@google.com", id));
	json_object_set_new(body, "sequence", json_integer(0));
	if (json_object_get(body, "reminders") == NULL)
		json_object_set_new(body, "reminders", json_pack("{s:b}", "useDefault", 1));
	if (json_object_get(body, "eventType") == NULL)
		json_object_set_new(body, "eventType", json_string("default"));
}

/* The id of a new event, chosen by the client or made; NULL after an answer. The caller frees it. */
static char *events_choose_id(struct call *call, struct calendar *calendar, const json_t *body)
{
	const json_t *given = json_object_get(body, "id");
	const char *id = json_string_value(given);

	if (given == NULL)
		return evstore_make_id(&call->state->rng);
	if (id == NULL || !events_check_id(id)) {
		reply_api_error(&call->reply, 0, "invalid", "Invalid resource id value.");
		return NULL;
	}
	if (evstore_find(calendar, id) != NULL) {
		reply_api_error(&call->reply, 0, "duplicate", NULL);
		return NULL;
	}
	return mem_copy(id);
}

void events_insert(struct call *call)
{
	struct account *account;
	struct calendar *calendar = events_open(call, &account);
	json_t *body = calendar == NULL ? NULL : call_read_json(call);
	char *id = NULL;

	if (body == NULL)
		return;
	events_drop_read_only(body);
	if (events_check_body(call, calendar, body))
		id = events_choose_id(call, calendar, body);
	if (id != NULL) {
		events_add_identity(body, id, account, calendar);
		events_reply(call, calendar, evstore_put(call->state, calendar, id, json_incref(body)));
	}
	json_decref(body);
	free(id);
}

/* JSON merge: null removes, objects merge, everything else replaces. */
static void events_merge(json_t *into, const json_t *patch)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)patch, name, value)
	{
		json_t *present = json_object_get(into, name);

		if (json_is_null(value))
			json_object_del(into, name);
		else if (json_is_object(value) && json_is_object(present))
			events_merge(present, value);
		else
			json_object_set_new(into, name, json_deep_copy(value));
	}
}

/* Stores the new body of an event if it is acceptable. Takes the reference. */
static void events_replace(struct call *call, struct calendar *calendar, const struct event *event, json_t *body)
{
	json_int_t sequence = json_integer_value(json_object_get(event->body, "sequence"));
	bool moved = !json_equal(json_object_get(body, "start"), json_object_get(event->body, "start")) ||
	             !json_equal(json_object_get(body, "end"), json_object_get(event->body, "end"));

	json_object_set_new(body, "sequence", json_integer(moved ? sequence + 1 : sequence));
	if (events_check_body(call, calendar, body))
		events_reply(call, calendar, evstore_put(call->state, calendar, event->id, json_incref(body)));
	json_decref(body);
}

/* Reads the body of a change to `event`; NULL after an answer. */
static json_t *events_read_change(struct call *call, const struct event *event)
{
	json_t *body = call_read_json(call);
	const json_t *id = json_object_get(body, "id");

	if (id != NULL && (!json_is_string(id) || strcmp(json_string_value(id), event->id) != 0)) {
		reply_api_error(&call->reply, 0, "invalid", "Invalid resource id value.");
		json_decref(body);
		return NULL;
	}
	if (body != NULL)
		events_drop_read_only(body);
	return body;
}

void events_patch(struct call *call)
{
	struct account *account;
	struct calendar *calendar = events_open(call, &account);
	struct event *event = calendar == NULL ? NULL : events_open_one(call, calendar);
	json_t *patch = event == NULL ? NULL : events_read_change(call, event);
	json_t *body;

	if (patch == NULL)
		return;
	body = json_deep_copy(event->body);
	events_merge(body, patch);
	json_decref(patch);
	events_replace(call, calendar, event, body);
}

void events_update(struct call *call)
{
	static const char *const kept[] = { "created", "creator", "organizer", "htmlLink", "iCalUID", "eventType" };
	struct account *account;
	struct calendar *calendar = events_open(call, &account);
	struct event *event = calendar == NULL ? NULL : events_open_one(call, calendar);
	json_t *body = event == NULL ? NULL : events_read_change(call, event);

	if (body == NULL)
		return;
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		if (json_object_get(body, kept[i]) == NULL)
			json_object_set(body, kept[i], json_object_get(event->body, kept[i]));
	}
	events_replace(call, calendar, event, body);
}

void events_delete(struct call *call)
{
	struct account *account;
	struct calendar *calendar = events_open(call, &account);
	struct event *event = calendar == NULL ? NULL : events_open_one(call, calendar);

	if (event == NULL)
		return;
	if (event->cancelled) {
		reply_api_error(&call->reply, 0, "deleted", NULL);
		return;
	}
	evstore_cancel(call->state, event);
	call->reply.status = 204;
}
