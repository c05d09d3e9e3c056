/* Google's calendar list: pages, cursors, and entries nobody should trust (SAFETY.md bad inputs 55 and 59). */
#include "tests/unit/test_provider_common.h"

#define LIST "https://www.googleapis.com/calendar/v3/users/me/calendarList?maxResults=250&showHidden=true"
#define REST                                                                                                        \
	"&prettyPrint=false&fields=nextPageToken%2CnextSyncToken%2Citems%28id%2Csummary%2CsummaryOverride%2Cdescription" \
	"%2CtimeZone%2CbackgroundColor%2CforegroundColor%2CaccessRole%2Cprimary%2Cdeleted%29"

static struct operation *new_list(const char *cursor)
{
	return google()->calendar_list(config_plain(), cursor);
}

static const struct calendar_item *item_of(const struct operation *op, const char *id)
{
	const struct calendar_list_result *result = google()->calendar_list_result(op);
	for (size_t i = 0; i < result->count; i++)
		if (strcmp(result->items[i].external_id, id) == 0)
			return &result->items[i];
	return NULL;
}

static void test_one_page(void **state)
{
	(void)state;
	struct operation *op = new_list(NULL);
	assert_true(op->class->needs_token && op->class->repeatable);
	expect_url(next(op, NULL), HTTP_GET, LIST REST);
	assert_null(google()->calendar_list_result(op));
	assert_int_equal(next_reply(op, reply_from(200, "calendar_list.json")).kind, STEP_DONE);
	const struct calendar_list_result *result = google()->calendar_list_result(op);
	assert_int_equal(result->count, 3);
	assert_true(result->full);
	assert_false(result->cursor_expired);
	assert_string_equal(result->cursor, "CPDAlvWDx70CEPDAlvWDx70CGAU=");
	const struct calendar_item *item = item_of(op, "ada@example.com");
	assert_true(item->primary);
	assert_false(item->deleted);
	assert_string_equal(item->access_role, "owner");
	assert_string_equal(item->time_zone, "Europe/Berlin");
	assert_string_equal(item->background_color, "#9fe1e7");
	assert_string_equal(item->foreground_color, "#000000");
	assert_null(item->description);
	item = item_of(op, "team1@group.calendar.google.com");
	assert_string_equal(item->summary, "Our team");
	assert_string_equal(item->description, "Where the team meets");
	assert_string_equal(item_of(op, "en.german#holiday@group.v.calendar.google.com")->access_role, "reader");
	operation_free(op);
}

static void test_three_pages(void **state)
{
	(void)state;
	static const char second[] = LIST "&pageToken=EiAKGjBpNDd2Nmp2Zml2cXRwYjBpOXA%3D" REST;
	struct operation *op = new_list("");
	expect_url(next(op, NULL), HTTP_GET, LIST REST);
	expect_url(next_reply(op, reply_from(200, "calendar_list_page1.json")), HTTP_GET, second);
	/* A failure in between keeps the place. */
	expect_failure(next_reply(op, reply_from(500, "error_backend.json")), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	expect_failure(next_reply(op, reply_from(200, "error_page.html")), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	expect_url(next(op, NULL), HTTP_GET, second);
	expect_url(next_reply(op, reply_from(200, "calendar_list_page2.json")), HTTP_GET,
	           LIST "&pageToken=EiEKGzBpNDd2Nmp2Zml2cXRwYjBpOXA%2F%2B%26" REST);
	assert_int_equal(next_reply(op, reply_from(200, "calendar_list_page3.json")).kind, STEP_DONE);
	assert_int_equal(next(op, NULL).kind, STEP_DONE);
	const struct calendar_list_result *result = google()->calendar_list_result(op);
	assert_int_equal(result->count, 3);
	assert_string_equal(result->items[0].summary, "Team 2");
	assert_string_equal(result->items[1].summary, "Team 3");
	assert_string_equal(result->items[2].summary, "Team 1 renamed"); /* came twice, the last counts */
	assert_string_equal(result->cursor, "CJCd3pOE070CEJCd3pOE070CGAU=");
	operation_free(op);
}

static void test_changes(void **state)
{
	(void)state;
	struct operation *op = new_list("CUR+1=");
	expect_url(next(op, NULL), HTTP_GET, LIST "&showDeleted=true&syncToken=CUR%2B1%3D" REST);
	expect_url(next_reply(op, reply_from(200, "calendar_list_page1.json")), HTTP_GET,
	           LIST "&showDeleted=true&syncToken=CUR%2B1%3D&pageToken=EiAKGjBpNDd2Nmp2Zml2cXRwYjBpOXA%3D" REST);
	assert_int_equal(next_reply(op, reply_from(200, "calendar_list_changes.json")).kind, STEP_DONE);
	const struct calendar_list_result *result = google()->calendar_list_result(op);
	assert_false(result->full);
	assert_false(result->cursor_expired);
	assert_int_equal(result->count, 2);
	assert_true(item_of(op, "team2@group.calendar.google.com")->deleted);
	assert_string_equal(item_of(op, "team2@group.calendar.google.com")->access_role, "none");
	assert_string_equal(item_of(op, "team1@group.calendar.google.com")->summary, "Team one");
	operation_free(op);
}

static void test_expired_cursor(void **state)
{
	(void)state;
	struct operation *op = new_list("old");
	http_request_free(next_reply(op, reply_from(200, "calendar_list_page1.json")).request);
	expect_url(next_reply(op, reply_from(410, "error_full_sync.json")), HTTP_GET, LIST REST);
	expect_url(next(op, NULL), HTTP_GET, LIST REST);
	/* Again: it fails, and asking once more is no way around it. */
	expect_failure(next_reply(op, reply_from(410, "error_full_sync.json")), REASON_CURSOR_EXPIRED, VERDICT_PERMANENT);
	expect_url(next(op, NULL), HTTP_GET, LIST REST);
	expect_failure(next_reply(op, reply_from(410, "error_page.html")), REASON_PROVIDER_REJECTED, VERDICT_PERMANENT);
	assert_int_equal(next_reply(op, reply_from(200, "calendar_list.json")).kind, STEP_DONE);
	const struct calendar_list_result *result = google()->calendar_list_result(op);
	assert_true(result->full);
	assert_true(result->cursor_expired);
	assert_int_equal(result->count, 3); /* nothing of the page before */
	operation_free(op);
}

static void test_expired_cursor_without_reason(void **state)
{
	(void)state;
	struct operation *op = new_list("old");
	expect_url(next_reply(op, reply_of(410, "")), HTTP_GET, LIST REST);
	operation_free(op);
}

static void test_page_loop(void **state)
{
	(void)state;
	struct operation *op = new_list(NULL);
	http_request_free(next_reply(op, reply_of(200, "{\"items\":[],\"nextPageToken\":\"a\"}")).request);
	http_request_free(next_reply(op, reply_of(200, "{\"items\":[],\"nextPageToken\":\"b\"}")).request);
	expect_failure(next_reply(op, reply_of(200, "{\"items\":[],\"nextPageToken\":\"a\"}")), REASON_PROVIDER_DOWN,
	               VERDICT_PERMANENT);
	expect_failure(next_reply(op, reply_of(200, "{\"items\":[],\"nextPageToken\":\"b\"}")), REASON_PROVIDER_DOWN,
	               VERDICT_PERMANENT);
	expect_url(next(op, NULL), HTTP_GET, LIST "&pageToken=b" REST);
	operation_free(op);
}

/* Pages of `each` entries, every token new, until the operation gives up: how many it took. */
static size_t pages_until_failure(size_t each)
{
	struct operation *op = new_list(NULL);
	for (size_t page = 1;; page++) {
		struct buf body = { 0 };
		buf_printf(&body, "{\"nextPageToken\":\"t%zu\",\"items\":[", page);
		for (size_t i = 0; i < each; i++)
			buf_printf(&body, "%s{\"id\":\"c%zu-%zu\"}", i ? "," : "", page, i);
		buf_add_text(&body, "]}");
		struct step step = next_reply(op, reply_of(200, buf_text(&body)));
		buf_free(&body);
		if (step.kind == STEP_SEND) {
			http_request_free(step.request);
			continue;
		}
		expect_failure(step, REASON_PROVIDER_DOWN, VERDICT_PERMANENT);
		operation_free(op);
		return page;
	}
}

static void test_caps(void **state)
{
	(void)state;
	assert_int_equal(pages_until_failure(0), 200);
	assert_int_equal(pages_until_failure(250), 81); /* 80 pages of 250 are 20 000 */
	assert_int_equal(pages_until_failure(20001), 1);
}

static void test_hostile_items(void **state)
{
	(void)state;
	struct operation *op = new_list(NULL);
	assert_int_equal(next_reply(op, reply_from(200, "calendar_list_hostile.json")).kind, STEP_DONE);
	const struct calendar_list_result *result = google()->calendar_list_result(op);
	assert_int_equal(result->count, 6); /* those without a usable id are left out */
	const struct calendar_item *item = item_of(op, "a/b?c#d%2f..@example.com");
	assert_int_equal(strlen(item->summary), 1024);
	assert_int_equal(strlen(item->description), 8191); /* 1 + 2730 x 3: the next character does not fit */
	item = item_of(op, "zones@example.com");
	assert_null(item->time_zone);
	assert_null(item->background_color);
	assert_null(item->foreground_color);
	assert_string_equal(item->access_role, "none");
	item = item_of(op, "root@example.com");
	assert_null(item->time_zone);
	assert_null(item->background_color);
	assert_string_equal(item->foreground_color, "#ABCDEF");
	assert_string_equal(item->access_role, "none");
	assert_false(item->primary);
	assert_false(item->deleted);
	assert_string_equal(item_of(op, "esc@example.com")->time_zone, "Etc/GMT+5");
	assert_string_equal(item_of(op, "nul@example.com")->summary, "nul@example.com");
	assert_string_equal(item_of(op, "twice@example.com")->summary, "last");
	operation_free(op);
}

static void test_unreadable_pages(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"", "{}", "[]", "<html>", "{\"items\":[]}", "{\"items\":{},\"nextSyncToken\":\"s\"}",
		"{\"items\":[],\"nextSyncToken\":7}",
		"{\"items\":[],\"nextSyncToken\":\"\"}", "{\"items\":[],\"nextPageToken\":7,\"nextSyncToken\":\"s\"}",
		"{\"items\":[],\"nextSyncToken\":\"a\\u0000b\"}",
		"{\"items\":[{\"id\":\"a\"}],\"items\":[],\"nextSyncToken\":\"s\"}",
		"{\"items\":[{\"id\":\"a\"}],\"nextSyncToken\":\"s\"",
	};
	struct operation *op = new_list(NULL);
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		expect_failure(next_reply(op, reply_of(200, bodies[i])), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	assert_null(google()->calendar_list_result(op));
	assert_int_equal(next_reply(op, reply_of(200, "{\"nextSyncToken\":\"s\",\"nextPageToken\":\"\"}")).kind, STEP_DONE);
	assert_int_equal(google()->calendar_list_result(op)->count, 0);
	operation_free(op);
}

static void test_refused(void **state)
{
	(void)state;
	struct operation *op = new_list(NULL);
	expect_failure(next_reply(op, reply_from(403, "error_scope.json")), REASON_SCOPE_MISSING, VERDICT_PERMANENT);
	struct step step = next_reply(op, reply_from(401, "error_auth_error.json"));
	assert_int_equal(step.kind, STEP_FAIL);
	assert_int_equal(step.failure.verdict, VERDICT_AUTH);
	operation_free(op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_page),
		cmocka_unit_test(test_three_pages),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_expired_cursor),
		cmocka_unit_test(test_expired_cursor_without_reason),
		cmocka_unit_test(test_page_loop),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_hostile_items),
		cmocka_unit_test(test_unreadable_pages),
		cmocka_unit_test(test_refused),
	};
	if (secret_setup() != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	config_release();
	return failed;
}
