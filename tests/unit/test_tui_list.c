/* The list engine: cursor, order, filter. Behaviours by number. */
#include "tui/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NAME, SIZE, COLUMNS };

static const struct list_column columns[COLUMNS] = { { "NAME", LIST_TEXT, 4, 8, 1, 0 }, { "SIZE", LIST_NUMBER, 4, 4, 0, 1 } };

static void put(struct list *list, const char *id, const char *name, int64_t size)
{
	const struct list_value values[COLUMNS] = { { (char *)(uintptr_t)name, LIST_NO_NUMBER }, { NULL, size } };
	const char *const facets[FILTER_FACETS] = { size > 50 ? "failing" : "connected", "acme", NULL };
	(void)list_put(list, id, values, facets, NULL, NULL);
}

/* a … e with sizes 10 … 50, by size, the cursor on c. */
static void open_list(struct list *list)
{
	static const char *const ids[] = { "a", "b", "c", "d", "e" }, *const names[] = { "Ada", "Bob", "Cyd", "Dan", "Eve" };
	list_init(list, columns, COLUMNS, NAME);
	list_sort(list, SIZE, false);
	list_sweep_begin(list);
	for (int i = 0; i < 5; i++)
		put(list, ids[i], names[i], 10 * (i + 1));
	list_sweep_end(list);
	list_settle(list, 0);
	list_move(list, 2, 0);
	assert_string_equal(list->cursor, "c");
}

static void expect_order(const struct list *list, const char *ids)
{
	char got[64] = "";
	for (size_t i = 0; i < list->shown_count; i++)
		(void)snprintf(got + i, sizeof got - i, "%s", list->shown[i]->id);
	assert_string_equal(got, ids);
}

enum { LATER = LIST_HOLD_MS + 1 };

static void test_behaviour_01_cursor_stays_with_its_row(void **unused)
{
	struct list list;
	(void)unused;
	open_list(&list);
	list.top = 1;
	put(&list, "x", "Xen", 1);
	put(&list, "y", "Yan", 2);
	list_settle(&list, LATER);
	expect_order(&list, "xyabcde");
	assert_string_equal(list_selected(&list)->id, "c");
	/* ... and on its line of the screen. */
	assert_int_equal(list.cursor_at - list.top, 1);
	list_remove(&list, "x");
	list_remove(&list, "a");
	list_settle(&list, LATER);
	assert_string_equal(list_selected(&list)->id, "c");
	list_sort(&list, SIZE, true);
	list_settle(&list, LATER);
	expect_order(&list, "edcby");
	assert_string_equal(list_selected(&list)->id, "c");
	/* Its own value takes it elsewhere. */
	put(&list, "c", "Cyd", 99);
	list_settle(&list, LATER);
	expect_order(&list, "cedby");
	assert_string_equal(list_selected(&list)->id, "c");
	list_free(&list);
}

static void test_behaviour_02_deleted_row_hands_over(void **unused)
{
	struct list list;
	(void)unused;
	open_list(&list);
	list_remove(&list, "c");
	list_settle(&list, LATER);
	assert_string_equal(list_selected(&list)->id, "d");
	assert_string_equal(list.vanished, "Cyd");
	list_move(&list, 5, LATER);
	list.vanished[0] = '\0';
	list_remove(&list, "e");
	list_remove(&list, "b");
	list_settle(&list, 2 * LATER);
	assert_string_equal(list_selected(&list)->id, "d");
	assert_string_equal(list.vanished, "Eve");
	list_remove(&list, "a");
	list_remove(&list, "d");
	list_settle(&list, 2 * LATER);
	assert_null(list_selected(&list));
	put(&list, "n", "New", 1);
	list_settle(&list, 2 * LATER);
	assert_string_equal(list_selected(&list)->id, "n");
	list_free(&list);
}

static void test_behaviour_04_marks_stay_with_their_rows(void **unused)
{
	struct list list;
	size_t hidden;
	(void)unused;
	open_list(&list);
	list_find(&list, "b")->marked = true;
	list_find(&list, "d")->marked = true;
	list_filter(&list, "dan");
	list_settle(&list, LATER);
	assert_int_equal(list_marked(&list, &hidden), 2);
	assert_int_equal(hidden, 1);
	list_filter(&list, "");
	list_sort(&list, NAME, true);
	list_sweep_begin(&list);
	put(&list, "a", "Ada", 10);
	put(&list, "d", "Dan", 44);
	list_sweep_end(&list);
	list_settle(&list, LATER);
	expect_order(&list, "da");
	assert_int_equal(list_marked(&list, &hidden), 1);
	assert_true(list_find(&list, "d")->marked);
	list_free(&list);
}

static void test_behaviour_05_order_is_held_after_a_cursor_key(void **unused)
{
	struct list list;
	(void)unused;
	open_list(&list);
	list_move(&list, 1, 1000);
	put(&list, "a", "Ada", 77);
	put(&list, "f", "Fay", 1);
	list_remove(&list, "b");
	list_settle(&list, 1500);
	/* The value is new, the order is not; who is new comes last, who is gone is gone. */
	expect_order(&list, "acdef");
	assert_int_equal(list_find(&list, "a")->values[SIZE].number, 77);
	assert_int_equal(list_held(&list, 1500), 2500);
	list_settle(&list, 1000 + LIST_HOLD_MS);
	expect_order(&list, "fcdea");
	assert_int_equal(list_held(&list, 1000 + LIST_HOLD_MS), 0);
	assert_string_equal(list_selected(&list)->id, "d");
	list_free(&list);
}

static void test_behaviour_07_filter(void **unused)
{
	static const struct {
		const char *text, *ids;
	} cases[] = { { "", "abcdef" }, { "A", "adf" },		    { "a D", "ad" },	   { "!a", "bce" },
		      { "state:fail", "f" }, { "state:!fail", "abcde" }, { "!state:fail !eve", "abcd" }, { "ws:acme", "abcdef" },
		      { "ws:", "abcdef" },   { "reason:x", "" } };
	struct list list;
	(void)unused;
	open_list(&list);
	put(&list, "f", "Fay", 60);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		list_filter(&list, cases[i].text);
		list_settle(&list, LATER);
		expect_order(&list, cases[i].ids);
	}
	/* The cursor's row survives if it can, and what matches later appears. */
	list_filter(&list, "");
	list_settle(&list, LATER);
	list_move(&list, -9, LATER);
	list_move(&list, 3, LATER);
	list_filter(&list, "a");
	list_settle(&list, LATER);
	assert_string_equal(list_selected(&list)->id, "d");
	put(&list, "g", "Gail", 5);
	put(&list, "a", "Otto", 10);
	list_settle(&list, 9 * LATER);
	expect_order(&list, "gdf");
	assert_string_equal(list_selected(&list)->id, "d");
	list_free(&list);
}

/* Equal values are ordered by id, so that the order is total. */
static void test_ties(void **unused)
{
	struct list list;
	(void)unused;
	list_init(&list, columns, COLUMNS, NAME);
	list_sort(&list, SIZE, true);
	put(&list, "c", "x", 1);
	put(&list, "a", "x", 1);
	put(&list, "b", "x", 1);
	list_settle(&list, 0);
	expect_order(&list, "abc");
	list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_behaviour_01_cursor_stays_with_its_row),
		cmocka_unit_test(test_behaviour_02_deleted_row_hands_over),
		cmocka_unit_test(test_behaviour_04_marks_stay_with_their_rows),
		cmocka_unit_test(test_behaviour_05_order_is_held_after_a_cursor_key),
		cmocka_unit_test(test_behaviour_07_filter),
		cmocka_unit_test(test_ties),
	};
	return cmocka_run_group_tests_name("tui_list", tests, NULL, NULL);
}
