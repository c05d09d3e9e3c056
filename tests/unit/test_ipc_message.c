/* JSON-RPC messages: what is a request, what is not, and what is answered. */
#include "ipc/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct err err;
static json_t *tree;
static bool batch;
static size_t count;

static int parse_bytes(const char *frame, size_t len)
{
	json_decref(tree);
	tree = NULL;
	memset(&err, 0, sizeof err);
	return message_parse(frame, len, &tree, &batch, &count, &err);
}

static int parse(const char *frame)
{
	return parse_bytes(frame, strlen(frame));
}

static int end(void **state)
{
	(void)state;
	json_decref(tree);
	tree = NULL;
	return 0;
}

static void refuse(const char *frame, size_t len, enum err_code code)
{
	if (parse_bytes(frame, len) == 0)
		fail_msg("was taken: %.60s", frame);
	if (err.code != code)
		fail_msg("code %d for %.60s: %s", (int)err.code, frame, err.message);
	assert_null(tree);
	assert_true(err.message[0] != '\0');
}
#define REFUSE(text_, code_) refuse(text_, sizeof(text_) - 1, code_)

static void test_single(void **state)
{
	(void)state;
	struct request request;
	assert_int_equal(parse("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"system.ping\",\"params\":{\"a\":1}}\r"), 0);
	assert_false(batch);
	assert_int_equal(count, 1);
	assert_int_equal(message_request(tree, batch, 0, &request, &err), 0);
	assert_string_equal(request.id, "7");
	assert_string_equal(request.method, "system.ping");
	assert_int_equal(request.method_len, 11);
	assert_false(request.notification);
	assert_int_equal(json_integer_value(json_object_get(request.params, "a")), 1);
}

static void test_parse_errors(void **state)
{
	(void)state;
	REFUSE("", ERR_PARSE_ERROR);
	REFUSE("{", ERR_PARSE_ERROR);
	REFUSE("hello", ERR_PARSE_ERROR);
	REFUSE("{\"a\":1} {\"b\":2}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":1}x", ERR_PARSE_ERROR);
	REFUSE("{\"jsonrpc\":\"2.0\",\"method\":\"user.delete\",\"method\":\"system.ping\"}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":{\"b\":1,\"b\":1}}", ERR_PARSE_ERROR);
	REFUSE("{\"method\":\"a\\u0000b\"}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":\"\\ud800\"}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":\"\xc0\xaf\"}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":\"\xed\xa0\x80\"}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":\"\xff\"}", ERR_PARSE_ERROR);
	REFUSE("\xef\xbb\xbf{\"jsonrpc\":\"2.0\"}", ERR_PARSE_ERROR);
	REFUSE("{\"id\":9223372036854775808}", ERR_PARSE_ERROR);
	REFUSE("{\"id\":01}", ERR_PARSE_ERROR);
	REFUSE("{\"id\":NaN}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":\"\x01\"}", ERR_PARSE_ERROR);
	REFUSE("{\"a\":1}\0", ERR_PARSE_ERROR);
	REFUSE("{/* */}", ERR_PARSE_ERROR);
}

static void test_floods(void **state)
{
	(void)state;
	size_t len = 100000;
	char *text = malloc(len);
	memset(text, '[', len);
	refuse(text, len, ERR_PARSE_ERROR);
	for (size_t i = 0; i < 65535; i++)
		text[i] = "{},"[i % 3];
	text[0] = '[';
	refuse(text, 65535, ERR_PARSE_ERROR);
	memset(text, '9', len);
	refuse(text, len, ERR_PARSE_ERROR);
	free(text);
}

static void test_scalars_are_invalid_requests(void **state)
{
	(void)state;
	REFUSE("1", ERR_INVALID_REQUEST);
	REFUSE(" \"text\"", ERR_INVALID_REQUEST);
	REFUSE("null", ERR_INVALID_REQUEST);
	REFUSE("true\r", ERR_INVALID_REQUEST);
	REFUSE("1 2", ERR_PARSE_ERROR);
}

static void test_batches(void **state)
{
	(void)state;
	struct request request;
	struct buf text = { 0 };
	REFUSE("[]", ERR_INVALID_REQUEST);
	for (int n = 32; n <= 33; n++) {
		buf_truncate(&text, 0);
		for (int i = 0; i < n; i++)
			buf_printf(&text, "%c{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"m\"}", i ? ',' : '[', i);
		buf_add_char(&text, ']');
		if (n == 33) {
			refuse(text.data, text.len, ERR_INVALID_REQUEST);
			continue;
		}
		assert_int_equal(parse(text.data), 0);
		assert_true(batch);
		assert_int_equal(count, 32);
		assert_int_equal(message_request(tree, batch, 31, &request, &err), 0);
		assert_string_equal(request.id, "31");
	}
	buf_free(&text);
	assert_int_equal(parse("[[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}],5]"), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(message_request(tree, batch, i, &request, &err), -1);
		assert_int_equal(err.code, ERR_INVALID_REQUEST);
		assert_string_equal(request.id, "null");
		assert_false(request.notification);
	}
}

/* The frame with this id, as it comes back; NULL when it was refused. */
static const char *id_of(const char *id)
{
	static struct request request;
	struct buf text = { 0 };
	buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":%s}", id);
	assert_int_equal(parse(text.data), 0);
	buf_free(&text);
	int failed = message_request(tree, batch, 0, &request, &err);
	assert_false(request.notification);
	if (!failed)
		return request.id;
	assert_int_equal(err.code, ERR_INVALID_REQUEST);
	assert_string_equal(request.id, "null");
	return NULL;
}

static void test_ids(void **state)
{
	(void)state;
	static const char *const bad[] = { "1.0", "1e2", "1E2", "{}", "[]", "true", "false", "0.5" };
	char longest[65 * 6 + 3];
	assert_string_equal(id_of("0"), "0");
	assert_string_equal(id_of("-0"), "0");
	assert_string_equal(id_of("9007199254740993"), "9007199254740993");
	assert_string_equal(id_of("-9223372036854775808"), "-9223372036854775808");
	assert_string_equal(id_of("null"), "null");
	assert_string_equal(id_of("\"\""), "\"\"");
	assert_string_equal(id_of("\"a\\\"\\\\\\n\\u001b\""), "\"a\\\"\\\\\\n\\u001b\"");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (id_of(bad[i]))
			fail_msg("id %s was taken", bad[i]);
	/* 64 bytes that each take six when they are written. */
	for (int n = 64; n <= 65; n++) {
		size_t at = 0;
		longest[at++] = '"';
		for (int i = 0; i < n; i++, at += 6)
			memcpy(longest + at, "\\u0001", 6);
		memcpy(longest + at, "\"", 2);
		const char *back = id_of(longest);
		assert_true((back != NULL) == (n == 64));
		if (back)
			assert_string_equal(back, longest);
	}
}

static void expect_request(const char *frame, enum err_code code, const char *field, const char *id, bool notification)
{
	struct request request;
	assert_int_equal(parse(frame), 0);
	int failed = message_request(tree, batch, 0, &request, &err);
	if (failed != (code == ERR_NONE ? 0 : -1) || (failed && err.code != code))
		fail_msg("%s: %d", frame, (int)err.code);
	if (failed)
		assert_string_equal(err.field, field);
	assert_string_equal(request.id, id);
	assert_int_equal(request.notification, notification);
}

static void test_requests(void **state)
{
	(void)state;
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\"}", ERR_NONE, "", "null", true);
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":null}", ERR_NONE, "", "null", false);
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"\",\"id\":1}", ERR_NONE, "", "1", false);
	expect_request("{\"method\":\"m\",\"id\":1}", ERR_INVALID_REQUEST, "", "1", false);
	expect_request("{\"jsonrpc\":\"1.0\",\"method\":\"m\",\"id\":1}", ERR_INVALID_REQUEST, "", "1", false);
	expect_request("{\"jsonrpc\":2.0,\"method\":\"m\",\"id\":1}", ERR_INVALID_REQUEST, "", "1", false);
	expect_request("{\"jsonrpc\":\"2.0\",\"id\":\"x\"}", ERR_INVALID_REQUEST, "", "\"x\"", false);
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":1,\"id\":\"x\"}", ERR_INVALID_REQUEST, "", "\"x\"", false);
	/* Not a proper notification: it must be answered. */
	expect_request("{\"jsonrpc\":\"2.0\"}", ERR_INVALID_REQUEST, "", "null", false);
	expect_request("{}", ERR_INVALID_REQUEST, "", "null", false);
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":1,\"params\":[]}", ERR_INVALID_PARAMS, "params", "1", false);
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":1,\"params\":null}", ERR_INVALID_PARAMS, "params", "1", false);
	expect_request("{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":\"x\"}", ERR_INVALID_PARAMS, "params", "null", true);
}

static void test_replies(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct writer w;
	writer_init(&w, &text);
	message_reply_begin(&w, "\"a\"");
	writer_int(&w, 5);
	message_reply_end(&w);
	assert_string_equal(text.data, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":5}");
	buf_truncate(&text, 0);
	(void)err_field(&err, "limit", "limit: no");
	writer_array(&w);
	message_reply_error(&w, "null", &err);
	message_reply_error(&w, "1", &err);
	writer_end(&w);
	json_t *replies = json_loads(text.data, JSON_REJECT_DUPLICATES, NULL);
	assert_int_equal(json_array_size(replies), 2);
	const json_t *error = json_object_get(json_array_get(replies, 1), "error");
	assert_int_equal(json_integer_value(json_object_get(error, "code")), -32602);
	json_decref(replies);
	buf_free(&text);
}

static void test_call(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct writer w;
	struct request request;
	json_t *params = json_pack("{ss}", "id", "x");
	writer_init(&w, &text);
	message_call(&w, 12, "connection.get", params);
	assert_int_equal(parse(text.data), 0);
	assert_int_equal(message_request(tree, batch, 0, &request, &err), 0);
	assert_string_equal(request.id, "12");
	assert_string_equal(request.method, "connection.get");
	assert_true(json_equal(request.params, params));
	buf_truncate(&text, 0);
	message_call(&w, 13, "system.ping", NULL);
	assert_string_equal(text.data, "{\"jsonrpc\":\"2.0\",\"id\":13,\"method\":\"system.ping\"}");
	json_decref(params);
	buf_free(&text);
}

#define TEST(fn_) cmocka_unit_test_teardown(fn_, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_single), TEST(test_parse_errors), TEST(test_floods), TEST(test_scalars_are_invalid_requests), TEST(test_batches),
		TEST(test_ids), TEST(test_requests), TEST(test_replies), TEST(test_call),
	};
	return cmocka_run_group_tests_name("ipc/message", tests, NULL, NULL);
}
