/* Secrets: their bytes, their ends, and the memory they lie in. */
#include "daemon/vault/secret.h"

#include "daemon/vault/locked.h"
#include "daemon/vault/wiping.h"

#include <jansson.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cmocka.h>

static int nothing_is_left(void **state)
{
	(void)state;
	return locked_live_count() == 0 ? 0 : -1;
}

static void test_secret_keeps_bytes_and_a_nul(void **state)
{
	(void)state;
	struct secret *secret = secret_new("ab\0cd", 5);
	assert_int_equal(secret_len(secret), 5);
	assert_memory_equal(secret_reveal(secret), "ab\0cd\0", 6);
	assert_ptr_equal(secret_ref(secret), secret);
	secret_unref(secret);
	assert_memory_equal(secret_reveal(secret), "ab\0cd", 5);
	secret_unref(secret);
	secret_unref(NULL);
	assert_null(secret_ref(NULL));
}

static void test_equal_compares_length_and_bytes(void **state)
{
	(void)state;
	struct secret *a = secret_new("token", 5), *b = secret_new("token", 5), *c = secret_new("tokem", 5),
		      *d = secret_new("token", 4), *e = secret_new("", 0), *f = secret_new("", 0);
	assert_true(secret_equal(a, b));
	assert_false(secret_equal(a, c));
	assert_false(secret_equal(a, d));
	assert_true(secret_equal(e, f));
	secret_unref(a);
	secret_unref(b);
	secret_unref(c);
	secret_unref(d);
	secret_unref(e);
	secret_unref(f);
}

static void test_buf_grows_over_all_sizes(void **state)
{
	(void)state;
	struct secret_buf buf = { 0 };
	for (size_t i = 0; i < 200000; i++) {
		char c = (char)('a' + i % 26);
		secret_buf_add(&buf, &c, 1);
	}
	assert_int_equal(buf.len, 200000);
	for (size_t i = 0; i < buf.len; i++)
		assert_int_equal(buf.data[i], 'a' + (int)(i % 26));
	assert_int_equal(buf.data[buf.len], '\0');
	assert_int_equal(locked_live_count(), 1);
	secret_buf_free(&buf);
	assert_null(buf.data);
	secret_buf_free(&buf);
}

static void test_form_escapes_all_that_is_not_plain(void **state)
{
	(void)state;
	struct secret_buf buf = { 0 };
	struct secret *code = secret_new("4/0A&b=c%\x01\xff", 11);
	secret_buf_add_form(&buf, "grant_type", "authorization code");
	secret_buf_add_form_secret(&buf, "code", code);
	secret_buf_add_form(&buf, "a&b", "*-._~\xc3\xa9");
	secret_buf_add_form(&buf, "empty", "");
	assert_string_equal(buf.data, "grant_type=authorization+code&code=4%2F0A%26b%3Dc%25%01%FF&a%26b=*-._%7E%C3%A9&empty=");
	secret_buf_free(&buf);
	secret_unref(code);
}

static void test_freed_blocks_are_wiped(void **state)
{
	(void)state;
#if LOCKED_ASAN
	skip(); /* looks into freed blocks, which the sanitizer forbids */
#else
	static const size_t sizes[] = { 64, 100, 1000, 4096, 16384 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *block = locked_alloc(sizes[i]);
		memset(block, 'S', sizes[i]);
		locked_free(block, sizes[i]);
		/* The link to the next free block is all that may stand in it. */
		for (size_t at = sizeof(void *); at < sizes[i]; at++)
			assert_int_equal(block[at], 0);
		assert_ptr_equal(locked_alloc(sizes[i]), block);
		locked_free(block, sizes[i]);
	}
#endif
}

static void test_blocks_do_not_overlap(void **state)
{
	(void)state;
	enum { COUNT = 3000 };
	static unsigned char *blocks[COUNT];
	static size_t sizes[COUNT];
	for (size_t i = 0; i < COUNT; i++) {
		sizes[i] = 1 + i * 37 % 5000;
		blocks[i] = locked_alloc(sizes[i]);
		assert_true(locked_capacity(sizes[i]) >= sizes[i]);
		memset(blocks[i], (int)(i & 0xff), sizes[i]);
	}
	for (size_t i = 0; i < COUNT; i++) {
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(blocks[i][at], i & 0xff);
		locked_free(blocks[i], sizes[i]);
	}
}

/* Locked kilobytes of this process. */
static long locked_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *status = fopen("/proc/self/status", "r");
	assert_non_null(status);
	while (fgets(line, sizeof line, status))
		if (sscanf(line, "VmLck: %ld", &kib) == 1)
			break;
	fclose(status);
	return kib;
}

static void test_secrets_lie_in_locked_memory(void **state)
{
	(void)state;
	struct secret *secret = secret_new("x", 1);
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
	/* Sanitizers make mlock do nothing. */
	if (LOCKED_ASAN || limit.rlim_cur < 1 << 20) {
		secret_unref(secret);
		skip();
	}
	assert_true(locked_kib() >= 64);
	secret_unref(secret);
}

static void test_setup_forbids_core_dumps(void **state)
{
	(void)state;
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
	assert_int_equal(limit.rlim_max, 0);
#if !defined(ALMANAC_TEST_DUMPABLE) && !LOCKED_ASAN
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
#endif
}

static void test_wiping_realloc_moves_and_keeps(void **state)
{
	(void)state;
	char *block = wiping_realloc(NULL, 10);
	memcpy(block, "0123456789", 10);
	block = wiping_realloc(block, 100);
	assert_memory_equal(block, "0123456789", 10);
	block = wiping_realloc(block, 5);
	assert_memory_equal(block, "01234", 5);
	assert_null(wiping_realloc(block, 0));
	wiping_free(NULL);
}

static void test_jansson_frees_through_us(void **state)
{
	(void)state;
	json_malloc_t take;
	json_free_t give;
	json_get_alloc_funcs(&take, &give);
	assert_ptr_equal(give, wiping_free);
	json_t *token = json_loads("{\"access_token\":\"abc\"}", 0, NULL);
	assert_non_null(token);
	json_decref(token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_secret_keeps_bytes_and_a_nul, nothing_is_left),
		cmocka_unit_test_teardown(test_equal_compares_length_and_bytes, nothing_is_left),
		cmocka_unit_test_teardown(test_buf_grows_over_all_sizes, nothing_is_left),
		cmocka_unit_test_teardown(test_form_escapes_all_that_is_not_plain, nothing_is_left),
		cmocka_unit_test_teardown(test_freed_blocks_are_wiped, nothing_is_left),
		cmocka_unit_test_teardown(test_blocks_do_not_overlap, nothing_is_left),
		cmocka_unit_test_teardown(test_secrets_lie_in_locked_memory, nothing_is_left),
		cmocka_unit_test(test_setup_forbids_core_dumps),
		cmocka_unit_test(test_wiping_realloc_moves_and_keeps),
		cmocka_unit_test(test_jansson_frees_through_us),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
