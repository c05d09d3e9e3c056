/* The console and a daemon that goes and comes. Behaviours by number. */
#include "ipc/base/clock.h"
#include "tests/support/process.h"
#include "tests/support/stage.h"
#include "tests/support/vterm_console.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const people[] = { "ada.lovelace@example.com", "alan.turing@example.com", "edsger.dijkstra@example.com",
	                              "ken.thompson@example.com" };

static void open_stage(struct stage *stage)
{
	stage_open(stage, NULL);
	(void)stage_workspace(stage, "acme");
	for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
		free(stage_connect(stage, "acme", people[i], NULL));
}

static void show_connections(struct vterm_console *console, const char *socket)
{
	const struct vterm_console_options options = { .socket = socket };
	vterm_console_start(console, &options);
	vterm_console_expect(console, "live");
	vterm_console_type(console, "3");
	vterm_console_expect(console, "4 connections");
	vterm_console_expect(console, "ken.thompson@example.com");
}

static void test_behaviour_19_daemon_killed(void **unused)
{
	struct stage stage;
	struct vterm_console console;
	(void)unused;
	open_stage(&stage);
	show_connections(&console, stage.socket);
	vterm_console_settle(&console, 300);
	int row = vterm_console_cursor_row(&console);
	(void)stage_stop_daemon(&stage, SIGKILL);
	int64_t killed = clock_boot(&clock_system);
	vterm_console_expect_row(&console, 0, "reconnecting");
	assert_in_range(clock_boot(&clock_system) - killed, 0, 200);
	vterm_console_expect(&console, "Daemon lost 0 s ago");
	vterm_console_expect(&console, "Daemon lost 2 s ago");
	vterm_console_type(&console, "r");
	vterm_console_expect(&console, "Not connected to the daemon: refresh was not sent");
	vterm_console_press(&console, VTERM_KEY_DOWN);
	vterm_console_settle(&console, 100);
	assert_int_equal(vterm_console_cursor_row(&console), row + 2);
	vterm_console_type(&console, "2");
	vterm_console_expect(&console, "[2 Workspaces]");
	vterm_console_expect(&console, "Nothing is loaded yet.");
	vterm_console_type(&console, "q");
	assert_int_equal(vterm_console_wait(&console, 5000), 0);
	vterm_console_check_restored(&console);
	vterm_console_stop(&console);
	stage_start_daemon(&stage);
	stage_close(&stage);
}

static void test_behaviour_20_daemon_back(void **unused)
{
	struct stage stage;
	struct vterm_console console;
	(void)unused;
	open_stage(&stage);
	show_connections(&console, stage.socket);
	vterm_console_type(&console, "/example\r");
	vterm_console_expect(&console, "4 of 4 shown");
	vterm_console_press(&console, VTERM_KEY_DOWN);
	vterm_console_type(&console, " ");
	vterm_console_expect(&console, "1 marked");
	vterm_console_settle(&console, 200);
	char selected[1024];
	int row = vterm_console_cursor_row(&console);
	(void)snprintf(selected, sizeof selected, "%s", vterm_console_row(&console, row));
	assert_int_equal(stage_stop_daemon(&stage, SIGTERM), 0);
	vterm_console_expect_row(&console, 0, "reconnecting");
	stage_start_daemon(&stage);
	int64_t back = clock_boot(&clock_system);
	vterm_console_expect_row(&console, 0, "live");
	assert_in_range(clock_boot(&clock_system) - back, 0, 5500);
	vterm_console_expect(&console, "reconnected, 0 changes");
	assert_int_equal(vterm_console_cursor_row(&console), row);
	assert_string_equal(vterm_console_row(&console, row), selected);
	assert_true(vterm_console_shows(&console, "filter: example"));
	vterm_console_expect(&console, "1 marked");
	vterm_console_stop(&console);
	stage_close(&stage);
}

/* What changes at the daemon comes to the screen by itself. */
static void test_changes_arrive(void **unused)
{
	struct stage stage;
	struct vterm_console console;
	(void)unused;
	open_stage(&stage);
	show_connections(&console, stage.socket);
	free(stage_connect(&stage, "acme", "barbara.liskov@example.com", NULL));
	vterm_console_expect(&console, "barbara.liskov@example.com");
	vterm_console_expect(&console, "5 connections");
	vterm_console_stop(&console);
	stage_close(&stage);
}

static pid_t start_other_daemon(const char *path)
{
	static const char answer[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"version\":\"9\",\"protocol\":2}}\n";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char request[4096];
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	pid_t pid = fork();
	if (pid != 0) {
		(void)close(fd);
		return pid;
	}
	int client = accept(fd, NULL, NULL);
	if (read(client, request, sizeof request) > 0 && write(client, answer, sizeof answer - 1) < 0)
		_exit(1);
	while (read(client, request, sizeof request) > 0)
		;
	_exit(0);
}

static void test_behaviour_20_another_protocol(void **unused)
{
	char path[] = "/tmp/almanac-other-XXXXXX", socket_path[64];
	struct vterm_console console;
	(void)unused;
	assert_non_null(mkdtemp(path));
	(void)snprintf(socket_path, sizeof socket_path, "%s/s", path);
	pid_t other = start_other_daemon(socket_path);
	const struct vterm_console_options options = { .socket = socket_path };
	vterm_console_start(&console, &options);
	vterm_console_expect(&console, "This daemon speaks protocol 2, this console 1");
	vterm_console_type(&console, "q");
	assert_int_equal(vterm_console_wait(&console, 5000), 0);
	vterm_console_stop(&console);
	assert_int_equal(process_wait(other, 5000), 0);
	process_remove_tree(path);
}

static void test_disconnect_by_typed_name(void **unused)
{
	struct stage stage;
	struct vterm_console console;
	(void)unused;
	open_stage(&stage);
	show_connections(&console, stage.socket);
	vterm_console_type(&console, "/thompson\r");
	vterm_console_expect(&console, "1 of 4 shown");
	vterm_console_type(&console, "D");
	vterm_console_expect(&console, "calendars: 5");
	vterm_console_settle(&console, 400);
	vterm_console_type(&console, "\r\r\r");
	vterm_console_type(&console, "ken.thompson@example.co");
	vterm_console_type(&console, "\r");
	vterm_console_settle(&console, 500);
	vterm_console_expect(&console, "Disconnect (off)");
	assert_int_equal(stage_count(&stage, "revoke"), 0);
	vterm_console_type(&console, "m\r");
	vterm_console_expect(&console, "Disconnected ken.thompson@example.com");
	vterm_console_expect(&console, "○ disconnected");
	assert_int_equal(stage_count(&stage, "revoke"), 1);
	vterm_console_stop(&console);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behaviour_19_daemon_killed),
		cmocka_unit_test(test_behaviour_20_daemon_back),
		cmocka_unit_test(test_behaviour_20_another_protocol),
		cmocka_unit_test(test_changes_arrive),
		cmocka_unit_test(test_disconnect_by_typed_name),
	};
	return cmocka_run_group_tests_name("console_link", tests, NULL, NULL);
}
