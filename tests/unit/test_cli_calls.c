/* Whole runs of the command against a daemon that follows a script: a process that expects requests and has their answers. */
#include "ipc/socket.h"
#include "tui/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char id[] = "01890a5d-ac96-774b-bcce-b302099a8057";
static char directory[] = "/tmp/almanac-cli-XXXXXX";
static char path[SOCKET_PATH_MAX];
static char *out_text, *err_text;

struct exchange {
	const char *method, *params; /* expected; params as JSON, NULL: none */
	const char *answer;          /* a member: "result":… or "error":… */
};

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	(void)snprintf(path, sizeof path, "%s/s", directory);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(out_text);
	free(err_text);
	(void)unlink(path);
	return rmdir(directory);
}

static bool is_expected(const json_t *request, const struct exchange *exchange)
{
	const char *method = json_string_value(json_object_get(request, "method"));
	json_t *params = json_object_get(request, "params");
	json_t *expected = exchange->params ? json_loads(exchange->params, 0, NULL) : NULL;
	bool same = method && strcmp(method, exchange->method) == 0 &&
	            (expected ? json_equal(params, expected) : !params || json_object_size(params) == 0);
	if (!same)
		(void)fprintf(stderr, "expected %s %s, got %s %s\n", exchange->method, exchange->params, method,
		              params ? json_dumps(params, 0) : "-");
	json_decref(expected);
	return same;
}

/* Exit code 0 when everything came as expected, and nothing more. */
static int serve(FILE *in, FILE *out, const struct exchange *exchanges)
{
	char line[8192];
	for (; exchanges->method; exchanges++) {
		json_t *request = fgets(line, sizeof line, in) ? json_loads(line, 0, NULL) : NULL;
		if (!request || !is_expected(request, exchanges))
			return 1;
		(void)fprintf(out, "{\"jsonrpc\":\"2.0\",\"id\":%lld,%s}\n",
		              (long long)json_integer_value(json_object_get(request, "id")), exchanges->answer);
		(void)fflush(out);
		json_decref(request);
	}
	return fgets(line, sizeof line, in) ? 2 : 0;
}

struct run {
	const struct exchange *exchanges;
	const char *input; /* on a terminal, if there is any */
	bool tty;
};

static int run(const struct run *run, const char *const *words)
{
	char *argv[20] = { (char *)(uintptr_t) "almanac", (char *)(uintptr_t) "--socket", path };
	int argc = 3, listener, status;
	size_t len;
	for (; words[argc - 3]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 3];
	struct err err;
	assert_int_equal(socket_listen(path, (gid_t)-1, &listener, &err), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)fcntl(listener, F_SETFL, 0);
		int fd = accept(listener, NULL, NULL);
		FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
		int code = serve(in, out, run->exchanges);
		(void)fclose(in);
		(void)fclose(out);
		_exit(code);
	}
	close(listener);
	free(out_text);
	free(err_text);
	struct io io = { .in = run->input ? fmemopen((char *)(uintptr_t)run->input, strlen(run->input), "r") : NULL };
	io.in_tty = io.out_tty = run->tty;
	io.out = open_memstream(&out_text, &len);
	io.err = open_memstream(&err_text, &len);
	int code = cli_run(argc, argv, &io);
	(void)fclose(io.out);
	(void)fclose(io.err);
	if (io.in)
		(void)fclose(io.in);
	assert_true(waitpid(child, &status, 0) == child);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("the peer ended with %d; %s", status, err_text);
	return code;
}
#define EXCHANGES(...) (const struct exchange[]){ __VA_ARGS__, { 0 } }
#define RUN(exchanges_, ...) run(&(const struct run){ .exchanges = exchanges_ }, (const char *const[]){ __VA_ARGS__, NULL })
#define RUN_TTY(input_, exchanges_, ...) \
	run(&(const struct run){ .exchanges = exchanges_, .input = input_, .tty = true }, (const char *const[]){ __VA_ARGS__, NULL })

static void test_one_object(void **state)
{
	(void)state;
	const struct exchange *ping = EXCHANGES({ "system.ping", NULL, "\"result\":{\"pong\":true}" });
	assert_int_equal(RUN(ping, "ping"), 0);
	assert_string_equal(out_text, "field\tvalue\npong\ttrue\n");
	assert_int_equal(RUN(ping, "ping", "--json"), 0);
	assert_string_equal(out_text, "{\"pong\":true}\n");
	assert_int_equal(RUN(ping, "call", "system.ping", "{}"), 0);
	assert_string_equal(out_text, "{\"pong\":true}\n");
	assert_string_equal(err_text, "");
}

static void test_health(void **state)
{
	(void)state;
	assert_int_equal(RUN(EXCHANGES({ "system.health", NULL, "\"result\":{\"ok\":true}" }), "status"), 0);
	assert_int_equal(RUN(EXCHANGES({ "system.health", NULL, "\"result\":{\"ok\":false}" }), "status"), 1);
	assert_string_equal(out_text, "field\tvalue\nok\tfalse\n");
	assert_int_equal(RUN(EXCHANGES({ "connection.refresh", "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}",
	                                 "\"result\":{\"token\":{\"ok\":true},\"sync\":{\"ok\":false}}" }), "refresh", id), 1);
}

/* Lists go on to the end, unless a limit is given. */
static void test_pages(void **state)
{
	(void)state;
	const struct exchange *pages = EXCHANGES(
		{ "user.list", "{\"limit\":500}", "\"result\":{\"items\":[{\"id\":\"1\"}],\"next_cursor\":\"c1\",\"total\":3}" },
		{ "user.list", "{\"limit\":500,\"cursor\":\"c1\"}", "\"result\":{\"items\":[{\"id\":\"2\"}],\"next_cursor\":\"c2\",\"total\":3}" },
		{ "user.list", "{\"limit\":500,\"cursor\":\"c2\"}", "\"result\":{\"items\":[{\"id\":\"3\"}],\"next_cursor\":null,\"total\":3}" });
	assert_int_equal(RUN(pages, "users", "--no-header"), 0);
	assert_string_equal(out_text, "1\t\t\t\t\n2\t\t\t\t\n3\t\t\t\t\n");
	assert_int_equal(RUN(pages, "users", "--json"), 0);
	assert_string_equal(out_text, "{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"}],\"next_cursor\":null,\"total\":3}\n");
	const struct exchange *one = EXCHANGES({ "user.list", "{\"limit\":1,\"workspace\":\"acme\"}",
	                                         "\"result\":{\"items\":[{\"id\":\"1\"}],\"next_cursor\":\"c1\",\"total\":3}" });
	assert_int_equal(RUN(one, "users", "acme", "--limit", "1", "--json"), 0);
	assert_string_equal(out_text, "{\"items\":[{\"id\":\"1\"}],\"next_cursor\":\"c1\",\"total\":3}\n");
	/* A second page that fails is a failure, and no half list is shown. */
	const struct exchange *broken = EXCHANGES(
		{ "user.list", "{\"limit\":500}", "\"result\":{\"items\":[{\"id\":\"1\"}],\"next_cursor\":\"c1\",\"total\":3}" },
		{ "user.list", "{\"limit\":500,\"cursor\":\"c1\"}", "\"error\":{\"code\":-32023,\"message\":\"disk\",\"data\":{\"code\":\"store_failed\"}}" });
	assert_int_equal(RUN(broken, "users"), 2);
	assert_string_equal(out_text, "");
	/* A page without items ends it, whatever the cursor says. */
	const struct exchange *empty = EXCHANGES({ "user.list", "{\"limit\":500}", "\"result\":{\"items\":[],\"next_cursor\":\"c\",\"total\":0}" });
	assert_int_equal(RUN(empty, "users"), 0);
}

static void test_errors(void **state)
{
	(void)state;
	static const struct {
		const char *code;
		int exit;
	} codes[] = { { "not_found", 5 }, { "invalid_params", 64 }, { "reauth_required", 4 }, { "scope_missing", 4 }, { "denied", 2 },
		      { "from_the_future", 2 } };
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		char answer[200], expected[200];
		(void)snprintf(answer, sizeof answer, "\"error\":{\"code\":-1,\"message\":\"what\\u001b\",\"data\":{\"code\":\"%s\"}}", codes[i].code);
		(void)snprintf(expected, sizeof expected, "almanac: what\\x1b (%s)\n", codes[i].code);
		assert_int_equal(RUN(EXCHANGES({ "system.ping", NULL, answer }), "ping"), codes[i].exit);
		assert_string_equal(err_text, expected);
		assert_string_equal(out_text, "");
	}
	const struct exchange *hint = EXCHANGES({ "system.ping", NULL,
		"\"error\":{\"code\":-32010,\"message\":\"gone\",\"data\":{\"code\":\"reauth_required\",\"action\":{\"method\":\"oauth.begin\","
		"\"params\":{\"workspace\":\"w1\",\"provider\":\"google\",\"connection\":\"c1\"},\"label\":\"Reconnect\"}}}" });
	assert_int_equal(RUN(hint, "ping"), 4);
	assert_string_equal(err_text, "almanac: gone (reauth_required)\nalmanac: hint: Reconnect: almanac connect --connection c1\n");
	assert_int_equal(RUN(EXCHANGES({ "system.ping", NULL, "\"error\":{}" }), "ping"), 2);
}

#define DRY_RUN \
	{ "connection.disconnect", "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"dry_run\":true}", \
	  "\"result\":{\"dry_run\":true,\"effects\":{\"connections\":1}}" }
#define REAL_RUN \
	{ "connection.disconnect", "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}", "\"result\":{\"local\":true}" }

static void test_confirmation(void **state)
{
	(void)state;
	assert_int_equal(RUN(EXCHANGES(REAL_RUN), "disconnect", id, "--yes"), 0);
	assert_int_equal(RUN(EXCHANGES(DRY_RUN), "disconnect", id, "--dry-run"), 0);
	assert_int_equal(RUN_TTY("y\n", EXCHANGES(DRY_RUN, REAL_RUN), "disconnect", id), 0);
	assert_non_null(strstr(err_text, "\"connections\": 1"));
	assert_int_equal(RUN_TTY("n\n", EXCHANGES(DRY_RUN), "disconnect", id), 64);
	assert_int_equal(RUN_TTY("\n", EXCHANGES(DRY_RUN), "disconnect", id), 64);
}

#define BEGIN(params_) \
	{ "oauth.begin", params_, "\"result\":{\"attempt_id\":\"a1\",\"authorization_url\":\"https://p/?x\",\"short_url\":\"http://l/c/t\"," \
	  "\"state\":\"s\",\"expires_at\":\"2026-11-22T14:13:49Z\"}" }
#define STATUS(members_) { "oauth.status", "{\"attempt_id\":\"a1\"}", "\"result\":{\"attempt_id\":\"a1\"," members_ "}" }

static void test_connect(void **state)
{
	(void)state;
	const struct exchange *begin_only = EXCHANGES(BEGIN("{\"workspace\":\"acme\",\"provider\":\"google\"}"));
	assert_int_equal(RUN(begin_only, "connect", "acme"), 0);
	assert_non_null(strstr(out_text, "short_url\thttp://l/c/t\n"));
	assert_int_equal(RUN_TTY(NULL, begin_only, "connect", "acme", "--no-wait"), 0);
	assert_non_null(strstr(out_text, "  http://l/c/t\n"));
	assert_non_null(strstr(out_text, "  https://p/?x\n"));
	const struct exchange *done = EXCHANGES(
		BEGIN("{\"workspace\":\"acme\",\"provider\":\"google\"}"), STATUS("\"state\":\"created\""), STATUS("\"state\":\"opened\""),
		STATUS("\"state\":\"done\",\"connection_id\":\"c1\",\"error\":null"),
		{ "connection.get", "{\"id\":\"c1\"}", "\"result\":{\"id\":\"c1\",\"account_email\":\"ada@example.com\"}" });
	assert_int_equal(RUN_TTY(NULL, done, "connect", "acme"), 0);
	assert_non_null(strstr(out_text, "Connected ada@example.com as c1\n"));
	assert_string_equal(err_text, "The link was opened.\n");
}

static void test_connect_fails(void **state)
{
	(void)state;
	const struct exchange *denied = EXCHANGES(BEGIN("{\"workspace\":\"acme\",\"provider\":\"google\"}"),
		STATUS("\"state\":\"failed\",\"connection_id\":null,\"error\":{\"code\":\"access_denied\",\"message\":\"refused\"}"));
	assert_int_equal(RUN(denied, "connect", "acme", "--wait"), 2);
	assert_string_equal(err_text, "almanac: refused (access_denied)\n");
	const struct exchange *expired = EXCHANGES(BEGIN("{\"workspace\":\"acme\",\"provider\":\"google\"}"),
		STATUS("\"state\":\"expired\",\"connection_id\":null,\"error\":null"));
	assert_int_equal(RUN(expired, "connect", "acme", "--wait"), 2);
}

/* To reconnect, the connection is enough. */
static void test_reconnect(void **state)
{
	(void)state;
	const struct exchange *exchanges = EXCHANGES(
		{ "connection.get", "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}",
		  "\"result\":{\"id\":\"x\",\"workspace_id\":\"01890a5d-ac96-774b-bcce-b302099a8058\",\"provider\":\"google\"}" },
		BEGIN("{\"connection\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"provider\":\"google\","
	              "\"workspace\":\"01890a5d-ac96-774b-bcce-b302099a8058\"}"));
	assert_int_equal(RUN(exchanges, "connect", "--connection", id), 0);
}

/* A secret comes from standard input and goes to the daemon alone. */
static void test_secret(void **state)
{
	(void)state;
	const struct exchange *exchanges = EXCHANGES({ "oauth.complete", "{\"redirect_url\":\"http://l/?code=canary\"}", "\"result\":{\"success\":true}" });
	assert_int_equal(RUN_TTY("http://l/?code=canary\n", exchanges, "connect-complete", "-"), 0);
	assert_null(strstr(out_text, "canary"));
	assert_null(strstr(err_text, "canary"));
	assert_int_equal(RUN_TTY("{\"redirect_url\":\"http://l/?code=canary\"}", exchanges, "call", "oauth.complete", "-"), 0);
}

/* A result that is no page must not be taken for one. */
static void test_odd_results(void **state)
{
	(void)state;
	assert_int_equal(RUN(EXCHANGES({ "user.list", "{\"limit\":500}", "\"result\":{}" }), "users"), 0);
	assert_int_equal(RUN(EXCHANGES({ "user.list", "{\"limit\":500}", "\"result\":null" }), "users"), 0);
	assert_int_equal(RUN(EXCHANGES({ "system.ping", NULL, "\"result\":[1,[2]]" }), "ping"), 0);
	assert_int_equal(RUN(EXCHANGES({ "system.ping", NULL, "\"result\":null" }), "ping"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_object), cmocka_unit_test(test_health),        cmocka_unit_test(test_pages),
		cmocka_unit_test(test_errors),     cmocka_unit_test(test_confirmation),  cmocka_unit_test(test_connect),
		cmocka_unit_test(test_connect_fails), cmocka_unit_test(test_reconnect),  cmocka_unit_test(test_secret),
		cmocka_unit_test(test_odd_results),
	};
	return cmocka_run_group_tests_name("cli/calls", tests, begin, end);
}
