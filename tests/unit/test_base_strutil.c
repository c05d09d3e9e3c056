/* The small string helpers. */
#include "ipc/base/strutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void test_copy(void **state)
{
	(void)state;
	char out[6];
	assert_true(str_copy(out, sizeof out, "hello"));
	assert_string_equal(out, "hello");
	assert_false(str_copy(out, sizeof out, "hellos"));
	assert_string_equal(out, "hello");
	/* Cut before a character that does not fit whole. */
	assert_false(str_copy(out, sizeof out, "abcd\xc3\xa9"));
	assert_string_equal(out, "abcd");
	assert_false(str_copy(out, 1, "x"));
	assert_string_equal(out, "");
}

static void test_int(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "01", "-0", "-01", "1.0", "1e2", "0x10", "9999999999999999999",
		                           "99999999999999999999999", "a", "1a", "--1" };
	int64_t value;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (str_to_int64(bad[i], INT64_MIN, INT64_MAX, &value))
			fail_msg("'%s' was taken for a number", bad[i]);
	assert_true(str_to_int64("0", 0, 0, &value));
	assert_int_equal(value, 0);
	assert_true(str_to_int64("-17", -17, 0, &value));
	assert_int_equal(value, -17);
	assert_false(str_to_int64("-18", -17, 0, &value));
	assert_false(str_to_int64("1", -17, 0, &value));
	assert_true(str_to_int64("999999999999999999", INT64_MIN, INT64_MAX, &value));
	assert_true(value == 999999999999999999);
}

static void test_utf8(void **state)
{
	(void)state;
	static const char *const good[] = { "", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		                            "\xef\xbf\xbd", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xc0\xaf", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80",
		                           "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xfe" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!str_is_utf8(good[i], strlen(good[i])))
			fail_msg("good %zu was refused", i);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (str_is_utf8(bad[i], strlen(bad[i])))
			fail_msg("bad %zu was taken", i);
}

static void test_cut(void **state)
{
	(void)state;
	assert_int_equal(str_utf8_cut("abc", 3, 10), 3);
	assert_int_equal(str_utf8_cut("abc", 3, 2), 2);
	assert_int_equal(str_utf8_cut("a\xe2\x82\xac", 4, 3), 1);
	assert_int_equal(str_utf8_cut("a\xe2\x82\xac", 4, 4), 4);
	assert_int_equal(str_utf8_cut("\xe2\x82\xac", 3, 0), 0);
}

static void test_rest(void **state)
{
	(void)state;
	char hex[9], text[] = " \t a b \r\n", blank[] = "   ";
	str_hex(hex, "\x00\xff\x1a\x80", 4);
	assert_string_equal(hex, "00ff1a80");
	assert_string_equal(str_trim(text), "a b");
	assert_string_equal(str_trim(blank), "");
	assert_true(str_equal(NULL, NULL));
	assert_false(str_equal(NULL, ""));
	assert_false(str_equal("", NULL));
	assert_true(str_equal("x", "x"));
	assert_true(str_starts_with("abc", "ab"));
	assert_false(str_starts_with("a", "ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy), cmocka_unit_test(test_int),  cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_cut),  cmocka_unit_test(test_rest),
	};
	return cmocka_run_group_tests_name("base/strutil", tests, NULL, NULL);
}
