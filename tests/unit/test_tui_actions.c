/* The table of actions and what is made of it: keys, help, key bar, palette. */
#include "ipc/base/buf.h"
#include "tui/actions.h"
#include "tui/figures.h"
#include "tui/keys.h"
#include "tui/overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_behaviour_13_no_key_has_two_meanings(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < action_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct action_row *a = &action_table[i], *b = &action_table[k];
			if (!(a->screens & b->screens))
				continue;
			assert_string_not_equal(a->name, b->name);
			for (int x = 0; x < 3 && a->keys[x]; x++)
				for (int y = 0; y < 3 && b->keys[y]; y++)
					assert_int_not_equal(a->keys[x], b->keys[y]);
		}
}

static void test_behaviour_13_all_is_in_help_and_palette(void **unused)
{
	(void)unused;
	for (unsigned screen = 1; screen & SCREENS_ALL; screen <<= 1) {
		struct doc doc = { 0 };
		struct cells cells = { 0 };
		struct buf text = { 0 };
		cells_resize(&cells, 120, 80);
		overlay_help(&doc, (enum screen)screen, false);
		overlay_draw(&doc, &cells, "Keys");
		figure_dump(&cells, &text);
		for (size_t i = 0; i < action_count; i++) {
			const struct action_row *row = &action_table[i];
			char name[16];
			if (!(row->screens & screen))
				continue;
			assert_ptr_equal(action_by_name(row->name, (enum screen)screen), row);
			char words[128];
			(void)snprintf(words, sizeof words, " %-14s %s", row->name, row->help);
			const char *at = strstr(buf_text(&text), words);
			assert_non_null(at);
			/* The line it stands in names each of its keys. */
			while (at > text.data && at[-1] != '\n')
				at--;
			char line[512];
			(void)snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
			for (int k = 0; k < 3 && row->keys[k]; k++) {
				assert_ptr_equal(action_by_key(row->keys[k], (enum screen)screen), row);
				assert_non_null(strstr(line, keys_name(row->keys[k], name)));
			}
		}
		buf_free(&text);
		cells_free(&cells);
		doc_free(&doc);
	}
}

static void test_no_action_on_keys_that_others_take(void **unused)
{
	/* ^A and ^B belong to screen and tmux, ^S and ^Q to flow control, ^C ^Z ^\ to the terminal. */
	static const uint32_t taken[] = { 1, 2, 3, 17, 19, 26, 28 };
	(void)unused;
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		assert_null(action_by_key(taken[i], SCREEN_CONNECTIONS));
	for (size_t i = 0; i < action_count; i++)
		for (int k = 0; k < 3 && action_table[i].keys[k]; k++)
			if (action_table[i].guard & GUARD_CHANGES)
				assert_true(action_table[i].keys[k] > 32 && action_table[i].keys[k] < 127);
}

static void test_what_destroys_asks(void **unused)
{
	(void)unused;
	assert_int_equal(action_by_name("disconnect", SCREEN_CONNECTIONS)->grade, GRADE_TYPED);
	assert_int_equal(action_by_name("pause", SCREEN_CONNECTION)->grade, GRADE_YES);
	assert_int_equal(action_by_name("refresh", SCREEN_CONNECTION)->grade, GRADE_NONE);
	assert_null(action_by_name("disconnect", SCREEN_WORKSPACES));
}

static void test_completion_goes_round(void **unused)
{
	(void)unused;
	assert_string_equal(action_complete("rec", SCREEN_CONNECTION, 0)->name, "reconnect");
	assert_string_equal(action_complete("re", SCREEN_CONNECTION, 1)->name, "refresh");
	assert_null(action_complete("rec", SCREEN_CONNECTION, 1));
	assert_null(action_complete("rec", SCREEN_JOBS, 0));
}

static void record(void *arg, uint32_t key, const char *text)
{
	struct buf *out = arg;
	char name[16];
	if (key == K_PASTE)
		buf_printf(out, "<%s>", text);
	else
		buf_printf(out, "%s ", keys_name(key, name));
}

static void expect_keys(const char *bytes, size_t step, const char *want)
{
	struct keys keys = { 0 };
	struct buf out = { 0 };
	size_t len = strlen(bytes);
	for (size_t at = 0; at < len; at += step)
		keys_feed(&keys, bytes + at, len - at < step ? len - at : step, record, &out);
	keys_flush(&keys, record, &out);
	assert_false(keys_waiting(&keys));
	assert_string_equal(buf_text(&out), want);
	keys_free(&keys);
	buf_free(&out);
}

static void test_bytes_as_keys(void **unused)
{
	(void)unused;
	for (size_t step = 1; step < 12; step += 5) {
		expect_keys("a\033[A\033OAb\033[B\033OB", step, "a Up Up b Down Down ");
		expect_keys("\033[H\033[1~\033[7~\033OF\033[5~\033[6~\033[Z\033OP\033[[A", step, "Home Home Home End PgUp PgDn S-Tab F1 F1 ");
		expect_keys("\r\n\t\177\b", step, "Enter Enter Tab Backspace Backspace ");
		expect_keys("x\033[200~DD\rq\033[A\033[201~y", step, "x <DD\rq\033[A>y ");
		expect_keys("\033", step, "Esc ");
		/* What means nothing does nothing, its letters least of all. */
		expect_keys("\033[99;5Dq\033[?1;2c", step, "Left q ");
		expect_keys("\033[12", step, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behaviour_13_no_key_has_two_meanings),
		cmocka_unit_test(test_behaviour_13_all_is_in_help_and_palette),
		cmocka_unit_test(test_no_action_on_keys_that_others_take),
		cmocka_unit_test(test_what_destroys_asks),
		cmocka_unit_test(test_completion_goes_round),
		cmocka_unit_test(test_bytes_as_keys),
	};
	return cmocka_run_group_tests_name("tui_actions", tests, NULL, NULL);
}
