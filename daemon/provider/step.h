/* What a step function returns, built in one word each. */
#ifndef DAEMON_PROVIDER_STEP_H
#define DAEMON_PROVIDER_STEP_H

#include "daemon/provider/provider.h"
#include "ipc/base/strutil.h"

static inline struct step step_send(struct http_request *request)
{
	return (struct step){ .kind = STEP_SEND, .request = request };
}

static inline struct step step_done(void)
{
	return (struct step){ .kind = STEP_DONE };
}

static inline struct step step_fail(const struct failure *failure)
{
	return (struct step){ .kind = STEP_FAIL, .failure = *failure };
}

/* A success that cannot be used: counts as the provider being down (CONTRACT.md section 6: "unreadable reply"). RETRY for a
 * reply that may have been garbled on the way, PERMANENT for one that would come again. `why` is our own text. */
static inline struct step step_unusable(const struct http_response *response, enum verdict verdict, const char *why)
{
	struct step step = { .kind = STEP_FAIL,
		             .failure = { .reason = REASON_PROVIDER_DOWN, .verdict = verdict, .status = response->status } };
	(void)str_copy(step.failure.message, sizeof step.failure.message, why);
	return step;
}

#endif
