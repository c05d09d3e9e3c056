/* Errors, randomness and memory. */
#include "ipc/base/err.h"
#include "ipc/base/mem.h"
#include "ipc/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_err(void **state)
{
	(void)state;
	struct err err;
	memset(&err, 0xa5, sizeof err);
	assert_int_equal(err_set(&err, ERR_BUSY, "%s %d", "n", 3), -1);
	assert_int_equal(err.code, ERR_BUSY);
	assert_string_equal(err.message, "n 3");
	assert_string_equal(err.field, "");
	assert_null(err.action_method);
	assert_true(err.retry_after_ms == 0 && err.provider_status == 0);
	assert_int_equal(err_field(&err, "limit", "no"), -1);
	assert_int_equal(err.code, ERR_INVALID_PARAMS);
	assert_string_equal(err.field, "limit");
	assert_int_equal(err_set(NULL, ERR_BUSY, "nobody listens"), -1);
}

static void test_rng_below(void **state)
{
	(void)state;
	int seen[4] = { 0 };
	assert_true(rng_below(&rng_system, 0) == 0);
	assert_true(rng_below(&rng_system, -5) == 0);
	for (int i = 0; i < 1000; i++) {
		int64_t value = rng_below(&rng_system, 4);
		assert_true(value >= 0 && value < 4);
		seen[value]++;
	}
	for (int i = 0; i < 4; i++)
		assert_true(seen[i] > 150);
}

static void test_mem(void **state)
{
	(void)state;
	char *copy = mem_strdup("text");
	assert_string_equal(copy, "text");
	free(copy);
	assert_null(mem_strdup(NULL));
	int *numbers = mem_alloc_array(10, sizeof *numbers);
	assert_int_equal(numbers[9], 0);
	numbers = mem_grow_array(numbers, 100, sizeof *numbers);
	numbers[99] = 1;
	free(numbers);
}

/* An allocation whose size overflows ends the process, with a word, and not by a signal. */
static void test_overflow_is_fatal(void **state)
{
	(void)state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(STDERR_FILENO);
		(void)mem_grow_array(NULL, SIZE_MAX / 2, 4);
		_exit(0);
	}
	int status;
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err),
		cmocka_unit_test(test_rng_below),
		cmocka_unit_test(test_mem),
		cmocka_unit_test(test_overflow_is_fatal),
	};
	return cmocka_run_group_tests_name("base/misc", tests, NULL, NULL);
}
