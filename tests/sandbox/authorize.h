/* The authorization endpoint and the decisions made on its page. */
#ifndef TESTS_SANDBOX_AUTHORIZE_H
#define TESTS_SANDBOX_AUTHORIZE_H

#include "tests/sandbox/call.h"

/* GET /o/oauth2/v2/auth: the consent page, an error page, or (with sandbox_decision) the redirect at once. */
void authorize_start(struct call *call);

/* POST /o/oauth2/v2/consent: the page's form. */
void authorize_decide(struct call *call);

#endif
