/* Words of the command line: the options of every verb, and the params of a method. */
#include "tui/args.h"
#include "tui/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct err err;

/* The params of a verb's words, as compact JSON with sorted keys; "!field" when they are refused. */
static void expect_in(FILE *in, const char *verb, const char *const *words, const char *expected)
{
	char *argv[16];
	int argc = 0;
	json_t *params;
	struct io io = { .in = in, .out = stdout, .err = stderr };
	const struct method *method = method_find_verb(verb);
	assert_non_null(method);
	for (; words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	memset(&err, 0, sizeof err);
	if (args_parse(method, argc, argv, &io, &params, &err)) {
		assert_int_equal(err.code, ERR_INVALID_PARAMS);
		if (expected[0] != '!')
			fail_msg("%s", err.message);
		assert_string_equal(err.field, expected + 1);
		return;
	}
	char *text = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, expected);
	free(text);
	json_decref(params);
}
#define EXPECT(verb_, expected_, ...) expect_in(NULL, verb_, (const char *const[]){ __VA_ARGS__, NULL }, expected_)

static void test_forms(void **state)
{
	(void)state;
	EXPECT("connections", "{\"limit\":5,\"state\":\"failing\"}", "--limit", "5", "--state=failing");
	EXPECT("connections", "{\"sort\":\"-since\",\"workspace\":\"acme\"}", "acme", "--sort", "-since");
	EXPECT("connections", "{\"query\":\"a=b\"}", "--query=a=b");
	EXPECT("connections", "{\"query\":\"\"}", "--query=");
	EXPECT("connections", "{\"workspace\":\"--x\"}", "--", "--x");
	EXPECT("disconnect", "{\"dry_run\":true,\"id\":\"x\"}", "x", "--dry-run");
	EXPECT("disconnect", "{\"dry_run\":true,\"id\":\"x\"}", "--dry_run", "x");
	EXPECT("disconnect", "{\"dry_run\":false,\"id\":\"x\"}", "--id", "x", "--dry-run=no");
	EXPECT("calendar-update", "{\"active\":false,\"id\":\"x\",\"if_version\":3}", "x", "--active=false", "--if-version", "3");
	EXPECT("calendar-update", "{\"active\":false,\"id\":\"x\"}", "--active", "false", "x");
	EXPECT("calendar-update", "{\"active\":true,\"id\":\"x\"}", "x", "--active", "true");
	EXPECT("user-create", "{\"email\":\"a@b\",\"name\":\"Ada L\",\"workspace\":\"acme\"}", "acme", "a@b", "--name", "Ada L");
	EXPECT("user-create", "{\"email\":\"a@b\",\"workspace\":\"acme\"}", "--workspace", "acme", "a@b");
}

static void test_refusals(void **state)
{
	(void)state;
	EXPECT("connections", "!limit", "--limit");
	EXPECT("connections", "!limit", "--limit=99999999999999999999");
	EXPECT("connections", "!limit", "--limit", "5x");
	EXPECT("connections", "!limit", "--limit", "5", "--limit", "5");
	EXPECT("connections", "!--nonsense", "--nonsense", "5");
	EXPECT("connections", "!--=", "--=");
	EXPECT("connections", "!-x", "-x");
	EXPECT("connections", "!two", "one", "two");
	EXPECT("connections", "!query", "--query", "\xff");
	EXPECT("connection", "!\\x1b[2J", "x", "\x1b[2J");
	EXPECT("disconnect", "!dry_run", "x", "--dry-run=maybe");
	EXPECT("ping", "!x", "x");
}

/* A secret is read from standard input and from nowhere else. */
static void test_secrets(void **state)
{
	(void)state;
	char text[] = "  http://localhost/?code=c&state=s \nmore\n";
	FILE *in = fmemopen(text, sizeof text - 1, "r");
	const char *const dash[] = { "-", NULL }, *const shown[] = { "http://localhost/?code=canary", NULL };
	expect_in(in, "connect-complete", dash, "{\"redirect_url\":\"http://localhost/?code=c&state=s\"}");
	expect_in(in, "connect-complete", shown, "!redirect_url");
	assert_null(strstr(err.message, "canary"));
	(void)fclose(in);
	in = fopen("/dev/null", "r");
	expect_in(in, "connect-complete", dash, "!redirect_url");
	(void)fclose(in);
}

/* Strings may be repeated. */
static void test_strings(void **state)
{
	(void)state;
	static const struct param param = { .name = "to", .type = PARAM_STRINGS, .positional = true };
	static const struct method method = { .name = "m", .params = &param, .param_count = 1 };
	char *argv[] = { (char[]){ "a" }, (char[]){ "--to" }, (char[]){ "b" }, (char[]){ "c" } };
	json_t *params;
	const struct io io = { .in = NULL };
	assert_int_equal(args_parse(&method, 4, argv, &io, &params, &err), 0);
	json_t *expected = json_pack("{s[sss]}", "to", "a", "b", "c");
	assert_true(json_equal(params, expected));
	json_decref(expected);
	json_decref(params);
}

static int parse_options(struct options *options, const char *const *words, char **argv)
{
	int argc = 1;
	argv[0] = (char *)(uintptr_t) "almanac";
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	return options_parse(options, argc, argv, &err);
}
#define PARSE(options_, ...) parse_options(options_, (const char *const[]){ __VA_ARGS__, NULL }, (char *[16]){ NULL })

static void test_options(void **state)
{
	(void)state;
	struct options options;
	char *argv[16];
	assert_int_equal(parse_options(&options, (const char *const[]){ "--json", "disconnect", "x", "--yes", "--socket", "/s", "--reason", "r",
	                                                                "--", "--json", NULL }, argv), 0);
	assert_true(options.json && options.yes && !options.no_header && !options.help);
	assert_string_equal(options.socket, "/s");
	assert_string_equal(options.verb, "disconnect");
	assert_int_equal(options.rest_count, 5);
	assert_string_equal(options.rest[0], "x");
	assert_string_equal(options.rest[1], "--reason");
	assert_string_equal(options.rest[2], "r");
	assert_string_equal(options.rest[3], "--");
	assert_string_equal(options.rest[4], "--json");
	assert_int_equal(PARSE(&options, "--help"), 0);
	assert_null(options.verb);
	assert_int_equal(options.rest_count, 0);
	assert_int_equal(PARSE(&options, "ping", "--socket"), -1);
	assert_int_equal(PARSE(&options, "ping", "--socket="), -1);
	assert_int_equal(PARSE(&options, "ping", "--socket", "a", "--socket=b"), -1);
	assert_int_equal(PARSE(&options, "--limit", "5"), -1);
	assert_int_equal(PARSE(&options, "connect", "--wait", "--no-wait"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),   cmocka_unit_test(test_refusals), cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_strings), cmocka_unit_test(test_options),
	};
	return cmocka_run_group_tests_name("cli/args", tests, NULL, NULL);
}
