/* What clang-tidy cannot see from one file: filling an error always returns -1. Put before each file by `make tidy`. */
#ifndef TESTS_LINT_ANALYZER_H
#define TESTS_LINT_ANALYZER_H

#include "ipc/base/err.h"

#define err_set(...) ((void)err_set(__VA_ARGS__), -1)
#define err_field(...) ((void)err_field(__VA_ARGS__), -1)

#endif
