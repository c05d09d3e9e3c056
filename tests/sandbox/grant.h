/* Grants: codes, access tokens, refresh tokens, their life and death. */
#ifndef TESTS_SANDBOX_GRANT_H
#define TESTS_SANDBOX_GRANT_H

#include "tests/sandbox/state.h"

/* What a consent fixes for the code; texts are copied. */
struct grant_terms {
	struct account *account;
	const char *redirect_uri;
	const char *challenge; /* or NULL */
	const char *nonce;     /* or NULL */
	const char *scopes;    /* normalized */
	bool s256;
	bool offline;
	bool force_refresh;
	bool include_granted; /* earlier scopes join */
};

/* The user has consented: the account's grant lives, and a code is made (life: 10 minutes from now_ms). */
struct code *grant_add_code(struct state *state, const struct grant_terms *terms, int64_t now_ms);

struct code *grant_find_code(const struct state *state, const char *text);

/* A code came back a second time: everything made from it dies. */
void grant_kill_code(struct code *code);

/* A new access token. */
struct token *grant_add_access(struct state *state, struct code *origin, const char *scopes, int64_t now_ms);

/* A new refresh token; the account's oldest dies if it has more than 100. */
struct token *grant_add_refresh(struct state *state, struct code *origin, const char *scopes);

/* Any token ever issued, or NULL. */
struct token *grant_find_token(const struct state *state, const char *text);

/* Whether a token still works. */
bool grant_is_usable(const struct token *token, int64_t now_ms);

/* A refresh token stops working, but is remembered as succeeded. */
void grant_retire_refresh(struct token *token);

/* Everything the account ever granted is gone. */
void grant_revoke(struct account *account, const char *no_scopes);

#endif
