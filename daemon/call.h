/* The driver: the only loop of "token, send, classify, retry, step again" (DESIGN.md idea 1).
 *
 * A call owns its operation and carries it through to done or failed. Requests leave only after the tick that asked for them is
 * committed. The callback runs exactly once, from the loop, inside a tick: what it writes is committed with the tick's end. */
#ifndef DAEMON_CALL_H
#define DAEMON_CALL_H

#include "daemon/core.h"

struct call;

/* failure NULL: the operation's result may be read. The operation is freed when the callback returns. */
typedef void call_done_fn(void *arg, struct operation *operation, const struct failure *failure);

/* Where access tokens come from. fn is called exactly once, perhaps at once; with a token (borrowed: take a reference) or with a
 * failure. stale_generation: the generation of a token that the provider has just refused, -1 for none. */
typedef void token_fn(void *arg, struct secret *token, int64_t generation, const struct failure *failure);
struct token_source {
	void (*get)(void *self, const char *grant_id, int64_t stale_generation, token_fn *fn, void *arg);
	void *self;
	const char *grant_id;
};

struct call_options {
	const struct token_source *tokens; /* copied with its grant id; NULL when the operation needs none */
	int retries;                       /* how often a repeatable operation is sent again; callers that wait: 1 */
};

/* A caller that goes away does not cancel: the work goes on (CONTRACT.md section 7). */
void call_start(struct core *core, struct operation *operation, const struct call_options *options, call_done_fn *fn,
                void *arg);

#endif
