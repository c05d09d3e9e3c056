/* The daemon as a service: told to stop, telling its manager, given its socket, at home in a user's directories. */
#include "tests/support/launch.h"
#include "tests/support/process.h"
#include "tests/support/stage.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { END_MS = 10000 };

#define INFO "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.info\"}"

static bool is_gone(void *path)
{
	return access(path, F_OK) != 0 || !launch_answers(path);
}

static bool token_is_asked_for(void *arg)
{
	return stage_count(arg, "token.refresh") > 0;
}

/* A refresh at a provider that answers late. */
static void start_refresh(struct stage *stage, struct wire *wire, const char *id)
{
	char text[256];
	json_decref(stage_control(stage, "{s:s,s:{s:s},s:{s:i}}", "op", "fault", "match", "path", "/token", "action", "delay_ms", 1500));
	(void)snprintf(text, sizeof text,
	               "{\"jsonrpc\":\"2.0\",\"id\":\"late\",\"method\":\"connection.refresh\",\"params\":{\"id\":\"%s\"}}\n", id);
	assert_true(wire_open(wire, stage->socket, &stage->wire));
	assert_true(wire_text(wire, text));
	assert_true(process_until(token_is_asked_for, stage, END_MS));
}

/* The provider has rotated the refresh token and its answer is on the way: it must be stored before the end. */
static void test_a_token_on_its_way_is_waited_for(void **unused)
{
	static const char *const strict[] = { "--rotate", "strict", NULL };
	static const struct stage_options options = { .sandbox_args = strict };
	struct stage stage;
	struct wire wire;
	(void)unused;
	stage_open(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL);
	start_refresh(&stage, &wire, id);
	assert_int_equal(kill(stage.daemon, SIGTERM), 0);
	/* Nobody new is let in meanwhile. */
	assert_true(process_until(is_gone, stage.socket, 1000));
	assert_int_equal(stage_wait_daemon(&stage, END_MS), 0);
	/* Who waited has been answered. */
	json_t *reply = wire_reply(&wire);
	assert_non_null(json_object_get(reply, "result"));
	json_decref(reply);
	wire_close(&wire);
	json_decref(stage_control(&stage, "{s:s}", "op", "clear_faults"));
	stage_start_daemon(&stage);
	json_decref(stage_call(&stage, "connection.refresh", "{s:s}", "id", id));
	json_t *connection = stage_call(&stage, "connection.get", "{s:s}", "id", id);
	assert_string_equal(json_string_value(json_object_get(connection, "state")), "connected");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(connection, "token"), "generation")), 3);
	json_decref(connection);
	free(id);
	stage_close(&stage);
}

static void test_a_second_signal_ends_at_once(void **unused)
{
	struct stage stage;
	struct wire wire;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL);
	start_refresh(&stage, &wire, id);
	assert_int_equal(kill(stage.daemon, SIGTERM), 0);
	assert_true(process_until(is_gone, stage.socket, 1000));
	assert_int_equal(kill(stage.daemon, SIGTERM), 0);
	assert_int_equal(stage_wait_daemon(&stage, 1000), 0);
	wire_close(&wire);
	stage_start_daemon(&stage);
	json_decref(stage_control(&stage, "{s:s}", "op", "clear_faults"));
	json_decref(stage_call(&stage, "connection.refresh", "{s:s}", "id", id));
	free(id);
	stage_close(&stage);
}

static bool userinfo_is_asked_for(void *arg)
{
	return stage_count(arg, "userinfo") > 1;
}

/* Each step of a connection.test goes on after the one before: no more once the end has come. */
static void test_a_second_signal_in_the_middle_of_a_test(void **unused)
{
	struct stage stage;
	struct wire wire;
	char text[256];
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL);
	json_decref(stage_control(&stage, "{s:s,s:{s:s},s:{s:i}}", "op", "fault", "match", "path", "/oauth2/v2/userinfo", "action",
	                          "delay_ms", 5000));
	(void)snprintf(text, sizeof text,
	               "{\"jsonrpc\":\"2.0\",\"id\":\"late\",\"method\":\"connection.test\",\"params\":{\"id\":\"%s\"}}\n", id);
	assert_true(wire_open(&wire, stage.socket, &stage.wire));
	assert_true(wire_text(&wire, text));
	assert_true(process_until(userinfo_is_asked_for, &stage, END_MS));
	assert_int_equal(kill(stage.daemon, SIGTERM), 0);
	assert_true(process_until(is_gone, stage.socket, 1000));
	assert_int_equal(kill(stage.daemon, SIGTERM), 0);
	assert_int_equal(stage_wait_daemon(&stage, 2000), 0);
	wire_close(&wire);
	free(id);
	stage_close(&stage);
}

static void test_signals_while_idle(void **unused)
{
	static const struct stage_options options = { .without_sandbox = true };
	static const int numbers[] = { SIGTERM, SIGINT };
	struct stage stage;
	(void)unused;
	stage_open(&stage, &options);
	for (size_t i = 0; i < 2; i++) {
		for (int k = 0; k < 50; k++)
			assert_int_equal(kill(stage.daemon, SIGHUP), 0);
		assert_int_equal(stage_stop_daemon(&stage, numbers[i]), 0);
		assert_int_equal(access(stage.socket, F_OK), -1);
		stage_start_daemon(&stage);
	}
	stage_close(&stage);
}

/* ---- The service manager ---- */

static int bind_at(const char *path, size_t len, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, path, len);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
	return fd;
}

static void expect_told(int fd, const char *wanted)
{
	char text[256];
	struct pollfd waited = { .fd = fd, .events = POLLIN };
	do {
		assert_int_equal(poll(&waited, 1, END_MS), 1);
		ssize_t got = recv(fd, text, sizeof text - 1, 0);
		assert_true(got > 0);
		text[got] = '\0';
	} while (!strstr(text, wanted) && strstr(text, "WATCHDOG=1"));
	assert_non_null(strstr(text, wanted));
}

static void check_notices(const char *address, int fd, const char *dir)
{
	char state[96], sock[96], log_file[96], notify[160];
	(void)snprintf(state, sizeof state, "%s/state", dir);
	(void)snprintf(sock, sizeof sock, "%s/a.sock", dir);
	(void)snprintf(log_file, sizeof log_file, "%s/log", dir);
	(void)snprintf(notify, sizeof notify, "NOTIFY_SOCKET=%s", address);
	const struct launch launch = { .args = { "--state-dir", state, "--socket", sock },
		                       .env = { "ALMANAC_HTTP_LISTEN=127.0.0.1:0", notify, "WATCHDOG_USEC=200000" } };
	pid_t pid = launch_start(&launch, log_file);
	expect_told(fd, "READY=1");
	assert_true(launch_answers(sock));
	expect_told(fd, "WATCHDOG=1");
	expect_told(fd, "WATCHDOG=1");
	assert_int_equal(kill(pid, SIGTERM), 0);
	expect_told(fd, "STOPPING=1");
	assert_int_equal(process_wait(pid, END_MS), 0);
}

static void test_the_manager_is_told(void **unused)
{
	char dir[64], path[96], name[96];
	(void)unused;
	launch_directory(dir);
	(void)snprintf(path, sizeof path, "%s/notify", dir);
	int fd = bind_at(path, strlen(path), SOCK_DGRAM);
	check_notices(path, fd, dir);
	(void)close(fd);
	/* In the abstract namespace. */
	(void)snprintf(name, sizeof name, "@%s", strrchr(dir, '/') + 1);
	name[0] = '\0';
	fd = bind_at(name, 1 + strlen(name + 1), SOCK_DGRAM);
	name[0] = '@';
	check_notices(name, fd, dir);
	(void)close(fd);
	/* Nobody there: no reason to fail. */
	process_remove_tree(dir);
}

static void test_a_socket_that_was_passed(void **unused)
{
	char dir[64], state[96], path[96], other[96], log_file[96];
	struct wire wire;
	(void)unused;
	launch_directory(dir);
	(void)snprintf(state, sizeof state, "%s/state", dir);
	(void)snprintf(path, sizeof path, "%s/passed", dir);
	(void)snprintf(other, sizeof other, "%s/other", dir);
	(void)snprintf(log_file, sizeof log_file, "%s/log", dir);
	int fd = bind_at(path, strlen(path), SOCK_STREAM);
	assert_int_equal(listen(fd, 16), 0);
	const struct launch launch = { .args = { "--state-dir", state, "--socket", other },
		                       .env = { "ALMANAC_HTTP_LISTEN=127.0.0.1:0" }, .listen_fd = fd };
	for (int i = 0; i < 2; i++) {
		pid_t pid = launch_start(&launch, log_file);
		/* Whoever knocks early waits for the start. */
		assert_true(wire_open(&wire, path, NULL));
		json_t *reply = wire_ask(&wire, INFO);
		assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "result"), "pid")), pid);
		assert_int_equal(access(other, F_OK), -1);
		json_decref(reply);
		wire_close(&wire);
		assert_int_equal(process_stop(pid, SIGTERM, END_MS), 0);
		/* It is the manager's, and stays. */
		assert_int_equal(access(path, F_OK), 0);
	}
	(void)close(fd);
	process_remove_tree(dir);
}

/* Without a word said, a user's daemon is at home in the XDG directories, and lets its user in. */
static void test_the_directories_of_a_user(void **unused)
{
	static const struct wire_who user = { 4001, 4001, { 0 }, 0 };
	char dir[64], home[96], runtime[128], state[128], path[160], log_file[96];
	struct wire wire;
	(void)unused;
	if (geteuid() != 0)
		skip();
	for (int xdg = 0; xdg <= 1; xdg++) {
		launch_directory(dir);
		(void)snprintf(log_file, sizeof log_file, "%s/log", dir);
		(void)snprintf(path, sizeof path, "%s/home", dir);
		assert_int_equal(mkdir(path, 0700) | chown(path, 4001, 4001), 0);
		(void)snprintf(home, sizeof home, "HOME=%s/home", dir);
		(void)snprintf(runtime, sizeof runtime, "XDG_RUNTIME_DIR=%s/home", dir);
		(void)snprintf(state, sizeof state, "XDG_STATE_HOME=%s/home/mine", dir);
		const struct launch launch = { .env = { home, runtime, "ALMANAC_HTTP_LISTEN=127.0.0.1:0", xdg ? state : NULL }, .who = &user };
		pid_t pid = launch_start(&launch, log_file);
		(void)snprintf(path, sizeof path, "%s/home/almanac/almanacd.sock", dir);
		assert_true(process_until(launch_answers, path, END_MS));
		assert_true(wire_open_as(&wire, path, &user, NULL));
		json_t *reply = wire_ask(&wire, INFO);
		(void)snprintf(path, sizeof path, xdg ? "%s/home/mine/almanac" : "%s/home/.local/state/almanac", dir);
		assert_string_equal(json_string_value(json_object_get(json_object_get(reply, "result"), "state_dir")), path);
		json_decref(reply);
		reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"workspace.create\",\"params\":{\"name\":\"a\",\"slug\":\"a\"}}");
		assert_non_null(json_object_get(reply, "result"));
		json_decref(reply);
		wire_close(&wire);
		assert_int_equal(process_stop(pid, SIGTERM, END_MS), 0);
		process_remove_tree(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_token_on_its_way_is_waited_for),
		cmocka_unit_test(test_a_second_signal_ends_at_once),
		cmocka_unit_test(test_a_second_signal_in_the_middle_of_a_test),
		cmocka_unit_test(test_signals_while_idle),
		cmocka_unit_test(test_the_manager_is_told),
		cmocka_unit_test(test_a_socket_that_was_passed),
		cmocka_unit_test(test_the_directories_of_a_user),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
