/* Names of the ways refresh tokens rotate. */
#ifndef TESTS_SANDBOX_ROTATE_H
#define TESTS_SANDBOX_ROTATE_H

#include "tests/sandbox/state.h"

/* False for an unknown name. */
bool rotate_parse(const char *name, enum state_rotate *rotate);

#endif
