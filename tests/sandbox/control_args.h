/* Reading the fields of control orders. Every function that can fail returns a message for the caller to free, or NULL. */
#ifndef TESTS_SANDBOX_CONTROL_ARGS_H
#define TESTS_SANDBOX_CONTROL_ARGS_H

#include "tests/sandbox/state.h"

/* A string; without `must` it may be missing and becomes NULL. */
char *control_read_text(const json_t *order, const char *name, bool must, const char **text);

/* An integer between least and most; without `must` it may be missing and *value stays. */
char *control_read_number(const json_t *order, const char *name, bool must, int64_t least, int64_t most,
                          int64_t *value);

/* true or false; may be missing, then *value stays. */
char *control_read_flag(const json_t *order, const char *name, bool *value);

/* The account named by "account"; without `must` it may be missing and becomes NULL. */
char *control_read_account(const struct state *state, const json_t *order, bool must, struct account **account);

#endif
