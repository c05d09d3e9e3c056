/* The control endpoint: changing the sandbox's world, and looking at it. */
#ifndef TESTS_SANDBOX_CONTROL_H
#define TESTS_SANDBOX_CONTROL_H

#include "tests/sandbox/call.h"
#include "tests/sandbox/sandbox.h"

/* Anything below /_sandbox/. */
void control_handle(struct sandbox *sandbox, struct call *call);

/*
 * Carries out one order, an object with "op" (without: a fault rule). What it answers goes into `result`. NULL, or what
 * is wrong, naming the field; the caller frees it.
 */
char *control_apply(struct sandbox *sandbox, const json_t *order, json_t *result);

#endif
