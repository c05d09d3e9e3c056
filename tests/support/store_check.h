/* cmocka with what it needs before it, and checks of the house's errors. */
#ifndef TESTS_SUPPORT_STORE_CHECK_H
#define TESTS_SUPPORT_STORE_CHECK_H

#include "ipc/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inline void check_ok_at(int result, const struct err *err, const char *file, int line)
{
	if (result < 0)
		print_error("%s:%d: %s\n", file, line, err->message);
	_assert_int_equal((uintmax_t)(intmax_t)result, 0, file, line);
}

static inline void check_fails_at(int result, const struct err *err, enum err_code code, const char *file, int line)
{
	_assert_int_equal((uintmax_t)(intmax_t)result, (uintmax_t)(intmax_t)-1, file, line);
	if (err->code != code)
		print_error("%s:%d: %s\n", file, line, err->message);
	_assert_int_equal((uintmax_t)err->code, (uintmax_t)code, file, line);
}

#define check_ok(result_, err_) check_ok_at((result_), (err_), __FILE__, __LINE__)
#define check_fails(result_, err_, code_) check_fails_at((result_), (err_), (code_), __FILE__, __LINE__)

#endif
