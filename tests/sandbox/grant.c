/*
 * Codes and tokens. Texts come from the state's random stream, so a repeated run issues the same ones.
 * Ownership: the state owns every code and token ever made; nothing is freed before the end.
 */
#include "tests/sandbox/grant.h"

#include <stdlib.h>

#include "tests/sandbox/mem.h"
#include "tests/sandbox/scope.h"

#define GRANT_CODE_LIFE_MS (10 * 60 * 1000)
#define GRANT_REFRESH_MAX 100

struct code *grant_add_code(struct state *state, const struct grant_terms *terms, int64_t now_ms)
{
	struct code *code = mem_alloc(sizeof *code);
	struct account *account = terms->account;
	char *joined = scope_join(account->scopes, terms->scopes);

	account->scopes = state_intern(state, joined);
	account->live = true;
	free(joined);
	code->text = rng_text(&state->rng, "4/0A", 66);
	code->account = account;
	code->redirect_uri = mem_copy(terms->redirect_uri);
	code->challenge = mem_copy(terms->challenge);
	code->nonce = mem_copy(terms->nonce);
	code->scopes = terms->include_granted ? account->scopes : state_intern(state, terms->scopes);
	code->epoch = account->epoch;
	code->expires_ms = now_ms + GRANT_CODE_LIFE_MS;
	code->s256 = terms->s256;
	code->offline = terms->offline;
	code->force_refresh = terms->force_refresh;
	state->codes = mem_grow(state->codes, state->code_count, &state->code_capacity, sizeof code);
	state->codes[state->code_count++] = code;
	table_put(&state->codes_by_text, code->text, code);
	return code;
}

struct code *grant_find_code(const struct state *state, const char *text)
{
	return table_get(&state->codes_by_text, text);
}

static struct token *grant_add_token(struct state *state, struct code *origin, const char *scopes, char *text)
{
	struct token *token = mem_alloc(sizeof *token);

	token->text = text;
	token->account = origin->account;
	token->origin = origin;
	token->scopes = state_intern(state, scopes);
	token->mask = scope_mask(scopes);
	token->epoch = origin->account->epoch;
	token->serial = ++state->serial;
	state->tokens = mem_grow(state->tokens, state->token_count, &state->token_capacity, sizeof token);
	state->tokens[state->token_count++] = token;
	table_put(&state->tokens_by_text, token->text, token);
	return token;
}

struct token *grant_add_access(struct state *state, struct code *origin, const char *scopes, int64_t now_ms)
{
	struct token *token = grant_add_token(state, origin, scopes, rng_text(&state->rng, "ya29.a0A", 90));

	token->expires_ms = now_ms + state->token_life_s * 1000;
	return token;
}

static void grant_unlink(struct token *token)
{
	struct account *account = token->account;

	if (token->older != NULL)
		token->older->newer = token->newer;
	else
		account->oldest = token->newer;
	if (token->newer != NULL)
		token->newer->older = token->older;
	else
		account->newest = token->older;
	token->older = NULL;
	token->newer = NULL;
	account->refresh_count--;
}

/* A refresh token leaves the list of usable ones; it may have left already. */
static void grant_end_refresh(struct token *token)
{
	if (token->dead || token->epoch != token->account->epoch)
		return;
	token->dead = true;
	grant_unlink(token);
}

struct token *grant_add_refresh(struct state *state, struct code *origin, const char *scopes)
{
	struct token *token = grant_add_token(state, origin, scopes, rng_text(&state->rng, "1//0", 60));
	struct account *account = token->account;

	token->refresh = true;
	token->older = account->newest;
	if (account->newest != NULL)
		account->newest->newer = token;
	else
		account->oldest = token;
	account->newest = token;
	account->refresh_count++;
	account->offline_given = true;
	if (account->refresh_count > GRANT_REFRESH_MAX)
		grant_end_refresh(account->oldest);
	return token;
}

void grant_kill_code(struct code *code)
{
	struct token *token = code->account->oldest;

	code->tokens_dead = true;
	while (token != NULL) {
		struct token *next = token->newer;

		if (token->origin == code)
			grant_end_refresh(token);
		token = next;
	}
}

struct token *grant_find_token(const struct state *state, const char *text)
{
	return table_get(&state->tokens_by_text, text);
}

bool grant_is_usable(const struct token *token, int64_t now_ms)
{
	const struct account *account = token->account;

	if (token->dead || token->origin->tokens_dead || token->epoch != account->epoch || !account->live)
		return false;
	return token->refresh || (token->expires_ms > now_ms && token->serial > account->access_cutoff);
}

void grant_retire_refresh(struct token *token)
{
	token->replaced = true;
	grant_end_refresh(token);
}

void grant_revoke(struct account *account, const char *no_scopes)
{
	account->epoch++;
	account->live = false;
	account->offline_given = false;
	account->scopes = no_scopes;
	account->oldest = NULL;
	account->newest = NULL;
	account->refresh_count = 0;
}
