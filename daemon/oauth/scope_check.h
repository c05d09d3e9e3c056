/* Granted against required scopes: what a connection is without (STORIES.md b.10, half-ticked consent). */
#ifndef DAEMON_OAUTH_SCOPE_CHECK_H
#define DAEMON_OAUTH_SCOPE_CHECK_H

#include "daemon/core.h"

/* Compare what the connection's grant holds with what the connection requires, open or resolve its scope_missing, and recompute
 * its state. */
int scope_check(struct core *core, const char *connection_id, struct err *err);

#endif
