/* Disconnecting: the local part always succeeds and is committed first; the revocation goes through an outbox. */
#ifndef DAEMON_OAUTH_DISCONNECT_H
#define DAEMON_OAUTH_DISCONNECT_H

#include "daemon/core.h"

struct disconnect_outcome {
	struct err err;         /* ERR_NONE: the local part is committed; else nothing happened at all */
	bool attempted, ok;     /* the revocation at the provider */
	char reason[96];        /* why it was not attempted or failed; "" when ok */
};
typedef void disconnect_done_fn(void *arg, const struct disconnect_outcome *outcome);

/* Runs the local part now (0, or -1 with err and fn is never called); fn follows when the remote part is over, or the commit has failed.
 * revoke false: the grant is shredded without telling the provider. */
int disconnect_run(struct core *core, const char *connection_id, bool revoke, disconnect_done_fn *fn, void *arg,
                   struct err *err);

#endif
