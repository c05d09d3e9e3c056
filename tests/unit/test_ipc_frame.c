/* Frames: finding them, and the scan that refuses what jansson should not see. */
#include "ipc/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void test_find(void **state)
{
	(void)state;
	const char data[] = "abc\n\nde";
	size_t scanned = 0, len, used;
	assert_int_equal(frame_find(data, 7, 100, &scanned, &len, &used), FRAME_READY);
	assert_int_equal(len, 3);
	assert_int_equal(used, 4);
	assert_int_equal(scanned, 0);
	assert_int_equal(frame_find(data + 4, 3, 100, &scanned, &len, &used), FRAME_READY);
	assert_int_equal(len, 0);
	assert_int_equal(used, 1);
	assert_int_equal(frame_find(data + 5, 2, 100, &scanned, &len, &used), FRAME_MORE);
	assert_int_equal(scanned, 2);
	assert_int_equal(frame_find("de\n", 3, 100, &scanned, &len, &used), FRAME_READY);
	assert_int_equal(len, 2);
	assert_int_equal(frame_find("", 0, 100, &scanned, &len, &used), FRAME_MORE);
}

/* The limit counts the newline: FRAME_MAX bytes with it are a frame, one more is none. */
static void test_find_limit(void **state)
{
	(void)state;
	char *data = malloc(FRAME_MAX + 1);
	memset(data, 'x', FRAME_MAX + 1);
	size_t scanned = 0, len, used;
	data[FRAME_MAX - 1] = '\n';
	assert_int_equal(frame_find(data, FRAME_MAX + 1, FRAME_MAX, &scanned, &len, &used), FRAME_READY);
	assert_int_equal(used, FRAME_MAX);
	data[FRAME_MAX - 1] = 'x';
	data[FRAME_MAX] = '\n';
	scanned = 0;
	assert_int_equal(frame_find(data, FRAME_MAX - 1, FRAME_MAX, &scanned, &len, &used), FRAME_MORE);
	assert_int_equal(frame_find(data, FRAME_MAX, FRAME_MAX, &scanned, &len, &used), FRAME_TOO_LONG);
	scanned = 0;
	assert_int_equal(frame_find(data, FRAME_MAX + 1, FRAME_MAX, &scanned, &len, &used), FRAME_TOO_LONG);
	free(data);
}

/* However the bytes arrive, the same frames come out. */
static void test_find_bytewise(void **state)
{
	(void)state;
	const char data[] = "one\ntwo\n\nthree\n";
	size_t start = 0, scanned = 0, frames = 0, len, used;
	for (size_t have = 0; have < sizeof data; have++) {
		while (frame_find(data + start, have - start, 100, &scanned, &len, &used) == FRAME_READY) {
			start += used;
			frames++;
		}
		assert_int_equal(scanned, have - start);
	}
	assert_int_equal(frames, 4);
	assert_int_equal(start, sizeof data - 1);
}

static int scan(const char *text, size_t len)
{
	struct err err = { 0 };
	/* A copy without a byte to spare, so that reading on is seen. */
	char *copy = malloc(len ? len : 1);
	memcpy(copy, text, len);
	int failed = frame_scan(copy, len, &err);
	free(copy);
	assert_int_equal(err.code, failed ? ERR_PARSE_ERROR : ERR_NONE);
	return failed;
}

static int scan_repeated(const char *piece, size_t times)
{
	size_t len = strlen(piece);
	char *text = malloc(len * times);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, piece, len);
	int failed = scan(text, len * times);
	free(text);
	return failed;
}

static void test_depth(void **state)
{
	(void)state;
	assert_int_equal(scan_repeated("[", FRAME_DEPTH_MAX), 0);
	assert_int_equal(scan_repeated("[", FRAME_DEPTH_MAX + 1), -1);
	assert_int_equal(scan_repeated("{\"a\":", FRAME_DEPTH_MAX + 1), -1);
	assert_int_equal(scan_repeated("[", 100000), -1);
	/* Breadth is no depth, and brackets inside strings are none. */
	assert_int_equal(scan_repeated("[]", 1000), 0);
	assert_int_equal(scan("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"", 46), 0);
	assert_int_equal(scan("\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"", 46), 0);
}

static void test_tokens(void **state)
{
	(void)state;
	assert_int_equal(scan_repeated("1,", FRAME_TOKENS_MAX), 0);
	assert_int_equal(scan_repeated("1,", FRAME_TOKENS_MAX + 1), -1);
	assert_int_equal(scan_repeated("\"\",", FRAME_TOKENS_MAX + 1), -1);
	assert_int_equal(scan_repeated("true,", FRAME_TOKENS_MAX + 1), -1);
	assert_int_equal(scan_repeated("{},", 65536 / 3), -1);
	assert_int_equal(scan_repeated(" ,:\t", 10000), 0);
}

static void test_digits(void **state)
{
	(void)state;
	assert_int_equal(scan("-12345678901234567890", 21), 0);
	assert_int_equal(scan("123456789012345678901", 21), -1);
	assert_int_equal(scan("1.5e12345678901234567890", 24), -1);
	assert_int_equal(scan_repeated("7", 1 << 20), -1);
	assert_int_equal(scan("\"123456789012345678901234567890\"", 32), 0);
}

static void test_utf8(void **state)
{
	(void)state;
	static const char *const bad[] = { "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xff\"", "\"\xe2\x82\"", "\"abcdefghijk\x80\"", "\xc3",
		                           "\"\\\xff\xff\"", "\"\xf4\x90\x80\x80\"" };
	static const char *const good[] = { "\"\xc3\xa9\"", "\"\xef\xbf\xbd\"", "\"abcdefgh\xf0\x9f\x98\x80\"", "\xef\xbb\xbf{}" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (scan(bad[i], strlen(bad[i])) == 0)
			fail_msg("bad %zu passed", i);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (scan(good[i], strlen(good[i])) != 0)
			fail_msg("good %zu was refused", i);
}

/* No input may be read beyond its end; the sanitizers watch. */
static void test_truncated(void **state)
{
	(void)state;
	const char text[] = "{\"method\":\"a\\\"b\xe2\x82\xac\",\"id\":-12.5e3,\"x\":[true,null]}";
	for (size_t len = 0; len < sizeof text; len++)
		(void)scan(text, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),   cmocka_unit_test(test_find_limit), cmocka_unit_test(test_find_bytewise),
		cmocka_unit_test(test_depth),  cmocka_unit_test(test_tokens),     cmocka_unit_test(test_digits),
		cmocka_unit_test(test_utf8),   cmocka_unit_test(test_truncated),
	};
	return cmocka_run_group_tests_name("ipc/frame", tests, NULL, NULL);
}
