/* From a transport outcome to what to do about it: pure, knows HTTP but no provider (DESIGN.md section 4). Providers refine
 * 4xx by reading the body. */
#ifndef DAEMON_HTTP_CLASSIFY_H
#define DAEMON_HTTP_CLASSIFY_H

#include "daemon/http/message.h"
#include "ipc/reasons.h"

enum verdict { VERDICT_OK, VERDICT_RETRY, VERDICT_AUTH /* 401: the token, not the request */, VERDICT_PERMANENT };

/* A failure as everybody above the transport sees it. Texts are ours or from an allow-list, never a provider's free text. */
struct failure {
	enum reason reason;           /* REASON_NONE: no failure */
	enum verdict verdict;
	int status;                   /* HTTP, 0: none */
	char provider_reason[64];     /* "rateLimitExceeded", "invalid_grant"; [A-Za-z0-9_.-] only */
	char message[160];
	int64_t retry_after_ms;       /* 0: not said */
	enum err_code error;          /* ERR_NONE: what the reason's row says; else this, with `message` */
	bool noted;                   /* already in the record of the connections it concerns, or not theirs at all */
};

/* VERDICT_OK for any 2xx. 408, 429, 5xx, and every transport error are RETRY with REASON_PROVIDER_DOWN (429: RATE_USER);
 * 401 is AUTH; other 4xx and 3xx are PERMANENT with REASON_PROVIDER_REJECTED. */
void classify_response(const struct http_response *response, struct failure *out);
/* Keep only harmless characters of a provider's error word. */
void classify_set_reason(struct failure *out, const char *provider_reason, size_t len);
/* Full-jitter back-off: random in [0, min(cap, base · 2^attempt)], never under Retry-After. base 1 s, cap 15 min. */
int64_t classify_backoff_ms(int attempt, int64_t retry_after_ms, int64_t random_value);
/* Tell a caller: the err for a failure, with action and retry_after. */
struct err;
void failure_to_err(const struct failure *failure, const char *connection_id, struct err *err);

#endif
