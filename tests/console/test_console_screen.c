/* The console on a terminal: what it writes, how it follows the terminal's size, what pasted text does. Behaviours by number. */
#include "tests/support/proc.h"
#include "tests/support/stage.h"
#include "tests/support/vterm_console.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct stage stage;

static int open_stage(void **unused)
{
	static const char *const people[] = { "ada.lovelace@example.com", "alan.turing@example.com", "edsger.dijkstra@example.com",
		                              "ken.thompson@example.com" };
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	(void)stage_workspace(&stage, "globex");
	for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
		free(stage_connect(&stage, "acme", people[i], NULL));
	return 0;
}

static int close_stage(void **unused)
{
	(void)unused;
	stage_close(&stage);
	return 0;
}

static void start(struct vterm_console *console, int cols, int rows, const char *const *args, const char *const *env)
{
	const struct vterm_console_options options = { .socket = stage.socket, .cols = cols, .rows = rows, .args = args, .env = env };
	vterm_console_start(console, &options);
}

static void show_connections(struct vterm_console *console)
{
	vterm_console_expect(console, "live");
	vterm_console_type(console, "3");
	vterm_console_expect(console, "[3 Connections]");
	vterm_console_expect(console, "ken.thompson@example.com");
	vterm_console_expect(console, "4 connections");
}

static void quit(struct vterm_console *console)
{
	vterm_console_type(console, "Q");
	assert_int_equal(vterm_console_wait(console, 5000), 0);
	vterm_console_check_restored(console);
	vterm_console_stop(console);
}

static void test_behaviour_10_pasted_text_runs_no_action(void **unused)
{
	static const char paste[] = "\033[200~DDqQ\r3\ny\033[201~";
	struct vterm_console console;
	(void)unused;
	start(&console, 80, 24, NULL, NULL);
	show_connections(&console);
	vterm_console_send(&console, paste, sizeof paste - 1);
	vterm_console_expect(&console, "Pasted text was ignored");
	assert_true(vterm_console_shows(&console, "[3 Connections]"));
	assert_false(vterm_console_shows(&console, "Disconnect this connection?"));
	/* In a field it is text. */
	vterm_console_type(&console, "/");
	vterm_console_send(&console, "\033[200~thompson\n\033[201~", 21);
	vterm_console_expect(&console, "filter: thompson");
	vterm_console_expect(&console, "1 of 4 shown");
	vterm_console_press(&console, VTERM_KEY_ESCAPE);
	vterm_console_expect_not(&console, "filter:");
	quit(&console);
}

static void test_behaviour_14_idle_writes_nothing(void **unused)
{
	struct vterm_console console;
	(void)unused;
	start(&console, 80, 24, NULL, NULL);
	show_connections(&console);
	vterm_console_settle(&console, 500);
	int64_t cpu = proc_cpu_ms(console.pid);
	/* A quiet stretch is looked for: the minute may turn in one, not in both. */
	size_t least = SIZE_MAX;
	for (int stretch = 0; stretch < 2 && least > 0; stretch++) {
		vterm_console_mark(&console);
		vterm_console_settle(&console, 3000);
		least = vterm_console_written(&console) < least ? vterm_console_written(&console) : least;
	}
	assert_int_equal(least, 0);
	assert_in_range(proc_cpu_ms(console.pid) - cpu, 0, 120);
	quit(&console);
}

static void test_behaviour_15_small_changes_cost_few_bytes(void **unused)
{
	struct vterm_console console;
	(void)unused;
	start(&console, 100, 30, NULL, NULL);
	show_connections(&console);
	vterm_console_settle(&console, 400);
	vterm_console_mark(&console);
	vterm_console_press(&console, VTERM_KEY_DOWN);
	vterm_console_settle(&console, 300);
	/* Two rows change their looks, and the pane below its text. */
	assert_in_range(vterm_console_written(&console), 1, 700);
	assert_false(vterm_console_wrote(&console, "\033[2J"));
	vterm_console_type(&console, "4");
	vterm_console_expect(&console, "[4 Calendars]");
	vterm_console_settle(&console, 400);
	assert_false(vterm_console_wrote(&console, "\033[2J"));
	/* A mark set and taken away: one cell and a few words. */
	vterm_console_type(&console, "G");
	vterm_console_settle(&console, 3500);
	vterm_console_mark(&console);
	vterm_console_type(&console, " ");
	vterm_console_settle(&console, 300);
	assert_in_range(vterm_console_written(&console), 1, 100);
	/* A list that scrolls by a row; the pane below is another's then. */
	vterm_console_resize(&console, 100, 12);
	vterm_console_type(&console, "g");
	vterm_console_settle(&console, 3500);
	for (int i = 0; i < 8; i++) {
		vterm_console_press(&console, VTERM_KEY_DOWN);
		vterm_console_settle(&console, 100);
		vterm_console_mark(&console);
	}
	vterm_console_expect(&console, "rows 4–9 of 17");
	assert_in_range(vterm_console_written(&console), 0, 300);
	quit(&console);
}

static void test_behaviour_23_any_size(void **unused)
{
	static const int sizes[][2] = { { 1, 1 }, { 2, 3 }, { 39, 10 }, { 40, 9 }, { 40, 10 }, { 79, 23 }, { 400, 120 }, { 60, 15 }, { 1, 120 },
		                        { 400, 1 }, { 80, 10 }, { 160, 50 } };
	struct vterm_console console;
	(void)unused;
	start(&console, 80, 24, NULL, NULL);
	show_connections(&console);
	vterm_console_press(&console, VTERM_KEY_DOWN);
	for (int with_dialog = 0; with_dialog < 2; with_dialog++) {
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			vterm_console_resize(&console, sizes[i][0], sizes[i][1]);
			vterm_console_settle(&console, 60);
		}
		vterm_console_resize(&console, 80, 24);
		vterm_console_expect_row(&console, 0, "almanac");
		if (with_dialog == 0) {
			assert_true(vterm_console_cursor_row(&console) > 3);
			vterm_console_type(&console, "D");
			vterm_console_expect(&console, "Disconnect this connection?");
		}
	}
	vterm_console_expect(&console, "Disconnect this connection?");
	/* The bottom right corner belongs to the frame of an overlay. */
	vterm_console_settle(&console, 400);
	vterm_console_press(&console, VTERM_KEY_ESCAPE);
	vterm_console_expect_not(&console, "Disconnect this connection?");
	vterm_console_type(&console, "?");
	vterm_console_expect_row(&console, 22, "┘");
	vterm_console_resize(&console, 120, 20);
	vterm_console_expect_row(&console, 18, "┘");
	vterm_console_press(&console, VTERM_KEY_ESCAPE);
	quit(&console);
}

static void test_behaviour_24_too_small_and_back(void **unused)
{
	struct vterm_console console;
	char before[24][1024];
	(void)unused;
	start(&console, 80, 24, NULL, NULL);
	show_connections(&console);
	vterm_console_press(&console, VTERM_KEY_DOWN);
	vterm_console_press(&console, VTERM_KEY_DOWN);
	vterm_console_settle(&console, 400);
	int row = vterm_console_cursor_row(&console);
	for (int i = 3; i < 22; i++)
		(void)snprintf(before[i], sizeof before[i], "%s", vterm_console_row(&console, i));
	vterm_console_resize(&console, 36, 8);
	vterm_console_expect(&console, "Terminal 36x8 is too small");
	vterm_console_expect(&console, "q quits");
	vterm_console_type(&console, "D3");
	/* So that they are read while it is small. */
	vterm_console_settle(&console, 300);
	vterm_console_resize(&console, 80, 24);
	vterm_console_expect(&console, "[3 Connections]");
	vterm_console_settle(&console, 300);
	assert_int_equal(vterm_console_cursor_row(&console), row);
	for (int i = 3; i < 22; i++)
		assert_string_equal(vterm_console_row(&console, i), before[i]);
	vterm_console_resize(&console, 36, 8);
	vterm_console_expect(&console, "too small");
	vterm_console_type(&console, "q");
	assert_int_equal(vterm_console_wait(&console, 5000), 0);
	vterm_console_check_restored(&console);
	vterm_console_stop(&console);
}

/* An SGR sequence that sets a colour: a parameter of 30–49, 90–107. */
static bool wrote_colour(const struct vterm_console *console)
{
	for (const char *at = buf_text(&console->raw); (at = strstr(at, "\033[")); at++) {
		const char *from = at + 2;
		size_t len = strspn(from, "0123456789;");
		if (from[len] != 'm')
			continue;
		while (from < at + 2 + len) {
			char *end;
			long value = strtol(from, &end, 10);
			if ((value >= 30 && value <= 49) || (value >= 90 && value <= 107))
				return true;
			from = end + 1;
		}
	}
	return false;
}

static void test_behaviour_28_no_color(void **unused)
{
	static const char *const off[] = { "NO_COLOR=1", NULL }, *const empty[] = { "NO_COLOR=", NULL };
	static const char *const always[] = { "--color=always", NULL };
	const struct {
		const char *const *env, *const *args;
		bool colour;
	} cases[] = { { off, NULL, false }, { empty, NULL, true }, { NULL, NULL, true }, { off, always, true } };
	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct vterm_console console;
		start(&console, 80, 24, cases[i].args, cases[i].env);
		show_connections(&console);
		assert_int_equal(wrote_colour(&console), cases[i].colour);
		quit(&console);
	}
}

static void test_behaviour_30_ascii_only(void **unused)
{
	static const char *const c_locale[] = { "LC_ALL=C", NULL }, *const vt100[] = { "TERM=vt100", NULL };
	static const char *const asked[] = { "--glyphs=ascii", NULL };
	const char *const *envs[] = { c_locale, vt100, NULL };
	const char *const *args[] = { NULL, NULL, asked };
	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		struct vterm_console console;
		start(&console, 80, 24, args[i], envs[i]);
		show_connections(&console);
		vterm_console_type(&console, "4");
		vterm_console_expect(&console, "[4 Calendars]");
		vterm_console_settle(&console, 300);
		vterm_console_type(&console, "?");
		vterm_console_expect(&console, "EVERYWHERE");
		for (size_t k = 0; k < console.raw.len; k++)
			assert_true((unsigned char)console.raw.data[k] < 0x80);
		vterm_console_press(&console, VTERM_KEY_ESCAPE);
		vterm_console_expect_not(&console, "EVERYWHERE");
		vterm_console_type(&console, "Q");
		assert_int_equal(vterm_console_wait(&console, 5000), 0);
		vterm_console_stop(&console);
	}
}

static void test_behaviour_38_hardware_cursor_on_the_selected_row(void **unused)
{
	struct vterm_console console;
	(void)unused;
	start(&console, 80, 24, NULL, NULL);
	show_connections(&console);
	vterm_console_press(&console, VTERM_KEY_DOWN);
	vterm_console_settle(&console, 300);
	assert_int_equal(console.cursor.row, vterm_console_cursor_row(&console));
	vterm_console_type(&console, "/ab");
	vterm_console_expect_row(&console, 22, "/ab");
	vterm_console_settle(&console, 300);
	assert_int_equal(console.cursor.row, 22);
	assert_int_equal(console.cursor.col, 3);
	vterm_console_press(&console, VTERM_KEY_ESCAPE);
	vterm_console_expect_not(&console, "filter:");
	quit(&console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behaviour_10_pasted_text_runs_no_action),
		cmocka_unit_test(test_behaviour_14_idle_writes_nothing),
		cmocka_unit_test(test_behaviour_15_small_changes_cost_few_bytes),
		cmocka_unit_test(test_behaviour_23_any_size),
		cmocka_unit_test(test_behaviour_24_too_small_and_back),
		cmocka_unit_test(test_behaviour_28_no_color),
		cmocka_unit_test(test_behaviour_30_ascii_only),
		cmocka_unit_test(test_behaviour_38_hardware_cursor_on_the_selected_row),
	};
	return cmocka_run_group_tests_name("console_screen", tests, open_stage, close_stage);
}
