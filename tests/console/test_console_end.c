/* How the console ends, stops and waits: the terminal is always given back. Behaviours by number. */
#include "tests/support/proc.h"
#include "tests/support/process.h"
#include "tests/support/stage.h"
#include "tests/support/vterm_console.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct stage stage;

static int open_stage(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	free(stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL));
	free(stage_connect(&stage, "acme", "alan.turing@example.com", NULL));
	return 0;
}

static int close_stage(void **unused)
{
	(void)unused;
	stage_close(&stage);
	return 0;
}

static void start(struct vterm_console *console, const char *const *env)
{
	const struct vterm_console_options options = { .socket = stage.socket, .env = env };
	vterm_console_start(console, &options);
}

static void test_behaviour_26_signals_give_the_terminal_back(void **unused)
{
	static const struct {
		int number, code;
	} cases[] = { { SIGTERM, 143 }, { SIGHUP, 129 }, { SIGINT, 130 }, { SIGQUIT, 131 }, { SIGSEGV, -SIGSEGV }, { SIGABRT, -SIGABRT } };
	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct vterm_console console;
		start(&console, NULL);
		vterm_console_expect(&console, "live");
		assert_true(console.alternate);
		assert_int_equal(kill(console.pid, cases[i].number), 0);
		int code = vterm_console_wait(&console, 5000);
		if (cases[i].code < 0) {
			/* The sanitizers end it their own way, once our handler is through. */
			assert_true(code != 0);
			assert_true(vterm_console_shows(&console, "almanac: the console crashed"));
		} else {
			assert_int_equal(code, cases[i].code);
		}
		vterm_console_check_restored(&console);
		vterm_console_stop(&console);
	}
}

static void test_behaviour_26_interrupt_key(void **unused)
{
	struct vterm_console console;
	(void)unused;
	start(&console, NULL);
	vterm_console_expect(&console, "live");
	vterm_console_send(&console, "\003", 1);
	assert_int_equal(vterm_console_wait(&console, 5000), 130);
	vterm_console_check_restored(&console);
	vterm_console_stop(&console);
}

static void test_behaviour_25_stop_and_continue(void **unused)
{
	const struct vterm_console_options options = { .socket = stage.socket, .shell = true };
	struct vterm_console console;
	(void)unused;
	vterm_console_start(&console, &options);
	vterm_console_expect(&console, "live");
	vterm_console_type(&console, "3");
	vterm_console_expect(&console, "[3 Connections]");
	/* Ctrl-Z. */
	vterm_console_send(&console, "\032", 1);
	vterm_console_wait_stopped(&console);
	vterm_console_settle(&console, 200);
	vterm_console_check_restored(&console);
	vterm_console_resize(&console, 100, 30);
	vterm_console_mark(&console);
	vterm_console_foreground(&console);
	vterm_console_expect_row(&console, 1, "[3 Connections]");
	vterm_console_expect(&console, "alan.turing@example.com");
	vterm_console_expect_row(&console, 29, "? help");
	assert_true(console.alternate);
	/* Stopped without being asked, then continued: it draws itself anew. */
	assert_int_equal(kill(console.job, SIGSTOP), 0);
	vterm_console_wait_stopped(&console);
	vterm_console_settle(&console, 200);
	vterm_console_mark(&console);
	vterm_console_foreground(&console);
	vterm_console_settle(&console, 500);
	assert_true(vterm_console_wrote(&console, "Connections"));
	vterm_console_type(&console, "q");
	assert_int_equal(vterm_console_wait(&console, 5000), 0);
	vterm_console_check_restored(&console);
	vterm_console_stop(&console);
}

static void test_behaviour_27_terminal_gone(void **unused)
{
	struct vterm_console console;
	(void)unused;
	start(&console, NULL);
	vterm_console_expect(&console, "live");
	(void)close(console.slave);
	(void)close(console.master);
	console.master = console.slave = -1;
	assert_int_equal(vterm_console_wait(&console, 1500), 129);
	vterm_console_stop(&console);
}

static void test_behaviour_18_output_blocked(void **unused)
{
	struct vterm_console console;
	(void)unused;
	start(&console, NULL);
	vterm_console_expect(&console, "live");
	vterm_console_type(&console, "2");
	vterm_console_expect(&console, "[2 Workspaces]");
	vterm_console_settle(&console, 300);
	/* Nobody reads: screens by the hundred, more than any buffer holds. */
	for (int i = 0; i < 400; i++) {
		vterm_console_type(&console, i % 2 ? "4" : "7");
		vterm_console_send(&console, "\014", 1);
		(void)poll(NULL, 0, 2);
	}
	/* Input is served all the while: this quits the overlay of help if it was read, and the program with the next. */
	vterm_console_type(&console, "3");
	int64_t cpu = proc_cpu_ms(console.pid);
	(void)poll(NULL, 0, 1000);
	assert_in_range(proc_cpu_ms(console.pid) - cpu, 0, 300);
	vterm_console_mark(&console);
	vterm_console_expect_row(&console, 1, "[3 Connections]");
	vterm_console_settle(&console, 300);
	/* What waited in the terminal's own buffer, and the newest frame: not 400 frames of 2 KB. */
	assert_in_range(vterm_console_written(&console), 1, 200000);
	vterm_console_type(&console, "q");
	assert_int_equal(vterm_console_wait(&console, 5000), 0);
	vterm_console_check_restored(&console);
	vterm_console_stop(&console);
}

static void test_behaviour_18_a_blocked_terminal_does_not_keep_it(void **unused)
{
	struct vterm_console console;
	(void)unused;
	start(&console, NULL);
	vterm_console_expect(&console, "live");
	for (int i = 0; i < 400; i++) {
		vterm_console_type(&console, i % 2 ? "4" : "7");
		vterm_console_send(&console, "\014", 1);
		(void)poll(NULL, 0, 2);
	}
	vterm_console_type(&console, "Q");
	/* Without reading a byte. */
	int status, tries = 0;
	while (waitpid(console.pid, &status, WNOHANG) == 0 && tries++ < 500)
		(void)poll(NULL, 0, 10);
	assert_true(tries < 500);
	console.pid = 0;
	vterm_console_stop(&console);
}

static void test_behaviour_37_unknown_terminal(void **unused)
{
	/* ncurses forgets a block when it does not know a terminal. */
	static const char *const known[] = { "TERM=nobody-knows-this", "ASAN_OPTIONS=detect_leaks=0", NULL }, *const dumb[] = { "TERM=dumb", "ASAN_OPTIONS=detect_leaks=0", NULL };
	struct vterm_console console;
	(void)unused;
	start(&console, known);
	vterm_console_expect(&console, "live");
	vterm_console_type(&console, "q");
	assert_int_equal(vterm_console_wait(&console, 5000), 0);
	vterm_console_stop(&console);
	start(&console, dumb);
	assert_int_equal(vterm_console_wait(&console, 5000), 3);
	assert_true(vterm_console_shows(&console, "almanac status"));
	vterm_console_check_restored(&console);
	vterm_console_stop(&console);
}

static void test_behaviour_37_no_terminal(void **unused)
{
	char program[PATH_MAX], log[128], text[4096] = "";
	const char *argv[] = { program, NULL };
	(void)unused;
	process_program(program, sizeof program, "almanac");
	(void)snprintf(log, sizeof log, "%s/refused", stage.dir);
	pid_t pid = process_start(argv, NULL, log);
	assert_int_equal(process_wait(pid, 5000), 64);
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	(void)close(fd);
	assert_non_null(strstr(text, "almanac status"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behaviour_26_signals_give_the_terminal_back),
		cmocka_unit_test(test_behaviour_26_interrupt_key),
		cmocka_unit_test(test_behaviour_25_stop_and_continue),
		cmocka_unit_test(test_behaviour_27_terminal_gone),
		cmocka_unit_test(test_behaviour_18_output_blocked),
		cmocka_unit_test(test_behaviour_18_a_blocked_terminal_does_not_keep_it),
		cmocka_unit_test(test_behaviour_37_unknown_terminal),
		cmocka_unit_test(test_behaviour_37_no_terminal),
	};
	return cmocka_run_group_tests_name("console_end", tests, open_stage, close_stage);
}
