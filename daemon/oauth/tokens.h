/* Access tokens, fresh when asked for: single-flight refresh per grant, compare-and-swap on the generation (STORIES.md b.4).
 *
 * A refreshed token is given out only after its commit. Should that commit fail, the tokens stay in locked memory and are
 * written first as soon as the store works again; a rotated refresh token is never forgotten while the process lives. */
#ifndef DAEMON_OAUTH_TOKENS_H
#define DAEMON_OAUTH_TOKENS_H

#include "daemon/call.h"

struct tokens;

/* stale_generation for tokens_get: refresh whatever is stored. */
#define TOKENS_REFRESH_NOW INT64_MAX

struct tokens *tokens_new(struct core *core);
void tokens_free(struct tokens *tokens);
/* See token_source.get. Joins a refresh under way. */
void tokens_get(struct tokens *tokens, const char *grant_id, int64_t stale_generation, token_fn *fn, void *arg);
/* The source of a grant's tokens for the driver; grant_id is borrowed. */
struct token_source tokens_source(struct tokens *tokens, const char *grant_id);

#endif
