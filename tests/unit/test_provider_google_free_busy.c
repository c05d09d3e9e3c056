/* Google's free/busy: batches and chunks, and calendars that must not look free. */
#include "tests/unit/test_provider_common.h"

#include "ipc/base/timefmt.h"

#include <jansson.h>

#define URL "https://www.googleapis.com/calendar/v3/freeBusy?prettyPrint=false"

static const int64_t day_ms = 86400000;
static const int64_t march = 1772323200000; /* 2026-03-01T00:00:00Z */

static struct operation *new_query(const char *const *ids, size_t count, int64_t from, int64_t to)
{
	return google()->free_busy(config_plain(), ids, count, from, to);
}

static const char *const people[] = { "ada@example.com", "free@example.com", "gone@example.com", "unheard@example.com" };

static void test_one_request(void **state)
{
	(void)state;
	static const char body[] =
		"{\"timeMin\":\"2026-03-01T00:00:00Z\",\"timeMax\":\"2026-03-02T00:00:00Z\",\"calendarExpansionMax\":50,"
		"\"items\":[{\"id\":\"ada@example.com\"},{\"id\":\"free@example.com\"},{\"id\":\"gone@example.com\"},"
		"{\"id\":\"unheard@example.com\"}]}";
	struct operation *op = new_query(people, 4, march, march + day_ms);
	assert_true(op->class->needs_token && op->class->repeatable);
	expect_post(next(op, NULL), URL, "application/json", body);
	expect_failure(next_reply(op, reply_from(403, "error_user_rate.json")), REASON_RATE_USER, VERDICT_RETRY);
	expect_post(next(op, NULL), URL, "application/json", body);
	assert_null(google()->free_busy_result(op));
	assert_int_equal(next_reply(op, reply_from(200, "free_busy.json")).kind, STEP_DONE);
	const struct free_busy_result *result = google()->free_busy_result(op);
	assert_int_equal(result->count, 4);
	const struct busy_calendar *ada = &result->calendars[0];
	assert_string_equal(ada->external_id, "ada@example.com");
	assert_string_equal(ada->error, "");
	assert_int_equal(ada->count, 2);
	assert_int_equal(ada->spans[0].start, march + 9 * 3600000);
	assert_int_equal(ada->spans[0].end, march + 10 * 3600000);
	assert_int_equal(ada->spans[1].start, march + 13 * 3600000 + 1800000);
	assert_string_equal(result->calendars[1].error, "");
	assert_int_equal(result->calendars[1].count, 0);
	assert_string_equal(result->calendars[2].error, "notFound");
	assert_string_equal(result->calendars[3].error, "missing");
	operation_free(op);
}

#define NINE "{\"start\":\"2026-03-01T09:00:00Z\",\"end\":\"2026-03-01T09:30:00Z\"}"

/* A calendar's entry, and what its error becomes. */
static const struct {
	const char *entry, *error;
	size_t spans;
} entries[] = {
	{ "{\"busy\":[]}", "", 0 },
	{ "{\"busy\":[{\"start\":\"2026-03-01T09:00:00Z\",\"end\":\"2026-03-01T09:00:00Z\"}]}", "", 0 },
	{ "{\"errors\":[],\"busy\":[" NINE "]}", "", 1 },
	{ "{\"errors\":[{\"reason\":\"internalError\"}],\"busy\":[" NINE "]}", "internalError", 0 },
	{ "{\"errors\":[{\"reason\":\"tooManyCalendarsRequested\"}]}", "tooManyCalendarsRequested", 0 },
	{ "{\"errors\":[{\"reason\":\"<b>\"}],\"busy\":[]}", "unknown", 0 },
	{ "{\"errors\":[{}],\"busy\":[]}", "unknown", 0 },
	{ "{\"errors\":{\"reason\":\"x\"},\"busy\":[]}", "unknown", 0 },
	{ "{\"errors\":null,\"busy\":[]}", "unknown", 0 },
	{ "{}", "malformed", 0 },
	{ "[]", "malformed", 0 },
	{ "null", "malformed", 0 },
	{ "{\"busy\":null}", "malformed", 0 },
	{ "{\"busy\":[17]}", "malformed", 0 },
	{ "{\"busy\":[{\"start\":\"2026-03-01T09:00:00Z\"}]}", "malformed", 0 },
	{ "{\"busy\":[{\"start\":\"2026-03-01\",\"end\":\"2026-03-02\"}]}", "malformed", 0 },
	{ "{\"busy\":[" NINE ","
	  "{\"start\":\"2026-03-01T10:00:00Z\",\"end\":\"2026-03-01T09:59:59Z\"}]}", "malformed", 0 },
};

static void test_calendar_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		struct buf body = { 0 };
		struct operation *op = new_query(people, 1, march, march + day_ms);
		buf_printf(&body, "{\"calendars\":{\"ada@example.com\":%s}}", entries[i].entry);
		assert_int_equal(next_reply(op, reply_of(200, buf_text(&body))).kind, STEP_DONE);
		const struct busy_calendar *calendar = &google()->free_busy_result(op)->calendars[0];
		if (strcmp(calendar->error, entries[i].error) != 0 || calendar->count != entries[i].spans)
			fail_msg("%s: \"%s\", %zu spans", entries[i].entry, calendar->error, calendar->count);
		buf_free(&body);
		operation_free(op);
	}
}

static void test_unreadable(void **state)
{
	(void)state;
	static const char *const bodies[] = { "", "{}", "[]", "<html>", "{\"calendars\":[]}", "{\"calendars\":null}",
		"{\"calendars\":{\"ada@example.com\":{\"errors\":[{}]},\"ada@example.com\":{\"busy\":[]}}}" };
	struct operation *op = new_query(people, 1, march, march + day_ms);
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		expect_failure(next_reply(op, reply_of(200, bodies[i])), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	assert_null(google()->free_busy_result(op));
	operation_free(op);
}

static int64_t instant(const json_t *root, const char *key)
{
	int64_t at = 0;
	assert_true(time_parse(json_string_value(json_object_get(root, key)), &at));
	return at;
}

/* Answer a request as Google would: an hour at the start of the chunk for every calendar asked for, but `broken` fails. */
static struct http_response answer(const struct http_request *request, const char *broken)
{
	struct buf body = { 0 };
	json_t *asked = json_loads(request->body.data, 0, NULL);
	json_t *items = json_object_get(asked, "items");
	char start[TIME_TEXT_SIZE], end[TIME_TEXT_SIZE];
	time_format(start, instant(asked, "timeMin"));
	time_format(end, instant(asked, "timeMin") + 3600000);
	buf_add_text(&body, "{\"calendars\":{");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const char *id = json_string_value(json_object_get(json_array_get(items, i), "id"));
		buf_printf(&body, "%s\"%s\":{\"busy\":[{\"start\":\"%s\",\"end\":\"%s\"}]%s}", i ? "," : "", id, start, end,
		           strcmp(id, broken) == 0 ? ",\"errors\":[{\"reason\":\"internalError\"}]" : "");
	}
	buf_add_text(&body, "}}");
	struct http_response response = reply_of(200, buf_text(&body));
	json_decref(asked);
	buf_free(&body);
	return response;
}

static void test_batches(void **state)
{
	(void)state;
	enum { CALENDARS = 120, DAYS = 150, REQUESTS = 9 };
	static const size_t sizes[3] = { 50, 50, 20 };
	static const int days[4] = { 0, 60, 120, 150 };
	char *ids[CALENDARS];
	for (int i = 0; i < CALENDARS; i++) {
		struct buf id = { 0 };
		buf_printf(&id, "c%d@example.com", i);
		ids[i] = id.data;
	}
	struct operation *op = new_query((const char *const *)ids, CALENDARS, march, march + DAYS * day_ms);
	struct step step = next(op, NULL);
	for (int i = 0; i < REQUESTS; i++) {
		assert_int_equal(step.kind, STEP_SEND);
		json_t *asked = json_loads(step.request->body.data, 0, NULL);
		assert_int_equal(json_array_size(json_object_get(asked, "items")), sizes[i / 3]);
		assert_int_equal(instant(asked, "timeMin"), march + days[i % 3] * day_ms);
		assert_int_equal(instant(asked, "timeMax"), march + days[i % 3 + 1] * day_ms);
		json_decref(asked);
		struct http_response response = answer(step.request, i == 1 ? "c7@example.com" : "");
		http_request_free(step.request);
		step = next_reply(op, response);
	}
	assert_int_equal(step.kind, STEP_DONE);
	const struct free_busy_result *result = google()->free_busy_result(op);
	assert_int_equal(result->count, CALENDARS);
	for (size_t i = 0; i < CALENDARS; i++) {
		const struct busy_calendar *calendar = &result->calendars[i];
		assert_string_equal(calendar->external_id, ids[i]);
		/* One failed chunk makes the whole calendar unknown. */
		assert_string_equal(calendar->error, i == 7 ? "internalError" : "");
		assert_int_equal(calendar->count, i == 7 ? 0 : 3);
		for (size_t k = 0; k < calendar->count; k++)
			assert_int_equal(calendar->spans[k].start, march + days[k] * day_ms);
		free(ids[i]);
	}
	operation_free(op);
}

static void test_nothing_to_ask(void **state)
{
	(void)state;
	struct operation *op = new_query(NULL, 0, march, march + 1);
	assert_int_equal(next(op, NULL).kind, STEP_DONE);
	assert_int_equal(google()->free_busy_result(op)->count, 0);
	operation_free(op);
	op = new_query(people, 2, march, march);
	assert_int_equal(next(op, NULL).kind, STEP_DONE);
	assert_int_equal(google()->free_busy_result(op)->count, 2);
	operation_free(op);
	op = new_query(people, 1, march, march - 1);
	assert_int_equal(next(op, NULL).kind, STEP_DONE);
	operation_free(op);
}

static void test_extreme_ids_and_ranges(void **state)
{
	(void)state;
	static const char *const ids[] = { "a\"b\\\n\xff@example.com" };
	struct operation *op = new_query(ids, 1, march, march + 60 * day_ms + 1);
	expect_post(next(op, NULL), URL, "application/json",
	            "{\"timeMin\":\"2026-03-01T00:00:00Z\",\"timeMax\":\"2026-04-30T00:00:00Z\",\"calendarExpansionMax\":50,"
	            "\"items\":[{\"id\":\"a\\\"b\\\\\\n\xef\xbf\xbd@example.com\"}]}");
	struct step step = next_reply(op, reply_of(200, "{\"calendars\":{}}"));
	expect_post(step, URL, "application/json",
	            "{\"timeMin\":\"2026-04-30T00:00:00Z\","
	            "\"timeMax\":\"2026-04-30T00:00:00.001Z\",\"calendarExpansionMax\":50,"
	            "\"items\":[{\"id\":\"a\\\"b\\\\\\n\xef\xbf\xbd@example.com\"}]}");
	assert_int_equal(next_reply(op, reply_of(200, "{\"calendars\":{}}")).kind, STEP_DONE);
	assert_string_equal(google()->free_busy_result(op)->calendars[0].error, "missing");
	operation_free(op);
	op = new_query(people, 1, INT64_MIN, INT64_MAX);
	skip_request(op);
	operation_free(op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_request),
		cmocka_unit_test(test_calendar_entries),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_nothing_to_ask),
		cmocka_unit_test(test_extreme_ids_and_ranges),
	};
	if (secret_setup() != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	config_release();
	return failed;
}
