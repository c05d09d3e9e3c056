/* Script files: control orders given at the start. */
#ifndef TESTS_SANDBOX_SCRIPT_H
#define TESTS_SANDBOX_SCRIPT_H

#include "tests/sandbox/sandbox.h"

/* Runs a JSON array or JSON lines of orders. NULL, or what is wrong with which order; the caller frees it. */
char *script_run(struct sandbox *sandbox, const char *path);

#endif
