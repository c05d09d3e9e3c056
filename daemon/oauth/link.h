/* A consent becomes a grant and a connection: the decisions of CONTRACT.md section 6 (grants, siblings, narrower consent, account
 * mismatch, reconnection) in one transaction. */
#ifndef DAEMON_OAUTH_LINK_H
#define DAEMON_OAUTH_LINK_H

#include "daemon/core.h"

/* What a finished exchange knows. Everything is borrowed. */
struct link_consent {
	const char *workspace_id, *user_id, *provider, *actor;
	const char *reconnect_id;            /* the connection that was to be renewed, NULL: none named */
	const char *subject, *email;         /* of the account that consented */
	struct secret *access, *refresh;     /* refresh NULL: none was sent */
	const char *scopes;                  /* as granted */
	int64_t access_expires_at;
};
struct link_result {
	char connection_id[ID_TEXT_SIZE];
	bool created;
};

/* In the caller's unit. ERR_ACCOUNT_MISMATCH: another account than the connection's; ERR_REAUTH_REQUIRED: no refresh token and
 * none stored (grant_incomplete). Nothing is written then. */
int link_consent(struct core *core, const struct link_consent *in, struct link_result *out, struct err *err);

#endif
