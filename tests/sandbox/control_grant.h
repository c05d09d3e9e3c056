/* Control orders about grants and tokens. Each returns NULL, or what is wrong for the caller to free. */
#ifndef TESTS_SANDBOX_CONTROL_GRANT_H
#define TESTS_SANDBOX_CONTROL_GRANT_H

#include "tests/sandbox/sandbox.h"

char *control_grant_give(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_grant_revoke(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_grant_expire(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_grant_life(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_grant_rotate(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_grant_advance(struct sandbox *sandbox, const json_t *order, json_t *result);

#endif
