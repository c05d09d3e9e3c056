/* The wire to the letter: framing, batches, ids, bad JSON and bad parameters, as a program that knows only CONTRACT.md sections 5
 * and 7 would try them. One daemon serves all of it and must be the same at the end. */
#include "tests/support/stage.h"
#include "tests/support/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PING(id_) "{\"jsonrpc\":\"2.0\",\"id\":" #id_ ",\"method\":\"system.ping\"}"
#define NOTE "{\"jsonrpc\":\"2.0\",\"method\":\"system.ping\"}"
#define PONG(id_) "{\"jsonrpc\":\"2.0\",\"id\":" #id_ ",\"result\":{\"pong\":true}}"

static struct stage stage;
static struct wire wire;

static void expect_line(const char *wanted)
{
	const char *line = wire_line(&wire);
	assert_non_null(line);
	assert_string_equal(line, wanted);
}

/* An error with a null id; the connection goes on. */
static void expect_refusal(const char *what, const char *code, int number)
{
	json_t *reply = wire_reply(&wire);
	if (!reply || strcmp(wire_code(reply), code) != 0 || wire_number(reply) != number)
		fail_msg("%.200s: expected %s, got %s %d", what, code, wire_code(reply), (int)wire_number(reply));
	assert_true(json_is_null(json_object_get(reply, "id")));
	assert_string_equal(json_string_value(json_object_get(reply, "jsonrpc")), "2.0");
	assert_null(json_object_get(reply, "result"));
	json_decref(reply);
}

static void send_text(const char *text)
{
	assert_true(wire_text(&wire, text));
}

static int connect_anew(void **unused)
{
	(void)unused;
	return wire_open(&wire, stage.socket, &stage.wire) ? 0 : -1;
}

static int hang_up(void **unused)
{
	(void)unused;
	wire_close(&wire);
	return 0;
}

static void test_frames(void **unused)
{
	static const char two[] = PING(1) "\n" PING(2) "\n";
	(void)unused;
	for (const char *at = two; *at; at++)
		assert_true(wire_send(&wire, at, 1));
	expect_line(PONG(1));
	expect_line(PONG(2));
	send_text(PING(1) "\n" PING(2) "\n" PING(3) "\n");
	expect_line(PONG(1));
	expect_line(PONG(2));
	expect_line(PONG(3));
	for (size_t cut = 1; cut < sizeof two - 1; cut++) {
		assert_true(wire_send(&wire, two, cut));
		assert_true(wire_send(&wire, two + cut, sizeof two - 1 - cut));
		expect_line(PONG(1));
		expect_line(PONG(2));
	}
	/* Blank lines mean nothing; blanks around a frame, and a CR before the newline, neither. */
	send_text("\n\n" PING(4) "\r\n\r\n \t" PING(5) " \n");
	expect_line(PONG(4));
	expect_line(PONG(5));
}

/* A ping of exactly `size` bytes, newline included. */
static void send_sized(size_t size)
{
	static const char start[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\",\"x\":\"", end[] = "\"}\n";
	struct buf frame = { 0 };
	buf_add_text(&frame, start);
	while (frame.len < size - strlen(end))
		buf_add_char(&frame, 'a');
	buf_add_text(&frame, end);
	assert_int_equal(frame.len, size);
	(void)wire_send(&wire, frame.data, frame.len);
	buf_free(&frame);
}

static void test_frames_have_a_limit(void **unused)
{
	char *filler;
	(void)unused;
	send_sized(65536);
	expect_line(PONG(1));
	/* What came before is answered, and what comes after is not looked at. */
	send_text(PING(7) "\n" PING(8) "\n");
	send_sized(65537);
	(void)wire_text(&wire, PING(9) "\n");
	expect_line(PONG(7));
	expect_line(PONG(8));
	expect_refusal("65537 bytes", "invalid_request", -32600);
	assert_true(wire_ended(&wire, 10000));
	/* Nor is the end of an endless line waited for. */
	wire_close(&wire);
	assert_int_equal(connect_anew(NULL), 0);
	filler = calloc(1, 65537);
	memset(filler, '[', 65536);
	assert_true(wire_send(&wire, filler, 65536));
	expect_refusal("65536 bytes without a newline", "invalid_request", -32600);
	assert_true(wire_ended(&wire, 10000));
	wire_close(&wire);
	assert_int_equal(connect_anew(NULL), 0);
	for (int i = 0; i < 256; i++) /* 16 MiB */
		if (!wire_send(&wire, filler, 65536))
			break;
	expect_refusal("16 MiB without a newline", "invalid_request", -32600);
	assert_true(wire_ended(&wire, 10000));
	free(filler);
}

static void test_half_close(void **unused)
{
	(void)unused;
	send_text(PING(1) "\n" PING(2) "\n");
	wire_shut(&wire);
	expect_line(PONG(1));
	expect_line(PONG(2));
	assert_true(wire_ended(&wire, 10000));
	wire_close(&wire);
	/* Slow work is waited for, too. */
	json_decref(stage_control(&stage, "{s:s,s:{s:s},s:{s:i}}", "op", "fault", "match", "path", "/token", "action", "delay_ms", 300));
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL), text[256];
	(void)snprintf(text, sizeof text,
	               "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"connection.refresh\",\"params\":{\"id\":\"%s\"}}\n", id);
	assert_int_equal(connect_anew(NULL), 0);
	send_text(text);
	send_text(PING(4)); /* without its newline: the end of the stream ends it as well */
	wire_shut(&wire);
	expect_line(PONG(4));
	json_t *reply = wire_reply(&wire);
	assert_int_equal(json_integer_value(json_object_get(reply, "id")), 3);
	assert_non_null(json_object_get(reply, "result"));
	assert_true(wire_ended(&wire, 10000));
	json_decref(reply);
	free(id);
	/* Nothing said, nothing answered. */
	wire_close(&wire);
	assert_int_equal(connect_anew(NULL), 0);
	wire_shut(&wire);
	assert_true(wire_ended(&wire, 10000));
}

/* A batch of pings with ids 0..count-1 */
static void send_batch(int count)
{
	struct buf text = { 0 };
	for (int i = 0; i < count; i++)
		buf_printf(&text, "%s{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"system.ping\"}", i ? "," : "[", i);
	buf_add_text(&text, "]\n");
	send_text(buf_text(&text));
	buf_free(&text);
}

static void test_batches(void **unused)
{
	bool seen[32] = { false };
	size_t i;
	json_t *item;
	(void)unused;
	send_batch(32);
	json_t *replies = wire_reply(&wire);
	assert_int_equal(json_array_size(replies), 32);
	json_array_foreach(replies, i, item) {
		json_int_t id = json_integer_value(json_object_get(item, "id"));
		assert_true(id >= 0 && id < 32 && !seen[id]);
		seen[id] = true;
	}
	json_decref(replies);
	send_batch(33);
	expect_refusal("33 requests", "invalid_request", -32600);
	send_text("[]\n");
	expect_refusal("an empty batch", "invalid_request", -32600);
	/* Notifications alone are not answered; among others only the others are. */
	send_text("[" NOTE "," NOTE "]\n" PING(1) "\n");
	expect_line(PONG(1));
	send_text("[" NOTE "," PING(2) "," NOTE "," PING(3) "]\n");
	expect_line("[" PONG(2) "," PONG(3) "]");
	/* Members that are no requests are answered one by one, a batch within a batch is such a one. */
	send_text("[1,{},[" PING(4) "]," PING(5) ",{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"no.such\"}]\n");
	replies = wire_reply(&wire);
	assert_int_equal(json_array_size(replies), 5);
	for (i = 0; i < 3; i++) {
		assert_int_equal(wire_number(json_array_get(replies, i)), -32600);
		assert_true(json_is_null(json_object_get(json_array_get(replies, i), "id")));
	}
	assert_int_equal(wire_number(json_array_get(replies, 4)), -32601);
	json_decref(replies);
	/* A single member is still a batch. */
	send_text("[" PING(8) "]\n");
	expect_line("[" PONG(8) "]");
}

static void test_notifications(void **unused)
{
	(void)unused;
	json_t *before = stage_call(&stage, "workspace.list", NULL);
	send_text("{\"jsonrpc\":\"2.0\",\"method\":\"workspace.create\",\"params\":{\"name\":\"x\",\"slug\":\"silent\"}}\n");
	send_text("{\"jsonrpc\":\"2.0\",\"method\":\"no.such\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"user.get\",\"params\":[1]}\n");
	send_text(NOTE "\n" PING(1) "\n");
	expect_line(PONG(1));
	json_t *after = stage_call(&stage, "workspace.list", NULL);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

static void test_ids(void **unused)
{
	static const char *const good[] = {
		"0", "1", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "null", "\"\"", "\"a\"",
		"\"\\\"\\\\/\"", "\"\xc3\xa9\xe2\x82\xac\"", "\"0123456789012345678901234567890123456789012345678901234567890123\"",
	};
	static const char *const bad[] = {
		"1.0", "1e2", "0.5", "true", "false", "{}", "[]", "[1]", "{\"a\":1}", "1e400", "-1.5",
		"\"01234567890123456789012345678901234567890123456789012345678901234\"",
	};
	char line[256];
	(void)unused;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		(void)snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"system.ping\"}", good[i]);
		json_t *reply = wire_ask(&wire, line), *sent = json_loads(line, 0, NULL);
		assert_true(json_equal(json_object_get(reply, "id"), json_object_get(sent, "id")));
		assert_non_null(json_object_get(reply, "result"));
		json_decref(reply);
		json_decref(sent);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		(void)snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"system.ping\"}\n", bad[i]);
		send_text(line);
		/* 1e400 is no number that JSON readers hold. */
		bool huge = strcmp(bad[i], "1e400") == 0;
		expect_refusal(bad[i], huge ? "parse_error" : "invalid_request", huge ? -32700 : -32600);
	}
	/* The same id twice is the client's business. */
	send_text(PING(5) "\n" PING(5) "\n");
	expect_line(PONG(5));
	expect_line(PONG(5));
}

static void test_what_is_no_request(void **unused)
{
	static const struct {
		const char *text;
		int number;
	} rows[] = {
		{ "x", -32700 },
		{ "{", -32700 },
		{ "]", -32700 },
		{ "{\"jsonrpc\":\"2.0\",}", -32700 },
		{ "{'jsonrpc':'2.0'}", -32700 },
		{ "{\"a\":1,\"a\":2}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\",\"method\":\"system.reload\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\",\"params\":{\"x\":1,\"x\":1}}", -32700 },
		{ PING(1) PING(2), -32700 },
		{ PING(1) " x", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\u0000\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\udc00\\ud800\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xc0\xaf\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xed\xa0\x80\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\tb\"}", -32700 },
		{ "\xef\xbb\xbf" PING(1), -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":9223372036854775808,\"method\":\"system.ping\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":01,\"method\":\"system.ping\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":NaN,\"method\":\"system.ping\"}", -32700 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":123456789012345678901234567890,\"method\":\"system.ping\"}", -32700 },
		{ "1", -32600 },
		{ "\"system.ping\"", -32600 },
		{ "null", -32600 },
		{ "{}", -32600 },
		{ "{\"jsonrpc\":\"2.0\"}", -32600 },
		{ "{\"jsonrpc\":\"2.0\",\"method\":1}", -32600 },
		{ "{\"jsonrpc\":\"2.0\",\"method\":null}", -32600 },
		{ "{\"jsonrpc\":2.0,\"method\":\"system.ping\"}", -32600 },
		{ "{\"jsonrpc\":\"1.0\",\"method\":\"system.ping\"}", -32600 },
		{ "{\"method\":\"system.ping\"}", -32600 },
	};
	static const char nul[] = "{\"jsonrpc\":\"2.0\",\"id\":1\0,\"method\":\"system.ping\"}\n";
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		send_text(rows[i].text);
		send_text("\n");
		expect_refusal(rows[i].text, rows[i].number == -32700 ? "parse_error" : "invalid_request", rows[i].number);
	}
	/* A request that has an id, and is one but for something else, keeps it. */
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"1.0\",\"id\":5,\"method\":\"system.ping\"}");
	assert_int_equal(wire_number(reply), -32600);
	assert_int_equal(json_integer_value(json_object_get(reply, "id")), 5);
	json_decref(reply);
	assert_true(wire_send(&wire, nul, sizeof nul - 1));
	expect_refusal("a NUL", "parse_error", -32700);
	send_text(PING(6) "\n");
	expect_line(PONG(6));
}

/* `count` times the text, as the value of params.x */
static void send_repeated(const char *before, const char *part, int count, const char *after)
{
	struct buf frame = { 0 };
	buf_add_text(&frame, before);
	for (int i = 0; i < count; i++)
		buf_add_text(&frame, part);
	buf_add_text(&frame, after);
	buf_add_char(&frame, '\n');
	send_text(buf_text(&frame));
	buf_free(&frame);
}

static void test_depth_and_tokens(void **unused)
{
	(void)unused;
	send_repeated("", "[", 1000, "");
	expect_refusal("1000 deep", "parse_error", -32700);
	send_repeated("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\",\"x\":[", "{},", 21000, "{}]}");
	expect_refusal("21000 objects", "parse_error", -32700);
	send_repeated("{\"jsonrpc\":\"2.0\",\"id\":", "1", 60000, ",\"method\":\"system.ping\"}");
	expect_refusal("60000 digits", "parse_error", -32700);
	send_text(PING(1) "\n");
	expect_line(PONG(1));
}

static void test_methods_that_are_none(void **unused)
{
	static const char *const names[] = { "", "rpc.", "__proto__", "system.ping/..", "System.Ping", "system.ping ", "rpc.nothing",
		                             "system", "\\u0073ystem.pin", "workspace.get\\n" };
	char line[256];
	(void)unused;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":\"m\",\"method\":\"%s\",\"params\":{\"x\":1}}", names[i]);
		json_t *reply = wire_ask(&wire, line);
		assert_int_equal(wire_number(reply), -32601);
		assert_string_equal(wire_code(reply), "method_not_found");
		assert_string_equal(json_string_value(json_object_get(reply, "id")), "m");
		json_decref(reply);
	}
	send_repeated("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"", "m", 4096, "\"}");
	expect_refusal("a name of 4 KB", "method_not_found", -32601);
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\u0073ystem.ping\"}");
	assert_non_null(json_object_get(reply, "result"));
	json_decref(reply);
}

static void test_same_daemon(void **unused)
{
	(void)unused;
	json_t *info = stage_call(&stage, "system.info", NULL);
	assert_int_equal(json_integer_value(json_object_get(info, "pid")), stage.daemon);
	json_decref(info);
	stage_close(&stage);
}

static int open_stage(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_frames, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_frames_have_a_limit, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_half_close, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_batches, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_notifications, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_ids, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_what_is_no_request, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_depth_and_tokens, connect_anew, hang_up),
		cmocka_unit_test_setup_teardown(test_methods_that_are_none, connect_anew, hang_up),
		cmocka_unit_test(test_same_daemon),
	};
	return cmocka_run_group_tests(tests, open_stage, NULL);
}
