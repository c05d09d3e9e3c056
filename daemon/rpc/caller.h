/* Who is at the other end of a session, and what the policy lets them do.
 *
 * The credentials are those at connect. The access worked out from them is kept until the policy is read again or a workspace
 * comes or goes: caller_refresh, before every request, is two comparisons as a rule. */
#ifndef DAEMON_RPC_CALLER_H
#define DAEMON_RPC_CALLER_H

#include "daemon/app.h"

struct caller {
	struct peer peer;
	struct access access;
	bool fresh;                 /* access was worked out for the two numbers below */
	uint64_t policy_generation;
	uint64_t workspace_epoch;
	char actor[64];             /* name of the user, looked up when first asked for; "" before */
	bool named;                 /* the uid has a name */
};

/* ERR_DENIED when the peer cannot be identified. Zero-initialised or initialised, it is freed with caller_free. */
int caller_init(struct caller *caller, int fd, struct err *err);
void caller_free(struct caller *caller);
/* -1: the store could not be asked; the caller may do nothing until it can. */
int caller_refresh(struct caller *caller, struct app *app, struct err *err);
/* The user's name, or "uid:1000". Never NULL. */
const char *caller_actor(struct caller *caller);

#endif
