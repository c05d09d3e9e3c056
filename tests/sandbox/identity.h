/* Who the user is: userinfo and ID tokens. */
#ifndef TESTS_SANDBOX_IDENTITY_H
#define TESTS_SANDBOX_IDENTITY_H

#include "tests/sandbox/call.h"

/* GET /oauth2/v2/userinfo: Google's own names. */
void identity_userinfo_v2(struct call *call);

/* GET /oauth2/v3/userinfo and /v1/userinfo: OpenID Connect names. */
void identity_userinfo_oidc(struct call *call);

/* An ID token with the claims Google sends. Its signature is a fixed text: nobody can check it. The caller frees it. */
char *identity_make_token(const struct call *call, const struct token *access, const char *nonce);

#endif
