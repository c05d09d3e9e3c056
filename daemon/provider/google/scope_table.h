/* What Google's scopes mean to almanac (PROVIDERS.md 2.1). All results are static text. */
#ifndef DAEMON_PROVIDER_GOOGLE_SCOPE_TABLE_H
#define DAEMON_PROVIDER_GOOGLE_SCOPE_TABLE_H

#include <stdbool.h>

/* `email` and `profile` come back as URLs (PROVIDERS.md 1.9): the URL for these two, any other scope as it is. */
const char *google_scope_spelling(const char *scope);
/* Every scope of `wanted` is within what `granted` allows. Both are blank-separated lists. */
bool google_scope_covers(const char *granted, const char *wanted);
/* What people lose without the scope, NULL: nothing much. */
const char *google_scope_feature(const char *scope);
/* The narrowest scope of the required ones that lets calendars be listed, NULL: none does. */
const char *google_scope_essential(const char *required);

#endif
