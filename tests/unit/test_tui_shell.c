/* The whole console without a terminal, against a daemon made of JSON: dialogs, back, filter, a lost link. Behaviours by number. */
#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/figures.h"
#include "tui/keys.h"
#include "tui/shell_draw.h"
#include "tui/shell_news.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- A daemon -------------------------------------------------------------------------------------------------------- */

struct pending {
	struct pending *next;
	void (*fn)(void *arg, const json_t *reply);
	void *arg;
	json_t *reply;
};

static struct {
	struct shell shell;
	struct cells cells;
	struct pending *first, **last;
	json_t *connections;
	int64_t now;
	int disconnects, gets;
	bool mute;      /* calls stay without an answer */
} world;

static int64_t now_ms(void *arg)
{
	(void)arg;
	return world.now;
}
static const struct clock test_clock = { now_ms, now_ms, NULL };

static json_t *find(const char *id)
{
	size_t i;
	json_t *item;
	json_array_foreach(world.connections, i, item)
		if (strcmp(remote_text(item, "id"), id) == 0)
			return item;
	return NULL;
}

static json_t *not_found(void)
{
	return json_pack("{s:{s:i,s:s,s:{s:s}}}", "error", "code", -32002, "message", "no such thing", "data", "code", "not_found");
}

static json_t *list_of(const char *state)
{
	json_t *items = json_array(), *item;
	size_t i;
	json_array_foreach(world.connections, i, item)
		if (!*state || strcmp(state, remote_text(item, "state")) == 0)
			json_array_append(items, item);
	return json_pack("{s:{s:o,s:n,s:i}}", "result", "items", items, "next_cursor", "total", (int)json_array_size(items));
}

static json_t *answer(const char *method, const json_t *params)
{
	const char *id = remote_text(params, "id");
	if (strcmp(method, "system.info") == 0)
		return json_pack("{s:{s:i}}", "result", "protocol", 1);
	if (strcmp(method, "notice.subscribe") == 0)
		return json_pack("{s:{s:i}}", "result", "seq", 0);
	if (strcmp(method, "connection.list") == 0)
		return list_of(remote_text(params, "state"));
	if (strcmp(method, "workspace.get") == 0)
		return json_pack("{s:{s:s,s:s}}", "result", "id", id, "name", "Acme GmbH");
	if (strcmp(method, "workspace.list") == 0)
		return json_pack("{s:{s:[{s:s,s:s,s:s,s:{s:i,s:{}}}],s:n,s:i}}", "result", "items", "id", "w1", "name", "Acme GmbH", "slug",
		                 "acme", "connections", "total", 6, "by_state", "next_cursor", "total", 1);
	if (strcmp(method, "connection.get") == 0) {
		world.gets++;
		return find(id) ? json_pack("{s:O}", "result", find(id)) : not_found();
	}
	if (strcmp(method, "connection.refresh") == 0)
		return json_pack("{s:{s:{s:b},s:{s:b,s:i,s:i,s:i}}}", "result", "token", "ok", 1, "sync", "ok", 1, "added", 0, "changed", 0,
		                 "gone", 0);
	if (strcmp(method, "connection.disconnect") == 0) {
		if (json_is_true(json_object_get(params, "dry_run")))
			return json_pack("{s:{s:b,s:{s:i}}}", "result", "dry_run", 1, "effects", "calendars", 4);
		world.disconnects++;
		json_object_set_new(find(id), "state", json_string("disconnected"));
		return json_pack("{s:{s:b,s:{s:b,s:b}}}", "result", "local", 1, "remote", "attempted", 1, "ok", 1);
	}
	return json_pack("{s:{s:i,s:s}}", "error", "code", -32601, "message", "no such method");
}

static int call(void *arg, const char *method, const json_t *params, void (*fn)(void *arg, const json_t *reply), void *fn_arg,
                struct err *err)
{
	(void)arg;
	if (!link_is_live(&world.shell.desk.link) && world.shell.desk.link.state != LINK_GREETING)
		return err_set(err, ERR_INTERNAL, "not connected");
	struct pending *pending = mem_alloc(sizeof *pending);
	pending->fn = fn;
	pending->arg = fn_arg;
	pending->reply = world.mute ? NULL : answer(method, params);
	*world.last = pending;
	world.last = &pending->next;
	return 0;
}

/* lost: every call ends without an answer. */
static void deliver(bool lost)
{
	while (world.first) {
		struct pending *pending = world.first;
		world.first = pending->next;
		if (!world.first)
			world.last = &world.first;
		pending->fn(pending->arg, lost ? NULL : pending->reply);
		json_decref(pending->reply);
		free(pending);
	}
}

static void add_connection(const char *id, const char *account, const char *state)
{
	json_array_append_new(world.connections, json_pack("{s:s,s:s,s:s,s:s,s:s,s:[],s:i}", "id", id, "workspace_id", "w1", "provider",
	                                                   "google", "account_email", account, "state", state, "reasons",
	                                                   "calendars_count", 4));
}

static void draw(void)
{
	shell_draw(&world.shell, &world.cells);
}

static void pass(int64_t ms)
{
	for (int64_t end = world.now + ms; world.now < end;) {
		world.now += 100;
		shell_tick(&world.shell);
		if (!world.mute)
			deliver(false);
	}
	draw();
}

static void press(const char *keys)
{
	for (; *keys; keys++) {
		draw();
		shell_key(&world.shell, (unsigned char)*keys, NULL);
		if (!world.mute)
			deliver(false);
	}
	draw();
}

static bool shows(const char *text)
{
	struct buf screen = { 0 };
	figure_dump(&world.cells, &screen);
	bool found = strstr(buf_text(&screen), text) != NULL;
	buf_free(&screen);
	return found;
}

static void expect_shown(const char *text)
{
	struct buf screen = { 0 };
	figure_dump(&world.cells, &screen);
	if (!strstr(buf_text(&screen), text))
		fail_msg("there is no `%s` in\n%s", text, buf_text(&screen));
	buf_free(&screen);
}

static void notice(const char *id)
{
	json_t *message = json_pack("{s:s,s:{s:i,s:s,s:s,s:s,s:s}}", "method", "notice", "params", "seq", 1, "topic", "connection", "id", id,
	                            "workspace_id", "w1", "change", "updated");
	shell_news_message(&world.shell, message);
	json_decref(message);
	pass(300);
}

static int open_world(void **unused)
{
	static const char *const accounts[] = { "ada@example.com", "bob@example.com", "cyd@example.com",
		                                "dan@example.com", "eve@example.com", "fay@example.com" };
	const struct remote_wire wire = { .call = call };
	(void)unused;
	memset(&world, 0, sizeof world);
	world.last = &world.first;
	world.now = INT64_C(1800000000000);
	world.connections = json_array();
	for (int i = 0; i < 6; i++) {
		const char id[] = { 'c', (char)('1' + i), '\0' };
		add_connection(id, accounts[i], "connected");
	}
	cells_resize(&world.cells, 100, 30);
	shell_init(&world.shell, &test_clock, &wire, false);
	shell_news_connected(&world.shell);
	deliver(false);
	press("3");
	pass(200);
	expect_shown("6 connections");
	return 0;
}

static int close_world(void **unused)
{
	(void)unused;
	deliver(true);
	shell_free(&world.shell);
	deliver(true);
	cells_free(&world.cells);
	json_decref(world.connections);
	return 0;
}

static const char *at_cursor(void)
{
	static struct object object;
	const struct view *view = view_stack_top(&world.shell.desk.stack);
	assert_true(view->ops->selected(view, &object));
	return object.id;
}

/* ---- Behaviours ------------------------------------------------------------------------------------------------------ */

static void test_behaviour_02_toast_names_what_vanished(void **unused)
{
	(void)unused;
	press("jj");
	assert_string_equal(at_cursor(), "c3");
	json_array_remove(world.connections, 2);
	notice("c3");
	assert_string_equal(at_cursor(), "c4");
	expect_shown("cyd@example.com is gone");
	expect_shown("5 connections");
}

static void test_behaviour_03_dialog_stays_with_its_object(void **unused)
{
	(void)unused;
	press("j");
	press("D");
	pass(400);
	expect_shown("bob@example.com");
	expect_shown("calendars: 4");
	json_array_remove(world.connections, 1);
	notice("c2");
	expect_shown("It is gone meanwhile");
	press("bob@example.com\r");
	assert_int_equal(world.disconnects, 0);
	shell_key(&world.shell, K_ESC, NULL);
	assert_false(world.shell.dialog.open);
}

static void test_behaviour_06_back_restores(void **unused)
{
	char before[4096];
	struct buf screen = { 0 };
	(void)unused;
	press("/example !eve\rsI");
	press("jj");
	pass(5000);
	draw();
	figure_dump(&world.cells, &screen);
	(void)str_copy(before, sizeof before, buf_text(&screen));
	char kept[64];
	(void)str_copy(kept, sizeof kept, at_cursor());
	press("\r");
	pass(200);
	expect_shown("WHY");
	notice("c1");
	press("q");
	pass(500);
	buf_truncate(&screen, 0);
	figure_dump(&world.cells, &screen);
	assert_string_equal(at_cursor(), kept);
	assert_string_equal(buf_text(&screen), before);
	/* ... also after a visit to another screen. */
	press("1");
	press("3");
	pass(500);
	buf_truncate(&screen, 0);
	figure_dump(&world.cells, &screen);
	assert_string_equal(buf_text(&screen), before);
	buf_free(&screen);
}

static void test_behaviour_07_filter_on_the_screen(void **unused)
{
	(void)unused;
	press("jjj");
	press("/da");
	expect_shown("filter: da");
	expect_shown("2 of 6 shown");
	assert_string_equal(at_cursor(), "c4");
	add_connection("c7", "dag@example.com", "failing");
	notice("c7");
	expect_shown("3 of 7 shown");
	expect_shown("dag@example.com");
	assert_string_equal(at_cursor(), "c4");
	press("zzz\r");
	expect_shown("Nothing matches dazzz (7 hidden). Esc shows all.");
	shell_key(&world.shell, K_ESC, NULL);
	draw();
	assert_false(shows("filter:"));
	expect_shown("7 connections");
	assert_false(world.shell.desk.quit);
}

static void test_behaviour_08_keys_in_the_filter_stay_there(void **unused)
{
	(void)unused;
	press("/D\177\177\177");
	assert_int_equal(world.shell.mode, MODE_NORMAL);
	press("/DrqQ3\r");
	assert_int_equal(world.shell.mode, MODE_NORMAL);
	assert_false(world.shell.dialog.open || world.shell.desk.quit);
	assert_int_equal(world.shell.desk.stack.depth, 1);
	assert_int_equal(world.shell.ops.in_flight, 0);
	shell_key(&world.shell, K_ESC, NULL);
	press("/a");
	shell_key(&world.shell, K_ESC, NULL);
	draw();
	assert_false(shows("filter:"));
	assert_int_equal(world.shell.desk.stack.depth, 1);
}

static void test_behaviour_09_disconnect_needs_the_name(void **unused)
{
	(void)unused;
	press("D");
	assert_true(world.shell.dialog.open);
	pass(400);
	press("\r\r\r\r");
	press("DDDD\r\r");
	assert_true(world.shell.dialog.open);
	assert_int_equal(world.disconnects, 0);
	/* The way through Cancel, where Enter is safe. */
	press("\t\r");
	assert_false(world.shell.dialog.open);
	assert_int_equal(world.disconnects, 0);
	press("D");
	pass(400);
	press("ADA@example.com\r");
	assert_int_equal(world.disconnects, 0);
	press("\025ada@example.co\r");
	assert_int_equal(world.disconnects, 0);
	press("m\r");
	assert_int_equal(world.disconnects, 1);
	expect_shown("Disconnected ada@example.com");
	notice("c1");
	expect_shown("○ disconnected");
}

static void test_behaviour_11_keys_right_after_opening_are_ignored(void **unused)
{
	(void)unused;
	press("D");
	world.now += 299;
	press("ada@example.com\r\033");
	assert_true(world.shell.dialog.open);
	assert_string_equal(world.shell.dialog.edit.text, "");
	world.now += 1;
	press("x");
	assert_string_equal(world.shell.dialog.edit.text, "x");
}

static void lose(void)
{
	struct err err;
	(void)err_set(&err, ERR_INTERNAL, "the connection to the daemon was lost");
	shell_news_lost(&world.shell, &err, world.now + 1500);
	deliver(true);
	draw();
}

static void test_behaviour_19_and_22_lost_link(void **unused)
{
	(void)unused;
	lose();
	expect_shown("reconnecting 1 in 2s");
	pass(7000);
	expect_shown("Daemon lost 7 s ago; data is 7 s old");
	press("r");
	expect_shown("Not connected to the daemon: refresh was not sent");
	press("j");
	assert_string_equal(at_cursor(), "c2");
	press("D");
	assert_false(world.shell.dialog.open);
	add_connection("c7", "gus@example.com", "connected");
	shell_news_connected(&world.shell);
	deliver(false);
	pass(200);
	expect_shown("● live");
	expect_shown("reconnected, 1 change");
	expect_shown("gus@example.com");
	assert_string_equal(at_cursor(), "c2");
}

static void test_behaviour_21_unknown_result_is_looked_up(void **unused)
{
	(void)unused;
	world.mute = true;
	press("r");
	assert_int_equal(world.shell.ops.in_flight, 1);
	lose();
	expect_shown("refresh of ada@example.com: result unknown, checking");
	world.mute = false;
	int gets = world.gets;
	shell_news_connected(&world.shell);
	deliver(false);
	pass(200);
	assert_int_equal(world.gets, gets + 1);
	const struct toast *toast;
	bool said = false;
	for (size_t i = 0; (toast = toast_at(&world.shell.desk.toasts, i)); i++)
		said |= strstr(toast->text, "was cut off; it is now connected") != NULL;
	assert_true(said);
	assert_int_equal(world.shell.ops.check_count, 0);
}

static void test_behaviour_23_every_size(void **unused)
{
	static const char *const states[] = { "", "?", "/ab", ":re", "D", "M", "1" };
	(void)unused;
	for (size_t s = 0; s < sizeof states / sizeof states[0]; s++) {
		world.shell.too_small = false;
		cells_resize(&world.cells, 100, 30);
		press("3jj");
		press(states[s]);
		for (int rows = 1; rows <= 120; rows += rows < 30 ? 1 : 18)
			for (int cols = 1; cols <= 400; cols += cols < 100 ? 3 : 60) {
				cells_resize(&world.cells, cols, rows);
				draw();
				bool fits = cols >= 40 && rows >= 10;
				assert_int_equal(world.shell.too_small, !fits);
				assert_in_range(world.cells.cursor_col, 0, (unsigned)cols - 1);
				assert_in_range(world.cells.cursor_row, 0, (unsigned)rows - 1);
				if (s > 0 || !fits)
					continue;
				/* The cursor row can be seen. */
				bool seen = false;
				for (int row = 0; row < rows; row++)
					seen |= cells_at(&world.cells, 0, row)->points[0] == '>';
				assert_true(seen);
			}
		cells_resize(&world.cells, 100, 30);
		draw();
		pass(400);
		shell_key(&world.shell, K_ESC, NULL);
	}
}

static void test_read_only(void **unused)
{
	(void)unused;
	world.shell.desk.read_only = true;
	press("D");
	assert_false(world.shell.dialog.open);
	expect_shown("Read-only");
	press(":disconnect\r");
	assert_false(world.shell.dialog.open);
	press("?");
	assert_false(shows("forget tokens"));
}

int main(void)
{
#define IN_WORLD(test_) cmocka_unit_test_setup_teardown(test_, open_world, close_world)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_behaviour_02_toast_names_what_vanished),
		IN_WORLD(test_behaviour_03_dialog_stays_with_its_object),
		IN_WORLD(test_behaviour_06_back_restores),
		IN_WORLD(test_behaviour_07_filter_on_the_screen),
		IN_WORLD(test_behaviour_08_keys_in_the_filter_stay_there),
		IN_WORLD(test_behaviour_09_disconnect_needs_the_name),
		IN_WORLD(test_behaviour_11_keys_right_after_opening_are_ignored),
		IN_WORLD(test_behaviour_19_and_22_lost_link),
		IN_WORLD(test_behaviour_21_unknown_result_is_looked_up),
		IN_WORLD(test_behaviour_23_every_size),
		IN_WORLD(test_read_only),
	};
	return cmocka_run_group_tests_name("tui_shell", tests, NULL, NULL);
}
