/* The set of changes that wait for a slow reader, against a plain list. */
#include "daemon/rpc/change_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* One of the objects that the changes are about. */
static struct store_change change_of(unsigned pick, unsigned objects)
{
	struct store_change it = { .topic = (enum topic)(pick % TOPIC_COUNT), .change = (enum change)(pick / 7 % 3) };
	(void)snprintf(it.id, sizeof it.id, "0190a0a0-0000-7000-8000-%012x", pick / 21 % (objects / TOPIC_COUNT));
	return it;
}

/* Random changes and drops. */
static void test_change_set(void **state)
{
	enum { OBJECTS = 300, MOST = 200 };
	struct change_set set = { 0 };
	struct store_change list[MOST] = { 0 };
	size_t count = 0;
	unsigned seed = 7;
	(void)state;
	for (int round = 0; round < 20000; round++) {
		seed = seed * 1103515245 + 12345;
		unsigned pick = seed >> 8;
		if (pick % 97 == 0) {
			size_t drop = pick / 97 % (count + 1);
			change_set_drop(&set, drop);
			count -= drop;
			memmove(list, list + drop, count * sizeof list[0]);
		}
		const struct store_change change = change_of(pick, OBJECTS);
		size_t at = 0;
		while (at < count && (list[at].topic != change.topic || strcmp(list[at].id, change.id) != 0))
			at++;
		bool fits = at < MOST;
		assert_int_equal(change_set_add(&set, &change, MOST), fits);
		if (at == count && fits)
			list[count++] = change;
		else if (fits && list[at].change != change.change)
			list[at].change = list[at].change == CHANGE_DELETED || change.change == CHANGE_DELETED ? CHANGE_DELETED : CHANGE_CREATED;
		assert_int_equal(set.count, count);
	}
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(set.items[i].id, list[i].id);
		assert_int_equal(set.items[i].change, list[i].change);
	}
	change_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_change_set),
	};
	return cmocka_run_group_tests_name("rpc/change_set", tests, NULL, NULL);
}
