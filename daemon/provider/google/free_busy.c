/* When calendars are busy: batches of calendars, and for each batch chunks of the time range. */
#include "daemon/provider/google/free_busy.h"

#include "daemon/provider/google/errors.h"
#include "daemon/provider/body.h"
#include "daemon/provider/step.h"
#include "daemon/provider/uri.h"
#include "ipc/base/mem.h"
#include "ipc/base/timefmt.h"
#include "ipc/writer.h"

#include <stdlib.h>
#include <string.h>

/* calendarExpansionMax is at most 50; Google names no longest range, 60 days is known to work (PROVIDERS.md 2.4). */
enum { BATCH_MAX = 50 };
static const int64_t chunk_max_ms = (int64_t)60 * 86400 * 1000;

struct free_busy {
	struct operation operation;
	int64_t from, to;
	size_t batch_first;  /* index of the first calendar of the current batch */
	int64_t chunk_from;
	bool done;
	struct free_busy_result result;
};

static size_t batch_end(const struct free_busy *query)
{
	size_t left = query->result.count - query->batch_first;
	return query->batch_first + (left < BATCH_MAX ? left : BATCH_MAX);
}

static int64_t chunk_end(const struct free_busy *query)
{
	/* Unsigned, so that no range overflows. */
	uint64_t left = (uint64_t)query->to - (uint64_t)query->chunk_from;
	return left > (uint64_t)chunk_max_ms ? query->chunk_from + chunk_max_ms : query->to;
}

static void put_instant(struct writer *w, const char *key, int64_t at_ms)
{
	char text[TIME_TEXT_SIZE];
	time_format(text, at_ms);
	writer_put_text(w, key, text);
}

static struct http_request *busy_request(const struct free_busy *query)
{
	struct buf url = { 0 }, body = { 0 };
	struct writer w;
	buf_add_text(&url, query->operation.config->api_url);
	buf_add_text(&url, "/freeBusy");
	uri_add_query(&url, "prettyPrint", "false");
	writer_init(&w, &body);
	writer_object(&w);
	put_instant(&w, "timeMin", query->chunk_from);
	put_instant(&w, "timeMax", chunk_end(query));
	writer_key(&w, "calendarExpansionMax");
	writer_int(&w, BATCH_MAX);
	writer_key(&w, "items");
	writer_array(&w);
	for (size_t i = query->batch_first; i < batch_end(query); i++) {
		writer_object(&w);
		writer_put_text(&w, "id", query->result.calendars[i].external_id);
		writer_end(&w);
	}
	writer_end(&w);
	writer_end(&w);
	struct http_request *request = http_request_new(HTTP_POST, buf_text(&url), HTTP_REPLY_API_MAX);
	request->content_type = "application/json";
	secret_buf_add(&request->body, body.data, body.len);
	buf_free(&url);
	buf_free(&body);
	return request;
}

/* From now on nothing is known about this calendar, in no part of the range: a gap that looks free would be a lie. */
static void make_unknown(struct busy_calendar *calendar, const char *word)
{
	(void)str_copy(calendar->error, sizeof calendar->error, word);
	free(calendar->spans);
	calendar->spans = NULL;
	calendar->count = 0;
}

static bool read_instant(const json_t *span, const char *key, int64_t *at_ms)
{
	const char *text = body_text(span, key);
	return text && time_parse(text, at_ms);
}

static bool read_spans(const json_t *busy, struct busy_calendar *calendar)
{
	size_t count = json_array_size(busy);
	if (!json_is_array(busy))
		return false;
	calendar->spans = mem_grow_array(calendar->spans, calendar->count + count, sizeof *calendar->spans);
	for (size_t i = 0; i < count; i++) {
		struct busy_span span;
		const json_t *entry = json_array_get(busy, i);
		if (!read_instant(entry, "start", &span.start) || !read_instant(entry, "end", &span.end) ||
		    span.end < span.start)
			return false;
		if (span.end > span.start)
			calendar->spans[calendar->count++] = span;
	}
	return true;
}

static void read_calendar(const json_t *entry, struct busy_calendar *calendar)
{
	const json_t *errors = json_object_get(entry, "errors");
	if (calendar->error[0])
		return;
	if (!entry) {
		make_unknown(calendar, "missing");
	} else if (errors && !(json_is_array(errors) && json_array_size(errors) == 0)) {
		const char *word = body_text(json_array_get(errors, 0), "reason");
		make_unknown(calendar, word && google_is_reason(word) ? word : "unknown");
	} else if (!read_spans(json_object_get(entry, "busy"), calendar)) {
		make_unknown(calendar, "malformed");
	}
}

/* Move to the next request; false: there is none. */
static bool advance(struct free_busy *query)
{
	query->chunk_from = chunk_end(query);
	if (query->chunk_from < query->to)
		return true;
	query->chunk_from = query->from;
	query->batch_first = batch_end(query);
	return query->batch_first < query->result.count;
}

static struct step busy_next(struct operation *operation, const struct http_response *response)
{
	struct free_busy *query = (struct free_busy *)operation;
	struct failure failure;
	if (query->done)
		return step_done();
	if (!response)
		return step_send(busy_request(query));
	if (google_failure(response, GOOGLE_CALL_ACCOUNT, &failure))
		return step_fail(&failure);
	json_t *root = body_object(response);
	const json_t *calendars = json_object_get(root, "calendars");
	if (!json_is_object(calendars)) {
		json_decref(root);
		return step_unusable(response, VERDICT_RETRY, "Google's free/busy reply cannot be read.");
	}
	for (size_t i = query->batch_first; i < batch_end(query); i++)
		read_calendar(json_object_get(calendars, query->result.calendars[i].external_id), &query->result.calendars[i]);
	json_decref(root);
	query->done = !advance(query);
	return query->done ? step_done() : step_send(busy_request(query));
}

static void busy_free(struct operation *operation)
{
	struct free_busy *query = (struct free_busy *)operation;
	for (size_t i = 0; i < query->result.count; i++) {
		free(query->result.calendars[i].external_id);
		free(query->result.calendars[i].spans);
	}
	free(query->result.calendars);
	free(query);
}

/* freeBusy.query is a POST that changes nothing. */
static const struct operation_class busy_class = {
	.name = "free_busy", .needs_token = true, .repeatable = true, .next = busy_next, .free = busy_free
};

struct operation *google_free_busy_new(const struct provider_config *config, const char *const *external_ids, size_t count,
                                       int64_t from, int64_t to)
{
	struct free_busy *query = mem_alloc(sizeof *query);
	query->operation = (struct operation){ .class = &busy_class, .config = config };
	query->from = query->chunk_from = from;
	query->to = to;
	query->done = count == 0 || from >= to;
	query->result.calendars = mem_alloc_array(count, sizeof *query->result.calendars);
	query->result.count = count;
	for (size_t i = 0; i < count; i++)
		query->result.calendars[i].external_id = mem_strdup(external_ids[i]);
	return &query->operation;
}

const struct free_busy_result *google_free_busy_result(const struct operation *operation)
{
	const struct free_busy *query = (const struct free_busy *)operation;
	return operation->class == &busy_class && query->done ? &query->result : NULL;
}
