/* The streaming JSON writer. */
#include "ipc/base/timefmt.h"
#include "ipc/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct buf out;
static struct writer w;

static int begin(void **state)
{
	(void)state;
	writer_init(&w, &out);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void test_structure(void **state)
{
	(void)state;
	writer_object(&w);
	writer_put_int(&w, "a", 1);
	writer_key(&w, "b");
	writer_array(&w);
	writer_null(&w);
	writer_bool(&w, true);
	writer_object(&w);
	writer_end(&w);
	writer_array(&w);
	writer_end(&w);
	writer_end(&w);
	writer_put_bool(&w, "c", false);
	writer_put_text(&w, "d", NULL);
	writer_key(&w, "e");
	writer_raw(&w, "{\"x\":1}", 7);
	writer_put_text(&w, "f", "g");
	writer_end(&w);
	assert_string_equal(buf_text(&out), "{\"a\":1,\"b\":[null,true,{},[]],\"c\":false,\"d\":null,\"e\":{\"x\":1},\"f\":\"g\"}");
	assert_int_equal(out.len, strlen(out.data));
}

/* What was written in one array says nothing of the next at the same depth. */
static void test_siblings(void **state)
{
	(void)state;
	writer_array(&w);
	for (int i = 0; i < 2; i++) {
		writer_array(&w);
		writer_int(&w, 1);
		writer_int(&w, 2);
		writer_end(&w);
	}
	writer_end(&w);
	assert_string_equal(buf_text(&out), "[[1,2],[1,2]]");
}

/* Frames follow one another without commas. */
static void test_values_at_the_top(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		writer_object(&w);
		writer_end(&w);
		buf_add_char(&out, '\n');
	}
	assert_string_equal(buf_text(&out), "{}\n{}\n");
}

static void test_depth(void **state)
{
	(void)state;
	for (int i = 0; i < WRITER_DEPTH_MAX - 1; i++)
		writer_array(&w);
	writer_int(&w, 1);
	writer_int(&w, 2);
	for (int i = 0; i < WRITER_DEPTH_MAX - 1; i++)
		writer_end(&w);
	assert_int_equal(out.len, 2 * (WRITER_DEPTH_MAX - 1) + 3);
	assert_non_null(strstr(out.data, "[1,2]"));
}

static const char *text_of(const char *text, size_t len)
{
	buf_truncate(&out, 0);
	writer_init(&w, &out);
	writer_text_len(&w, text, len);
	return buf_text(&out);
}

static void test_escapes(void **state)
{
	(void)state;
	assert_string_equal(text_of("", 0), "\"\"");
	assert_string_equal(text_of("a\"b\\c/d", 7), "\"a\\\"b\\\\c/d\"");
	assert_string_equal(text_of("\b\t\n\v\f\r", 6), "\"\\b\\t\\n\\u000b\\f\\r\"");
	assert_string_equal(text_of("\0\x1b\x7f", 3), "\"\\u0000\\u001b\\u007f\"");
	assert_string_equal(text_of("\xc2\x80\xc2\x9f\xc2\xa0", 6), "\"\\u0080\\u009f\xc2\xa0\"");
	assert_string_equal(text_of("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", 9), "\"\\u2028\\u2029\xe2\x80\xaa\"");
	assert_string_equal(text_of("\xc3\xa9\xf0\x9f\x98\x80", 6), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
	assert_string_equal(text_of("a\xff" "b\xe2\x82", 5), "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string_equal(text_of("\xef\xbf\xbd", 3), "\"\xef\xbf\xbd\"");
}

/* Each byte at each place of the eight that are looked at together, against jansson's reading of it. */
static void test_each_byte_everywhere(void **state)
{
	(void)state;
	for (size_t len = 1; len < 20; len++) {
		for (size_t at = 0; at < len; at++) {
			for (int byte = 1; byte < 128; byte++) {
				char text[20];
				memset(text, 'x', sizeof text);
				text[at] = (char)byte;
				json_t *read = json_loads(text_of(text, len), JSON_DECODE_ANY, NULL);
				assert_non_null(read);
				assert_int_equal(json_string_length(read), len);
				assert_memory_equal(json_string_value(read), text, len);
				json_decref(read);
				for (const char *c = buf_text(&out); *c; c++)
					assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
			}
		}
	}
}

static void test_random_bytes_are_json(void **state)
{
	(void)state;
	uint32_t seed = 99;
	for (int round = 0; round < 20000; round++) {
		char text[32];
		for (size_t i = 0; i < sizeof text; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = (char)(seed >> 24);
		}
		json_t *read = json_loads(text_of(text, seed % 33), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		assert_non_null(read);
		json_decref(read);
	}
}

static void expect_int(int64_t value, const char *text)
{
	buf_truncate(&out, 0);
	writer_int(&w, value);
	assert_string_equal(buf_text(&out), text);
}

static void test_ints(void **state)
{
	(void)state;
	expect_int(0, "0");
	expect_int(-1, "-1");
	expect_int(10, "10");
	expect_int(1234567890123, "1234567890123");
	expect_int(INT64_MAX, "9223372036854775807");
	expect_int(INT64_MIN, "-9223372036854775808");
}

/* The same as the one in base, at every magnitude. */
static void test_times(void **state)
{
	(void)state;
	static const int64_t edges[] = { 1, 999, 1000, 86399999, 86400000, 951782400000, 1709164800000, 253402300799999, 253402300800000, -1,
		                         -62167219200000 };
	char expected[TIME_TEXT_SIZE + 2] = "\"";
	uint64_t seed = 7;
	for (size_t i = 0; i < 50000; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		int64_t at = i < sizeof edges / sizeof edges[0] ? edges[i] : (int64_t)(seed % 253402300800000u);
		buf_truncate(&out, 0);
		writer_time(&w, at);
		time_format(expected + 1, at);
		size_t len = strlen(expected);
		expected[len] = '"';
		expected[len + 1] = '\0';
		assert_string_equal(buf_text(&out), expected);
	}
	buf_truncate(&out, 0);
	writer_time(&w, 0);
	assert_string_equal(buf_text(&out), "null");
}

static void test_words(void **state)
{
	(void)state;
	writer_words(&w, "  one two  three ");
	writer_words(&w, "");
	writer_words(&w, NULL);
	assert_string_equal(buf_text(&out), "[\"one\",\"two\",\"three\"][][]");
}

static void test_json_tree(void **state)
{
	(void)state;
	const char text[] = "{\"a\":[1,-2,1.5,true,false,null,\"x\\u001b\\u2028\"],\"b\":{},\"c\":[]}";
	json_t *tree = json_loads(text, 0, NULL);
	assert_non_null(tree);
	writer_array(&w);
	writer_json(&w, tree);
	writer_json(&w, tree);
	writer_end(&w);
	json_t *read = json_loads(buf_text(&out), 0, NULL);
	assert_true(json_equal(json_array_get(read, 0), tree));
	assert_true(json_equal(json_array_get(read, 1), tree));
	assert_null(strstr(buf_text(&out), "\xe2\x80\xa8"));
	json_decref(read);
	json_decref(tree);
}

/* A tree as deep as the frames allow goes inside a result. */
static void test_deep_tree(void **state)
{
	(void)state;
	json_t *tree = json_array();
	for (int i = 0; i < 100; i++)
		tree = json_pack("[o]", tree);
	writer_object(&w);
	writer_key(&w, "deep");
	writer_json(&w, tree);
	writer_end(&w);
	assert_int_equal(out.len, strlen("{\"deep\":}") + 2 * 101);
	json_decref(tree);
}

#define TEST(fn_) cmocka_unit_test_setup_teardown(fn_, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_structure), TEST(test_siblings), TEST(test_values_at_the_top), TEST(test_depth), TEST(test_escapes), TEST(test_each_byte_everywhere),
		TEST(test_random_bytes_are_json), TEST(test_ints), TEST(test_times), TEST(test_words), TEST(test_json_tree),
		TEST(test_deep_tree),
	};
	return cmocka_run_group_tests_name("ipc/writer", tests, NULL, NULL);
}
