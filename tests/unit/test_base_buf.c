/* The growable buffer. */
#include "ipc/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void test_empty(void **state)
{
	(void)state;
	struct buf buf = { 0 };
	assert_string_equal(buf_text(&buf), "");
	buf_truncate(&buf, 5);
	buf_consume(&buf, 0);
	assert_int_equal(buf.len, 0);
	buf_add(&buf, NULL, 0);
	assert_string_equal(buf_text(&buf), "");
	buf_free(&buf);
	assert_null(buf.data);
}

static void test_add_keeps_terminator(void **state)
{
	(void)state;
	struct buf buf = { 0 };
	for (int i = 0; i < 1000; i++) {
		buf_add_char(&buf, (char)('a' + i % 26));
		assert_int_equal(buf.data[buf.len], '\0');
		assert_true(buf.len < buf.capacity);
	}
	assert_int_equal(buf.len, 1000);
	assert_int_equal(buf.data[999], 'a' + 999 % 26);
	buf_free(&buf);
}

static void test_printf(void **state)
{
	(void)state;
	struct buf buf = { 0 };
	buf_printf(&buf, "%s-%d", "x", 7);
	buf_printf(&buf, "%0200d", 1);
	assert_int_equal(buf.len, 203);
	assert_true(strncmp(buf.data, "x-7000", 6) == 0);
	assert_int_equal(buf.data[202], '1');
	buf_printf(&buf, "%s", "");
	assert_int_equal(buf.len, 203);
	buf_free(&buf);
}

static void test_consume_and_truncate(void **state)
{
	(void)state;
	struct buf buf = { 0 };
	buf_add_text(&buf, "hello world");
	buf_consume(&buf, 6);
	assert_string_equal(buf_text(&buf), "world");
	buf_truncate(&buf, 10);
	assert_string_equal(buf_text(&buf), "world");
	buf_truncate(&buf, 2);
	assert_string_equal(buf_text(&buf), "wo");
	buf_consume(&buf, 100);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf_text(&buf), "");
	buf_free(&buf);
}

static void test_embedded_nul(void **state)
{
	(void)state;
	struct buf buf = { 0 };
	buf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_add_keeps_terminator),
		cmocka_unit_test(test_printf),
		cmocka_unit_test(test_consume_and_truncate),
		cmocka_unit_test(test_embedded_nul),
	};
	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
