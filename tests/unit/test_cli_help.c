/* Help, usage and the failures that need no daemon. */
#include "ipc/method.h"
#include "ipc/version.h"
#include "tui/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *out_text, *err_text;

/* Runs `almanac` with these words; its output is in out_text and err_text until the next run. */
static int run(bool tty, const char *const *words)
{
	char *argv[20] = { (char *)(uintptr_t) "almanac" };
	size_t out_len, err_len;
	int argc = 1;
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	free(out_text);
	free(err_text);
	struct io io = { .in = stdin, .out_tty = tty };
	io.out = open_memstream(&out_text, &out_len);
	io.err = open_memstream(&err_text, &err_len);
	int code = cli_run(argc, argv, &io);
	(void)fclose(io.out);
	(void)fclose(io.err);
	return code;
}
#define RUN(...) run(false, (const char *const[]){ __VA_ARGS__, NULL })

static int end(void **state)
{
	(void)state;
	free(out_text);
	free(err_text);
	return 0;
}

static void test_general(void **state)
{
	(void)state;
	assert_int_equal(RUN("--help"), 0);
	assert_string_equal(err_text, "");
	for (size_t i = 0; i < method_count; i++) {
		char line[64];
		if (!method_table[i]->verb)
			continue;
		(void)snprintf(line, sizeof line, "\n  %s ", method_table[i]->verb);
		if (!strstr(out_text, line))
			fail_msg("%s is not in the help", method_table[i]->verb);
	}
	assert_int_equal(RUN("help"), 0);
	assert_int_equal(RUN("--version"), 0);
	assert_string_equal(out_text, "almanac " ALMANAC_VERSION "\n");
	assert_int_equal(RUN("call", "--help"), 0);
	assert_int_equal(RUN("help", "nonsense"), 64);
}

static void test_each_verb(void **state)
{
	(void)state;
	for (size_t i = 0; i < method_count; i++) {
		const struct method *method = method_table[i];
		if (!method->verb)
			continue;
		assert_int_equal(RUN(method->verb, "--help"), 0);
		assert_string_equal(err_text, "");
		assert_non_null(strstr(out_text, method->summary));
		assert_non_null(strstr(out_text, method->name));
		for (size_t k = 0; k < method->param_count; k++)
			assert_non_null(strstr(out_text, method->params[k].help));
		assert_int_equal(RUN("help", method->verb), 0);
	}
	assert_int_equal(RUN("connections", "--help"), 0);
	assert_non_null(strstr(out_text, "usage: almanac connections [WORKSPACE] [OPTIONS]\n"));
	assert_non_null(strstr(out_text, "--limit N "));
	assert_non_null(strstr(out_text, "1 to 500; default 100"));
	assert_int_equal(RUN("disconnect", "--help"), 0);
	assert_non_null(strstr(out_text, "--dry-run "));
	assert_non_null(strstr(out_text, "--yes is needed"));
}

static void test_alone(void **state)
{
	(void)state;
	const char *const none[] = { NULL };
	assert_int_equal(run(false, none), 64);
	assert_string_equal(out_text, "");
	assert_non_null(strstr(err_text, "usage:"));
	assert_int_equal(run(true, none), 0);
	assert_non_null(strstr(out_text, "usage:"));
}

static void test_usage(void **state)
{
	(void)state;
	static const char id[] = "01890a5d-ac96-774b-bcce-b302099a8057";
	assert_int_equal(RUN("nonsense"), 64);
	assert_int_equal(RUN("\x1b]0;x\x07"), 64);
	assert_null(strchr(err_text, '\x1b'));
	assert_int_equal(RUN("connections", "--limit=99999999999999999999"), 64);
	assert_int_equal(RUN("connections", "--limit", "0"), 64);
	assert_string_equal(err_text, "almanac: limit: expected a whole number from 1 to 500 (invalid_params)\n");
	assert_int_equal(RUN("connection"), 64);
	assert_int_equal(RUN("connection", ""), 64);
	assert_int_equal(RUN("connection", "nonsense"), 64);
	assert_int_equal(RUN("ping", "--wait"), 64);
	assert_int_equal(RUN("connect"), 64);
	assert_int_equal(RUN("connect", "acme", "--expires-in", "5"), 64);
	/* Destroying verbs: nobody is there to be asked. */
	assert_int_equal(RUN("disconnect", id), 64);
	assert_non_null(strstr(err_text, "--yes"));
	assert_int_equal(RUN("workspace-delete", "acme"), 64);
	assert_int_equal(RUN("call"), 64);
	assert_int_equal(RUN("call", "system.ping", "{"), 64);
	assert_int_equal(RUN("call", "system.ping", "[1]"), 64);
	assert_int_equal(RUN("call", "system.ping", "{}", "x"), 64);
	assert_int_equal(RUN("call", "oauth.complete", "{\"redirect_url\":\"canary\"}"), 64);
	assert_null(strstr(err_text, "canary"));
	assert_int_equal(RUN("connect-complete", "http://x/?code=canary"), 64);
	assert_null(strstr(err_text, "canary"));
	assert_string_equal(out_text, "");
}

static void test_long_words(void **state)
{
	(void)state;
	size_t len = 128 * 1024;
	char *word = malloc(len + 1);
	memset(word, 'x', len);
	word[len] = '\0';
	assert_int_equal(RUN("connections", word), 64);
	assert_int_equal(RUN(word), 64);
	assert_int_equal(RUN("connections", "--query", word), 64);
	assert_int_equal(RUN("ping", "--socket", word), 64);
	assert_true(strlen(err_text) < 400);
	free(word);
}

static void test_unreachable(void **state)
{
	(void)state;
	assert_int_equal(RUN("ping", "--socket", "/nonexistent/s"), 3);
	assert_int_equal(RUN("ping", "--socket", "/tmp"), 3);
	assert_int_equal(RUN("ping", "--socket", "/dev/null"), 3);
	assert_int_equal(RUN("ping", "--socket", "relative"), 3);
	assert_int_equal(RUN("call", "system.ping", "--socket", "/nonexistent/s"), 3);
	assert_int_equal(RUN("connect", "acme", "--socket", "/nonexistent/s"), 3);
	assert_int_equal(RUN("disconnect", "01890a5d-ac96-774b-bcce-b302099a8057", "--yes", "--socket", "/nonexistent/s"), 3);
	assert_non_null(strstr(err_text, "(unreachable)"));
}

static void test_full_output(void **state)
{
	(void)state;
	char *argv[] = { (char[]){ "almanac" }, (char[]){ "--help" } };
	size_t len;
	free(err_text);
	struct io io = { .in = stdin, .out = fopen("/dev/full", "w"), .err = open_memstream(&err_text, &len) };
	assert_int_equal(cli_run(2, argv, &io), 2);
	(void)fclose(io.out);
	(void)fclose(io.err);
	assert_string_equal(err_text, "almanac: cannot write the output: No space left on device (internal)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_general),    cmocka_unit_test(test_each_verb),   cmocka_unit_test(test_alone),
		cmocka_unit_test(test_usage),      cmocka_unit_test(test_long_words),  cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_full_output),
	};
	return cmocka_run_group_tests_name("cli/help", tests, NULL, end);
}
