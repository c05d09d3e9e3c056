/* UUIDs of version 7. */
#include "ipc/base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static int64_t fixed_ms(void *arg)
{
	return *(int64_t *)arg;
}

static void fill_ones(void *arg, void *out, size_t len)
{
	(void)arg;
	memset(out, 0xff, len);
}

static void test_layout(void **state)
{
	(void)state;
	int64_t now = 0x017f22e279b0;
	const struct clock clock = { fixed_ms, fixed_ms, &now };
	const struct rng rng = { fill_ones, NULL };
	char id[ID_TEXT_SIZE];
	id_make(id, &clock, &rng);
	/* The time of the example in RFC 9562, appendix A.6. */
	assert_string_equal(id, "017f22e2-79b0-7fff-bfff-ffffffffffff");
	assert_true(id_is_valid(id));
}

static void test_order_is_time(void **state)
{
	(void)state;
	int64_t now = 1700000000000;
	const struct clock clock = { fixed_ms, fixed_ms, &now };
	char last[ID_TEXT_SIZE] = "", id[ID_TEXT_SIZE];
	for (int i = 0; i < 1000; i++, now += 17) {
		id_make(id, &clock, &rng_system);
		assert_true(strcmp(last, id) < 0);
		memcpy(last, id, sizeof last);
	}
}

static void test_validity(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "x", "017f22e2-79b0-7fff-bfff-fffffffffff", "017f22e2-79b0-7fff-bfff-ffffffffffff0",
		"017F22E2-79b0-7fff-bfff-ffffffffffff", "017f22e279b0-7fff-bfff-ffffffffffff-", "{17f22e2-79b0-7fff-bfff-ffffffffffff",
		"017f22e2-79b0-7fff-bfff-fffffffffffg", "' OR 1=1--", "../../x",
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (id_is_valid(bad[i]))
			fail_msg("'%s' was taken for an id", bad[i]);
	assert_true(id_is_valid("00000000-0000-0000-0000-000000000000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_order_is_time),
		cmocka_unit_test(test_validity),
	};
	return cmocka_run_group_tests_name("base/id", tests, NULL, NULL);
}
