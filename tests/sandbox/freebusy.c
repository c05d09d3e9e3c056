/*
 * Busy time of up to 50 calendars.
 * Ownership: bodies go to the reply.
 */
#include "tests/sandbox/freebusy.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/calstore.h"
#include "tests/sandbox/evstore.h"
#include "tests/sandbox/people.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/scope.h"
#include "tests/sandbox/tz.h"

#define FREEBUSY_CALENDARS_MAX 50
#define FREEBUSY_RANGE_MAX_MS (INT64_C(93) * 86400000)

struct freebusy_question {
	struct evstore_span window;
	const char *zone;
	size_t max;
	const json_t *items;
};

static bool freebusy_read_time(struct call *call, const json_t *body, const char *name, const char *zone, int64_t *ms)
{
	const json_t *value = json_object_get(body, name);

	if (value == NULL) {
		reply_api_parameter(&call->reply, "required", "Required", name);
		return false;
	}
	if (!json_is_string(value) || !tz_parse_time(json_string_value(value), zone, ms)) {
		reply_api_parameter(&call->reply, "badRequest", "Bad Request", name);
		return false;
	}
	return true;
}

static bool freebusy_read_items(struct call *call, const json_t *body, struct freebusy_question *question)
{
	const json_t *item;
	size_t at;

	question->items = json_object_get(body, "items");
	if (question->items != NULL && !json_is_array(question->items)) {
		reply_api_parameter(&call->reply, "invalid", "Invalid Value", "items");
		return false;
	}
	json_array_foreach(question->items, at, item)
	{
		if (!json_is_string(json_object_get(item, "id"))) {
			reply_api_parameter(&call->reply, "required", "Required", "items.id");
			return false;
		}
	}
	return true;
}

/* False after an answer. */
static bool freebusy_read(struct call *call, const json_t *body, struct freebusy_question *question)
{
	const json_t *max = json_object_get(body, "calendarExpansionMax");
	const json_t *zone = json_object_get(body, "timeZone");

	question->zone = zone == NULL ? "UTC" : json_string_value(zone);
	if (question->zone == NULL || !tz_is_known(question->zone)) {
		reply_api_parameter(&call->reply, "invalid", "Invalid time zone.", "timeZone");
		return false;
	}
	question->max = FREEBUSY_CALENDARS_MAX;
	if (max != NULL) {
		if (!json_is_integer(max) || json_integer_value(max) < 1 ||
		    json_integer_value(max) > FREEBUSY_CALENDARS_MAX) {
			reply_api_parameter(&call->reply, "invalid", "Invalid Value", "calendarExpansionMax");
			return false;
		}
		question->max = (size_t)json_integer_value(max);
	}
	if (!freebusy_read_time(call, body, "timeMin", NULL, &question->window.start_ms) ||
	    !freebusy_read_time(call, body, "timeMax", NULL, &question->window.end_ms) ||
	    !freebusy_read_items(call, body, question))
		return false;
	if (question->window.end_ms <= question->window.start_ms) {
		reply_api_error(&call->reply, 0, "timeRangeEmpty", NULL);
		return false;
	}
	if (question->window.end_ms - question->window.start_ms > FREEBUSY_RANGE_MAX_MS) {
		reply_api_error(&call->reply, 0, "timeRangeTooLong", NULL);
		return false;
	}
	return true;
}

static json_t *freebusy_error(const char *reason)
{
	return json_pack(
		"{s:[{s:s,s:s}],s:[]}", "errors", "domain",
		strcmp(reason, "notFound") == 0 || strcmp(reason, "internalError") == 0 ? "global" : "calendar",
		"reason", reason, "busy");
}

/* The error a fault wants for a calendar, or NULL. */
static const char *freebusy_wanted_error(const struct call *call, const char *id)
{
	const json_t *reason = json_object_get(call->tweaks.calendar_errors, id);

	if (reason == NULL)
		reason = json_object_get(call->tweaks.calendar_errors, "*");
	return json_string_value(reason);
}

static json_t *freebusy_answer_one(struct call *call, struct account *account, const struct freebusy_question *question,
                                   const char *id)
{
	struct calendar *calendar = calstore_find(account, id);
	const char *wanted = freebusy_wanted_error(call, id);
	struct evstore_span *spans;
	json_t *busy;
	size_t count;

	if (wanted != NULL)
		return freebusy_error(wanted);
	if (calendar == NULL)
		return freebusy_error("notFound");
	people_give_events(call->state, account, calendar);
	count = evstore_list_busy(calendar, question->window, &spans);
	busy = json_array();
	for (size_t i = 0; i < count; i++) {
		char start[40], end[40];

		tz_format(spans[i].start_ms, question->zone, start);
		tz_format(spans[i].end_ms, question->zone, end);
		json_array_append_new(busy, json_pack("{s:s,s:s}", "start", start, "end", end));
	}
	free(spans);
	return json_pack("{s:o}", "busy", busy);
}

static void freebusy_answer(struct call *call, struct account *account, const struct freebusy_question *question)
{
	json_t *calendars = json_object();
	char start[40], end[40];
	const json_t *item;
	size_t at;

	json_array_foreach(question->items, at, item)
	{
		const char *id = json_string_value(json_object_get(item, "id"));
		json_t *answer = at < question->max ? freebusy_answer_one(call, account, question, id)
		                                    : freebusy_error("tooManyCalendarsRequested");

		json_object_set_new(calendars, id, answer);
	}
	tz_format(question->window.start_ms, question->zone, start);
	tz_format(question->window.end_ms, question->zone, end);
	reply_json(&call->reply, 200,
	           json_pack("{s:s,s:s,s:s,s:o}", "kind", "calendar#freeBusy", "timeMin", start, "timeMax", end,
	                     "calendars", calendars));
}

void freebusy_query(struct call *call)
{
	struct account *account =
		call_authorize(call, SCOPE_CALENDAR | SCOPE_READONLY | SCOPE_FREEBUSY | SCOPE_EVENTS_FREEBUSY);
	struct freebusy_question question = { 0 };
	json_t *body;

	if (account == NULL)
		return;
	body = call_read_json(call);
	if (body == NULL)
		return;
	if (freebusy_read(call, body, &question))
		freebusy_answer(call, account, &question);
	json_decref(body);
}
