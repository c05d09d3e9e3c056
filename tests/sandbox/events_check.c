/*
 * Validation of events.
 * Ownership: nothing is kept.
 */
#include "tests/sandbox/events_check.h"

#include <string.h>

#include "tests/sandbox/evstore.h"
#include "tests/sandbox/reply.h"

struct events_choice {
	const char *field;
	const char *values[6]; /* none: any string */
};

static const struct events_choice events_choices[] = {
	{ "summary", { NULL } },
	{ "description", { NULL } },
	{ "location", { NULL } },
	{ "colorId", { NULL } },
	{ "iCalUID", { NULL } },
	{ "status", { "confirmed", "tentative", "cancelled", NULL } },
	{ "transparency", { "opaque", "transparent", NULL } },
	{ "visibility", { "default", "public", "private", "confidential", NULL } },
	{ "eventType", { "default", "outOfOffice", "focusTime", "workingLocation", "birthday", NULL } },
};

static bool events_is_chosen(const struct events_choice *choice, const char *text)
{
	for (size_t i = 0; i < 6 && choice->values[i] != NULL; i++) {
		if (strcmp(choice->values[i], text) == 0)
			return true;
	}
	return choice->values[0] == NULL;
}

static bool events_refuse(struct call *call, const char *reason, const char *message, const char *field)
{
	if (field != NULL)
		reply_api_parameter(&call->reply, reason, message, field);
	else
		reply_api_error(&call->reply, 400, reason, message);
	return false;
}

static bool events_check_texts(struct call *call, const json_t *body)
{
	for (size_t i = 0; i < sizeof events_choices / sizeof events_choices[0]; i++) {
		const struct events_choice *choice = &events_choices[i];
		const json_t *value = json_object_get(body, choice->field);

		if (value == NULL)
			continue;
		if (!json_is_string(value) || !events_is_chosen(choice, json_string_value(value)))
			return events_refuse(call, "invalid", "Invalid Value", choice->field);
	}
	return true;
}

static bool events_is_email(const char *text)
{
	const char *at = text == NULL ? NULL : strchr(text, '@');

	return at != NULL && at != text && at[1] != '\0' && strpbrk(text, " \t\r\n,;<>") == NULL &&
	       strchr(at + 1, '@') == NULL;
}

static bool events_check_attendees(struct call *call, const json_t *body)
{
	static const struct events_choice statuses = { "responseStatus",
		                                       { "needsAction", "declined", "tentative", "accepted", NULL } };
	const json_t *attendees = json_object_get(body, "attendees");
	json_t *attendee;
	size_t at;

	if (attendees != NULL && !json_is_array(attendees))
		return events_refuse(call, "invalid", "Invalid Value", "attendees");
	json_array_foreach(attendees, at, attendee)
	{
		const char *status = json_string_value(json_object_get(attendee, "responseStatus"));

		if (!events_is_email(json_string_value(json_object_get(attendee, "email"))))
			return events_refuse(call, "invalid", "Invalid attendee email.", NULL);
		if (json_object_get(attendee, "responseStatus") == NULL)
			json_object_set_new(attendee, "responseStatus", json_string("needsAction"));
		else if (status == NULL || !events_is_chosen(&statuses, status))
			return events_refuse(call, "invalid", "Invalid Value", "attendees.responseStatus");
	}
	return true;
}

static bool events_check_recurrence(struct call *call, const json_t *body)
{
	const json_t *rules = json_object_get(body, "recurrence");
	const json_t *start = json_object_get(body, "start");

	if (rules == NULL)
		return true;
	if (!json_is_array(rules))
		return events_refuse(call, "invalid", "Invalid Value", "recurrence");
	if (json_object_get(start, "dateTime") != NULL && json_object_get(start, "timeZone") == NULL)
		return events_refuse(call, "required", "Missing time zone definition for start time.", NULL);
	return true;
}

bool events_check_body(struct call *call, const struct calendar *calendar, json_t *body)
{
	struct evstore_span span;
	const char *problem;

	if (!events_check_texts(call, body) || !events_check_attendees(call, body))
		return false;
	problem = evstore_parse_span(body, calendar->zone, &span);
	if (problem != NULL && strncmp(problem, "Missing", 7) == 0)
		return events_refuse(call, "required", problem, NULL);
	if (problem != NULL && strstr(problem, "empty") != NULL) {
		reply_api_error(&call->reply, 0, "timeRangeEmpty", NULL);
		return false;
	}
	if (problem != NULL)
		return events_refuse(call, "invalid", problem, NULL);
	return events_check_recurrence(call, body);
}

bool events_check_query(struct call *call)
{
	static const struct events_choice updates = { "sendUpdates", { "all", "externalOnly", "none", NULL } };
	const char *value = query_get(&call->query, "sendUpdates");

	if (value == NULL || events_is_chosen(&updates, value))
		return true;
	return events_refuse(call, "invalid", "Invalid string value.", "sendUpdates");
}

bool events_check_id(const char *id)
{
	size_t len = strlen(id);

	return len >= 5 && len <= 1024 && strspn(id, "abcdefghijklmnopqrstuv0123456789") == len;
}
