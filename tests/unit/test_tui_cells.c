/* Cells: what foreign text becomes, in each set of characters; states, columns, layout. */
#include "ipc/base/buf.h"
#include "tui/figures.h"
#include "tui/layout.h"
#include "tui/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char hostile[] = "a\033[2J\007\r\n\xc2\x9b\xe2\x80\xae\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\xe6\x9d\xb1\xe4\xba\xac"
                              "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xff\xe2\x9a\xa0\xef\xb8\x8f\xd7\xa9z";

static void expect_screen(const struct cells *cells, const char *want)
{
	struct buf text = { 0 };
	figure_dump(cells, &text);
	assert_string_equal(buf_text(&text), want);
	buf_free(&text);
}

static void test_behaviour_31_no_split_wide_character(void **unused)
{
	struct cells cells = { 0 };
	(void)unused;
	cells_resize(&cells, 6, 2);
	cells_fit(&cells, 0, 0, 4, "東京都", PAINT_TEXT, 0);
	cells_text(&cells, 4, 0, 2, "|!", PAINT_TEXT, 0);
	/* Overwriting one half takes the other with it. */
	cells_text(&cells, 0, 1, 6, "東京都", PAINT_TEXT, 0);
	cells_text(&cells, 3, 1, 1, "x", PAINT_TEXT, 0);
	expect_screen(&cells, "東… |!\n東 x都\n");
	cells_text(&cells, 5, 0, 9, "都", PAINT_TEXT, 0);
	assert_int_equal(cells_at(&cells, 5, 0)->width, 1);
	cells_free(&cells);
}

static void test_behaviour_31_nothing_past_its_width(void **unused)
{
	(void)unused;
	for (int tier = GLYPHS_UTF8; tier <= GLYPHS_ASCII; tier++)
		for (int width = 1; width < 60; width++) {
			struct cells cells = { .tier = (enum glyph_tier)tier };
			cells_resize(&cells, 64, 1);
			cells_text(&cells, width, 0, 64, "|||||", PAINT_TEXT, 0);
			cells_fit(&cells, 0, 0, width, hostile, PAINT_TEXT, 0);
			assert_int_equal(cells_at(&cells, width, 0)->points[0], '|');
			int sum = 0;
			for (int col = 0; col < 64; col++)
				sum += cells_at(&cells, col, 0)->width;
			assert_int_equal(sum, 64);
			cells_free(&cells);
		}
}

static void test_behaviour_32_no_control_gets_through(void **unused)
{
	struct cells cells = { 0 };
	(void)unused;
	cells_resize(&cells, 200, 1);
	cells_text(&cells, 0, 0, 200, hostile, PAINT_TEXT, 0);
	for (int col = 0; col < 200; col++)
		for (int i = 0; i < CELL_POINTS; i++) {
			uint32_t c = cells_at(&cells, col, 0)->points[i];
			assert_true(c == 0 || (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0)));
			assert_true(c < 0x202a || c > 0x202e);
			assert_true(c != 0x200d && c != 0xfe0f);
		}
	cells_free(&cells);
}

static void test_behaviour_30_ascii(void **unused)
{
	struct cells cells = { .tier = GLYPHS_ASCII };
	(void)unused;
	cells_resize(&cells, 40, 3);
	(void)figure_box(&cells, (struct rect){ 0, 0, 12, 3 }, NULL);
	figure_bar(&cells, 13, 0, 10, 530, PAINT_OK);
	cells_fit(&cells, 13, 1, 8, "Zürich · Büro", PAINT_TEXT, 0);
	cells_text(&cells, 13, 2, 20, "● ▲ ✖ ↻ ■ ◐ ‖ ○ …", PAINT_TEXT, 0);
	expect_screen(&cells, "+----------+ #####-\n|          | Z?rich ~\n+----------+ + ! x R # . = - ~\n");
	cells_free(&cells);
}

static void test_behaviour_29_states_differ_without_colour(void **unused)
{
	const struct state_look *a, *b;
	(void)unused;
	for (int i = 0; (a = theme_state_at(i)); i++)
		for (int k = 0; k < i && (b = theme_state_at(k)); k++) {
			assert_string_not_equal(a->word, b->word);
			for (int tier = GLYPHS_UTF8; tier <= GLYPHS_ASCII; tier++) {
				struct cells cells = { .tier = (enum glyph_tier)tier };
				cells_resize(&cells, 2, 1);
				assert_int_equal(cells_text(&cells, 0, 0, 1, a->glyph, PAINT_TEXT, 0), 1);
				assert_int_equal(cells_text(&cells, 1, 0, 1, b->glyph, PAINT_TEXT, 0), 1);
				assert_int_not_equal(cells_at(&cells, 0, 0)->points[0], cells_at(&cells, 1, 0)->points[0]);
				cells_free(&cells);
			}
		}
	assert_string_equal(theme_state("something new")->glyph, "?");
}

static void test_glyph_sets(void **unused)
{
	enum glyph_tier tier;
	(void)unused;
	assert_true(glyphs_choose(NULL, "xterm-256color", "UTF-8", &tier) && tier == GLYPHS_UTF8);
	assert_true(glyphs_choose("auto", "vt100", "UTF-8", &tier) && tier == GLYPHS_ASCII);
	assert_true(glyphs_choose(NULL, "linux", "UTF-8", &tier) && tier == GLYPHS_LINUX);
	assert_true(glyphs_choose(NULL, "linux", "ANSI_X3.4-1968", &tier) && tier == GLYPHS_ASCII);
	assert_true(glyphs_choose("utf8", "vt100", "ANSI_X3.4-1968", &tier) && tier == GLYPHS_UTF8);
	assert_false(glyphs_choose("emoji", "xterm", "UTF-8", &tier));
}

static void test_columns_drop_by_priority(void **unused)
{
	static const struct layout_column columns[] = { { 10, 10, 0, 0 }, { 10, 20, 1, 0 }, { 5, 5, 0, 2 }, { 5, 5, 0, 1 } };
	int widths[4];
	(void)unused;
	layout_columns(columns, 4, 33, widths);
	assert_true(widths[2] == 5 && widths[3] == 5);
	layout_columns(columns, 4, 32, widths);
	assert_true(widths[2] == 0 && widths[3] == 5 && widths[1] == 15);
	layout_columns(columns, 4, 22, widths);
	assert_true(widths[2] == 0 && widths[3] == 0 && widths[1] == 11);
	layout_columns(columns, 4, 100, widths);
	assert_int_equal(widths[0] + widths[1] + widths[2] + widths[3] + 3, 100);
}

static void test_spans(void **unused)
{
	char text[32];
	(void)unused;
	assert_string_equal(when_span(59999, text, sizeof text), "<1m");
	assert_string_equal(when_span(60000, text, sizeof text), "1m");
	assert_string_equal(when_span(3600000, text, sizeof text), "1h");
	assert_string_equal(when_span(INT64_C(76) * 3600000, text, sizeof text), "3d 4h");
	assert_string_equal(when_until(60000, 0, text, sizeof text), "in 1m");
	assert_string_equal(when_until(0, 180000, text, sizeof text), "3m ago");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behaviour_31_no_split_wide_character),
		cmocka_unit_test(test_behaviour_31_nothing_past_its_width),
		cmocka_unit_test(test_behaviour_32_no_control_gets_through),
		cmocka_unit_test(test_behaviour_30_ascii),
		cmocka_unit_test(test_behaviour_29_states_differ_without_colour),
		cmocka_unit_test(test_glyph_sets),
		cmocka_unit_test(test_columns_drop_by_priority),
		cmocka_unit_test(test_spans),
	};
	return cmocka_run_group_tests_name("tui_cells", tests, NULL, NULL);
}
