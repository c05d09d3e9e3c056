/* What the control endpoint tells about the sandbox. */
#ifndef TESTS_SANDBOX_REPORT_H
#define TESTS_SANDBOX_REPORT_H

#include "tests/sandbox/sandbox.h"

/* Counts of requests, connections and faults. */
json_t *report_stats(const struct sandbox *sandbox);

/* Accounts, and every secret ever issued, so that tests can look for leaks. */
json_t *report_state(const struct state *state);

#endif
