/* Google's error replies as failures (PROVIDERS.md 1.7 and 2.12; reasons of CONTRACT.md section 6). */
#ifndef DAEMON_PROVIDER_GOOGLE_ERRORS_H
#define DAEMON_PROVIDER_GOOGLE_ERRORS_H

#include "daemon/http/classify.h"

#include <stdbool.h>

/* What was called: the same word means different things. Bits, so that a table row can name several. */
enum google_call {
	GOOGLE_CALL_EXCHANGE = 1,
	GOOGLE_CALL_REFRESH = 2,
	GOOGLE_CALL_REVOKE = 4,
	GOOGLE_CALL_ACCOUNT = 8,   /* an API call about the account: its list, free/busy, userinfo */
	GOOGLE_CALL_CALENDAR = 16, /* an API call about one calendar */
};

/* False: the reply is a success. True: *out says what failed; nothing of the provider's free text is in it. */
bool google_failure(const struct http_response *response, enum google_call call, struct failure *out);
/* A word as Google makes error reasons: letters and underscores, at most 40. Anything else might be an echo of what we sent
 * (SAFETY.md bad input 53) and is not repeated anywhere. */
bool google_is_reason(const char *word);

#endif
