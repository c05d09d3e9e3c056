/* The outbox of revocations: sealed tokens that must still be revoked at their provider, retried for 7 days, then wiped. */
#ifndef DAEMON_OAUTH_OUTBOX_H
#define DAEMON_OAUTH_OUTBOX_H

#include "daemon/core.h"
#include "daemon/http/classify.h"

/* Seal a token into a new row, in the caller's unit. Its first timed try is a minute away: the caller tries at once. */
int outbox_put(struct core *core, const char *provider, const char *grant_id, const struct secret *token,
               char revocation_id[ID_TEXT_SIZE], struct err *err);
/* Try one row now. fn (NULL: nobody listens) exactly once, inside a tick; failure NULL: it is revoked and the row is gone. */
typedef void outbox_fn(void *arg, const struct failure *failure);
void outbox_try(struct core *core, const char *revocation_id, outbox_fn *fn, void *arg);

/* Works the outbox off on a timer; started once by app. */
struct revoker;
struct revoker *revoker_new(struct core *core);
void revoker_free(struct revoker *revoker);

#endif
