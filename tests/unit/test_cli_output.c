/* Results on standard output: cells, tables, TSV and JSON. */
#include "tui/output.h"

#include "ipc/schemas.h"
#include "tui/cell.h"
#include "tui/pretty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void expect_cell(const char *json, const char *path, const char *machine, const char *human)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	assert_non_null(value);
	char *text = cell_at(value, path, false);
	assert_string_equal(text, machine);
	free(text);
	text = cell_at(value, path, true);
	assert_string_equal(text, human);
	free(text);
	json_decref(value);
}

static void test_cells(void **state)
{
	(void)state;
	expect_cell("null", "", "", "-");
	expect_cell("true", "", "true", "yes");
	expect_cell("{\"a\":{\"b\":false}}", "a.b", "false", "no");
	expect_cell("{\"a\":1}", "a.b", "", "-");
	expect_cell("{\"a\":-12}", "a", "-12", "-12");
	expect_cell("[]", "", "", "-");
	expect_cell("[\"a\",\"b\"]", "", "a,b", "a,b");
	expect_cell("{\"r\":[{\"c\":\"x\"},{\"c\":\"y\"}]}", "r.c", "x,y", "x,y");
	expect_cell("{\"o\":{\"k\":1}}", "o", "{\"k\":1}", "{\"k\":1}");
	expect_cell("\"\\u001b[2J\\u202e\"", "", "\x1b[2J\xe2\x80\xae", "\\x1b[2J\\u202e");
	expect_cell("\"2026-11-22T14:13:49Z\"", "", "2026-11-22T14:13:49Z", "2026-11-22 09:13:49 EST");
	expect_cell("\"2026-11-22\"", "", "2026-11-22", "2026-11-22");
}

/* What output_result writes for a verb's result. */
static char *shown(const char *verb, const char *json, bool tty, const char *flags)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const struct io io = { .out = out, .err = stderr, .out_tty = tty };
	const struct options options = { .json = strchr(flags, 'j'), .no_header = strchr(flags, 'n') };
	json_t *result = json_loads(json, 0, NULL);
	assert_non_null(result);
	output_result(&io, &options, method_find_verb(verb), result);
	json_decref(result);
	(void)fclose(out);
	return text;
}

static void expect_shown(const char *verb, const char *json, bool tty, const char *flags, const char *expected)
{
	char *text = shown(verb, json, tty, flags);
	assert_string_equal(text, expected);
	free(text);
}

static const char users[] = "{\"items\":[{\"id\":\"1\",\"workspace_id\":\"w\",\"email\":\"a@b\",\"name\":\"T\\tab\\n\\\\\\u001b\","
                            "\"created_at\":\"2026-11-22T14:13:49Z\"},{\"id\":\"22\",\"workspace_id\":\"w\",\"email\":\"\\u65e5@b\",\"name\":null,"
                            "\"created_at\":null}],\"next_cursor\":null,\"total\":2}";

static void test_list(void **state)
{
	(void)state;
	expect_shown("users", users, false, "",
	             "id\tworkspace_id\temail\tcreated_at\tname\n"
	             "1\tw\ta@b\t2026-11-22T14:13:49Z\tT\\tab\\n\\\\\\x1b\n"
	             "22\tw\t\xe6\x97\xa5@b\t\t\n");
	expect_shown("users", users, false, "n", "1\tw\ta@b\t2026-11-22T14:13:49Z\tT\\tab\\n\\\\\\x1b\n22\tw\t\xe6\x97\xa5@b\t\t\n");
	expect_shown("users", users, true, "",
	             "ID  WORKSPACE_ID  EMAIL  CREATED_AT               NAME\n"
	             "1   w             a@b    2026-11-22 09:13:49 EST  T\\x09ab\\x0a\\\\x1b\n"
	             "22  w             \xe6\x97\xa5@b   -                        -\n");
	expect_shown("users", "{\"items\":[],\"next_cursor\":null,\"total\":0}", false, "", "id\tworkspace_id\temail\tcreated_at\tname\n");
}

static void test_object(void **state)
{
	(void)state;
	const char *json = "{\"ok\":true,\"steps\":[{\"name\":\"token\",\"ms\":3}],\"tags\":[\"a\",\"b\"],\"none\":{},\"at\":null}";
	expect_shown("test", json, false, "", "field\tvalue\nok\ttrue\nsteps.0.name\ttoken\nsteps.0.ms\t3\ntags\ta,b\nnone\t{}\nat\t\n");
	expect_shown("test", json, true, "", "ok            yes\nsteps.0.name  token\nsteps.0.ms    3\ntags          a,b\nnone          {}\n"
	                                     "at            -\n");
	expect_shown("test", "{\"\\u001b\":1}", true, "", "\\x1b  1\n");
}

static void test_json(void **state)
{
	(void)state;
	const char *json = "{\"a\":[1,2],\"b\":{},\"c\":[],\"d\":\"x,{\\\"}\\u001b\\u202e\\\\\"}";
	expect_shown("test", json, false, "j", "{\"a\":[1,2],\"b\":{},\"c\":[],\"d\":\"x,{\\\"}\\u001b\xe2\x80\xae\\\\\"}\n");
	expect_shown("test", json, true, "j",
	             "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": \"x,{\\\"}\\u001b\\u202e\\\\\"\n}\n");
	expect_shown("discover", "{\"openrpc\":\"1.3.2\"}", false, "", "{\"openrpc\":\"1.3.2\"}\n");
	/* What is shown on a terminal is still the same value. */
	const char *hostile = "{\"a\":\"\\u0000\\u001b\\u009b\\u2028\\u202e\\u200d\\udb40\\udc41\\ud83d\\ude00\\u0301\"}";
	json_t *value = json_loads(hostile, JSON_ALLOW_NUL, NULL), *again;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	pretty_write(out, value, true);
	(void)fclose(out);
	again = json_loads(text, JSON_ALLOW_NUL, NULL);
	assert_true(json_equal(value, again));
	assert_null(strstr(text, "\xe2\x80"));
	free(text);
	json_decref(value);
	json_decref(again);
}

/* What answers with items has columns. */
static void test_columns(void **state)
{
	(void)state;
	size_t lists = 0, count;
	for (size_t i = 0; i < method_count; i++) {
		const char *members = schema_find(method_table[i]->result)->members;
		const struct column *columns = output_columns(method_table[i]->result, &count);
		assert_true((strncmp(members, "items:", 6) == 0) == (columns != NULL));
		lists += columns != NULL;
	}
	assert_int_equal(lists, 10);
	assert_null(output_columns("nonsense", &count));
}

static int begin(void **state)
{
	(void)state;
	(void)setenv("TZ", "EST5", 1);
	tzset();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells), cmocka_unit_test(test_list),    cmocka_unit_test(test_object),
		cmocka_unit_test(test_json),  cmocka_unit_test(test_columns),
	};
	return cmocka_run_group_tests_name("cli/output", tests, begin, NULL);
}
