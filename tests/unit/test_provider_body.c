/* Reply bodies and request URLs: the limits, and the escaping (SAFETY.md NET-5, NET-6). */
#include "daemon/provider/body.h"

#include "daemon/provider/uri.h"
#include "tests/unit/test_provider_common.h"

static bool accepts(const char *body)
{
	struct http_response response = reply_of(200, body);
	json_t *root = body_object(&response);
	http_response_clear(&response);
	json_decref(root);
	return root != NULL;
}

/* head, `count` times `part`, tail. */
static bool accepts_many(const char *head, const char *part, size_t count, const char *tail)
{
	struct buf body = { 0 };
	buf_add_text(&body, head);
	for (size_t i = 0; i < count; i++)
		buf_add_text(&body, part);
	buf_add_text(&body, tail);
	bool ok = accepts(buf_text(&body));
	buf_free(&body);
	return ok;
}

static void test_limits(void **state)
{
	(void)state;
	assert_true(accepts(" {\"a\":[1,{}]} "));
	/* Brackets in a text do not count, and an escaped quote does not end it. */
	assert_true(accepts_many("{\"a\":\"\\\\", "[", 40, "\"}"));
	assert_true(accepts_many("{\"a\":\"\\\"", "[", 40, "\"}"));
	assert_false(accepts("{\"a\":1,\"a\":2}"));
	assert_false(accepts("{\"x\":{\"a\":1,\"a\":2}}"));
	assert_false(accepts("{\"a\":1}{}"));
	assert_false(accepts("{\"a\":\"\\ud800\"}"));
	assert_false(accepts("{\"a\":\"\xed\xa0\x80\"}"));
	assert_false(accepts("{\"a\":\"\\"));
	assert_false(accepts("]]]]"));
	assert_true(accepts_many("{\"a\":", "[", 31, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"));
	assert_false(accepts_many("{\"a\":", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"));
	assert_false(accepts_many("", "[", 8 << 20, ""));
	assert_true(accepts_many("{\"a\":[", "{},", 100000, "0]}"));
	assert_false(accepts_many("{\"a\":[", "{},", 2 << 20, "0]}"));
	assert_false(accepts_many("{\"a\":[", "0,", 400000, "0]}"));
}

static void test_text(void **state)
{
	(void)state;
	struct http_response response = reply_of(200, "{\"a\":\"x\",\"b\":\"x\\u0000y\",\"c\":1,\"d\":null,\"e\":\"\"}");
	json_t *root = body_object(&response);
	http_response_clear(&response);
	assert_string_equal(body_text(root, "a"), "x");
	assert_null(body_text(root, "b"));
	assert_null(body_text(root, "c"));
	assert_null(body_text(root, "d"));
	assert_string_equal(body_text(root, "e"), "");
	assert_null(body_text(root, "f"));
	assert_null(body_text(NULL, "a"));
	json_decref(root);
}

static void expect_segment(const char *segment, const char *expected)
{
	struct buf url = { 0 };
	buf_add_text(&url, "https://h/v3/calendars");
	assert_int_equal(uri_add_segment(&url, segment), expected != NULL);
	assert_string_equal(buf_text(&url) + strlen("https://h/v3/calendars"), expected ? expected : "");
	buf_free(&url);
}

static void test_segments(void **state)
{
	(void)state;
	expect_segment("primary", "/primary");
	expect_segment("ada@example.com", "/ada%40example.com");
	expect_segment("en.german#holiday@group.v.calendar.google.com", "/en.german%23holiday%40group.v.calendar.google.com");
	expect_segment("a/../b?c%2f", "/a%2F..%2Fb%3Fc%252f");
	expect_segment("a\r\nHost: b", "/a%0D%0AHost%3A%20b");
	expect_segment("\xc3\xa4-._~", "/%C3%A4-._~");
	expect_segment("...", "/...");
	expect_segment("", NULL);
	expect_segment(".", NULL);
	expect_segment("..", NULL);
}

static void test_query(void **state)
{
	(void)state;
	struct buf url = { 0 };
	buf_add_text(&url, "https://h/p");
	uri_add_query(&url, "a", "");
	uri_add_query(&url, "b c", "d&e=f+g");
	assert_string_equal(buf_text(&url), "https://h/p?a=&b%20c=d%26e%3Df%2Bg");
	buf_free(&url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_query),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
