/*
 * Events of calendars: storing, cancelling, busy time.
 * Ownership: the calendar owns its events, an event its JSON body.
 */
#include "tests/sandbox/evstore.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/tz.h"

char *evstore_make_id(struct rng *rng)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuv";
	char *id = mem_alloc(27);

	rng_fill(rng, id, 26);
	for (size_t i = 0; i < 26; i++)
		id[i] = alphabet[(unsigned char)id[i] & 31U];
	return id;
}

struct event *evstore_find(struct calendar *calendar, const char *id)
{
	return table_get(&calendar->events_by_id, id);
}

static bool evstore_parse_point(const json_t *point, const char *zone, bool *all_day, int64_t *ms)
{
	const char *date = json_string_value(json_object_get(point, "date"));
	const char *time = json_string_value(json_object_get(point, "dateTime"));
	const char *own = json_string_value(json_object_get(point, "timeZone"));

	if (own != NULL && !tz_is_known(own))
		return false;
	*all_day = date != NULL;
	if ((date == NULL) == (time == NULL))
		return false;
	if (date != NULL)
		return tz_parse_date(date, zone, ms);
	return tz_parse_time(time, own, ms);
}

const char *evstore_parse_span(const json_t *body, const char *zone, struct evstore_span *span)
{
	const json_t *start = json_object_get(body, "start");
	const json_t *end = json_object_get(body, "end");
	bool start_all_day, end_all_day;

	if (!json_is_object(start))
		return "Missing start time.";
	if (!json_is_object(end))
		return "Missing end time.";
	if (!evstore_parse_point(start, zone, &start_all_day, &span->start_ms))
		return "Invalid start time.";
	if (!evstore_parse_point(end, zone, &end_all_day, &span->end_ms))
		return "Invalid end time.";
	if (start_all_day != end_all_day)
		return "Start and end times must either both be date or both be dateTime.";
	if (span->end_ms < span->start_ms || (start_all_day && span->end_ms == span->start_ms))
		return "The specified time range is empty.";
	return NULL;
}

static void evstore_set_default(json_t *body, const char *name, const char *value)
{
	if (json_object_get(body, name) == NULL)
		json_object_set_new(body, name, json_string(value));
}

/* Times come back in the calendar's zone, however they were sent. */
static void evstore_show_time(json_t *body, const char *name, int64_t ms, const char *zone)
{
	json_t *point = json_object_get(body, name);
	char text[40];

	if (json_object_get(point, "dateTime") == NULL)
		return;
	tz_format(ms, zone, text);
	json_object_set_new(point, "dateTime", json_string(text));
	evstore_set_default(point, "timeZone", zone);
}

static void evstore_touch(struct state *state, struct event *event)
{
	char updated[32];

	event->version = state_next_etag(state);
	event->updated_ms = clock_wall_ms();
	clock_format_utc(event->updated_ms, updated);
	json_object_set_new(event->body, "updated", json_string(updated));
	evstore_set_default(event->body, "created", updated);
}

static void evstore_take_flags(struct event *event)
{
	const char *transparency = json_string_value(json_object_get(event->body, "transparency"));
	const char *status = json_string_value(json_object_get(event->body, "status"));

	event->opaque = transparency == NULL || strcmp(transparency, "transparent") != 0;
	event->cancelled = status != NULL && strcmp(status, "cancelled") == 0;
}

struct event *evstore_put(struct state *state, struct calendar *calendar, const char *id, json_t *body)
{
	struct event *event = evstore_find(calendar, id);
	struct evstore_span span = { 0, 0 };

	if (event == NULL) {
		event = mem_alloc(sizeof *event);
		event->id = mem_copy(id);
		calendar->events =
			mem_grow(calendar->events, calendar->event_count, &calendar->event_capacity, sizeof event);
		calendar->events[calendar->event_count++] = event;
		table_put(&calendar->events_by_id, event->id, event);
	}
	if (body != event->body) {
		json_decref(event->body);
		event->body = body;
	}
	evstore_parse_span(body, calendar->zone, &span);
	event->start_ms = span.start_ms;
	event->end_ms = span.end_ms;
	json_object_set_new(body, "kind", json_string("calendar#event"));
	json_object_set_new(body, "id", json_string(id));
	evstore_set_default(body, "status", "confirmed");
	evstore_show_time(body, "start", span.start_ms, calendar->zone);
	evstore_show_time(body, "end", span.end_ms, calendar->zone);
	evstore_touch(state, event);
	evstore_take_flags(event);
	return event;
}

void evstore_cancel(struct state *state, struct event *event)
{
	json_object_set_new(event->body, "status", json_string("cancelled"));
	event->cancelled = true;
	evstore_touch(state, event);
}

static int evstore_compare_spans(const void *left, const void *right)
{
	const struct evstore_span *a = left;
	const struct evstore_span *b = right;

	return (a->start_ms > b->start_ms) - (a->start_ms < b->start_ms);
}

static size_t evstore_merge(struct evstore_span *spans, size_t count)
{
	size_t kept = 0;

	for (size_t i = 1; i < count; i++) {
		if (spans[i].start_ms > spans[kept].end_ms)
			spans[++kept] = spans[i];
		else if (spans[i].end_ms > spans[kept].end_ms)
			spans[kept].end_ms = spans[i].end_ms;
	}
	return count == 0 ? 0 : kept + 1;
}

size_t evstore_list_busy(const struct calendar *calendar, struct evstore_span window, struct evstore_span **spans)
{
	struct evstore_span *found = mem_alloc((calendar->event_count + 1) * sizeof *found);
	size_t count = 0;

	for (size_t i = 0; i < calendar->event_count; i++) {
		const struct event *event = calendar->events[i];
		struct evstore_span span = { event->start_ms, event->end_ms };

		if (event->cancelled || !event->opaque || span.end_ms <= window.start_ms ||
		    span.start_ms >= window.end_ms || span.end_ms == span.start_ms)
			continue;
		if (span.start_ms < window.start_ms)
			span.start_ms = window.start_ms;
		if (span.end_ms > window.end_ms)
			span.end_ms = window.end_ms;
		found[count++] = span;
	}
	qsort(found, count, sizeof *found, evstore_compare_spans);
	*spans = found;
	return evstore_merge(found, count);
}
