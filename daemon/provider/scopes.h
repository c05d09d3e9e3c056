/* OAuth scope lists: blank-separated words (RFC 6749 section 3.3) as sets. Pure; what a scope means is the provider's. */
#ifndef DAEMON_PROVIDER_SCOPES_H
#define DAEMON_PROVIDER_SCOPES_H

#include "daemon/provider/provider.h"

#include <stdbool.h>
#include <stddef.h>

/* The next word of a list: *at moves behind it. False at the end. */
bool scopes_next(const char **at, const char **word, size_t *len);
/* The list sorted, each scope once, one blank in between; "" when there is none. `spelling` gives the provider's own spelling
 * of a scope, or the scope itself. The caller frees it. */
typedef const char *scope_spelling_fn(const char *scope);
char *scopes_normalise(const char *text, scope_spelling_fn *spelling);
/* The scopes of `required` that `granted` does not cover, in their order and spelling, each once; "" when there is none. The
 * caller frees it. NULL lists are empty. */
char *scopes_missing(const struct provider *provider, const char *granted, const char *required);

#endif
