/* The token and revocation endpoints. */
#ifndef TESTS_SANDBOX_OAUTH_H
#define TESTS_SANDBOX_OAUTH_H

#include "tests/sandbox/call.h"

/* POST /token: exchanges a code or refreshes. */
void oauth_token(struct call *call);

/* POST /revoke: ends the account's whole grant. */
void oauth_revoke(struct call *call);

#endif
