/* The pages the user sees at the fake Google. */
#ifndef TESTS_SANDBOX_CONSENT_H
#define TESTS_SANDBOX_CONSENT_H

#include "tests/sandbox/state.h"

/* The consent page; the caller frees it. */
char *consent_render(const struct state *state, const struct consent *consent);

/* The page shown instead of a redirect when the request itself is wrong; the caller frees it. */
char *consent_render_error(const char *code, const char *text);

#endif
