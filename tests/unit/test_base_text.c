/* Foreign text made displayable. */
#include "ipc/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void expect(const char *in, const char *shown)
{
	char out[256];
	size_t len = text_display(out, sizeof out, in, strlen(in));
	assert_string_equal(out, shown);
	assert_int_equal(len, strlen(shown));
}

static void test_plain_stays(void **state)
{
	(void)state;
	expect("", "");
	expect("plain ~ text", "plain ~ text");
	expect("d\xc3\xa9j\xc3\xa0 vu \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80", "d\xc3\xa9j\xc3\xa0 vu \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80");
}

static void test_controls(void **state)
{
	(void)state;
	expect("\x1b[2J", "\\x1b[2J");
	expect("\x1b]0;title\x07", "\\x1b]0;title\\x07");
	expect("a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f");
	expect("\xc2\x9b" "6n", "\\x9b6n");
	expect("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
}

static void test_reordering_and_hiding(void **state)
{
	(void)state;
	expect("\xe2\x80\xae" "abc", "\\u202eabc");
	expect("\xe2\x81\xa6", "\\u2066");
	expect("\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf", "\\u200b\\u200d\\ufeff");
	expect("\xd8\x9c", "\\u061c");
	expect("\xf3\xa0\x81\x81", "\\U0e0041");
}

static void test_bad_utf8(void **state)
{
	(void)state;
	expect("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
	expect("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	expect("a\xff" "b", "a\xef\xbf\xbd" "b");
	expect("\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");
}

static void test_combining_marks(void **state)
{
	(void)state;
	char in[2001] = "e", out[64];
	for (int i = 0; i < 1000; i++)
		memcpy(in + 1 + 2 * i, "\xcc\x81", 2);
	assert_int_equal(text_display(out, sizeof out, in, sizeof in), 1 + 2 * 4);
	assert_int_equal(text_columns(out), 1);
}

static void test_cut_at_characters(void **state)
{
	(void)state;
	char out[5];
	assert_int_equal(text_display(out, sizeof out, "ab\xe6\x97\xa5", 5), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(text_display(out, sizeof out, "a\x1b", 2), 1);
	assert_int_equal(text_display(out, 1, "a", 1), 0);
	assert_string_equal(out, "");
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("\xe6\x97\xa5\xe6\x9c\xac"), 4);
	assert_int_equal(text_columns("\xf0\x9f\x98\x80"), 2);
	assert_int_equal(text_columns("e\xcc\x81"), 1);
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_width('a'), 1);
	assert_int_equal(text_width(0x301), 0);
}

/* Whatever comes in: one line of well-formed, visible text within the size. */
static void test_random_bytes(void **state)
{
	(void)state;
	uint32_t seed = 12345;
	for (int round = 0; round < 20000; round++) {
		char in[40], out[64];
		for (size_t i = 0; i < sizeof in; i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (char)(seed >> 24);
		}
		size_t len = text_display(out, sizeof out, in, sizeof in), used;
		assert_true(len < sizeof out);
		assert_int_equal(out[len], '\0');
		for (size_t at = 0; at < len; at += used) {
			uint32_t c = text_decode(out + at, len - at, &used);
			assert_true(c >= 0x20 && (c < 0x7f || c > 0x9f));
			assert_false(c == 0xfffd && used == 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_stays),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_reordering_and_hiding),
		cmocka_unit_test(test_bad_utf8),
		cmocka_unit_test(test_combining_marks),
		cmocka_unit_test(test_cut_at_characters),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_random_bytes),
	};
	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
