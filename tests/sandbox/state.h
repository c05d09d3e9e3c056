/* Everything the fake Google knows, and its accounts. */
#ifndef TESTS_SANDBOX_STATE_H
#define TESTS_SANDBOX_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "tests/sandbox/model.h"
#include "tests/sandbox/rng.h"
#include "tests/sandbox/table.h"

struct state_settings {
	const char *client_id;
	const char *client_secret;
	uint64_t seed;
	uint32_t accounts;
	int64_t token_life_s;
	enum state_rotate rotate;
};

struct state {
	struct state_settings settings;
	int64_t token_life_s;
	enum state_rotate rotate;
	int64_t advance_ms;
	size_t page_cap; /* 0: none */
	int64_t started_ms;
	struct rng rng;
	uint64_t serial; /* of tokens */
	uint64_t etags;
	struct account **accounts;
	size_t account_count, account_capacity;
	struct table accounts_by_name; /* e-mail and sub */
	struct token **tokens;
	size_t token_count, token_capacity;
	struct table tokens_by_text;
	struct code **codes;
	size_t code_count, code_capacity;
	struct table codes_by_text;
	struct consent **consents;
	size_t consent_count, consent_capacity;
	struct table consents_by_id;
	struct table interned;
	char **interned_texts;
	size_t interned_count, interned_capacity;
	char *id_token_mark; /* the signature part of every id_token */
};

/* An empty state: no accounts yet. `settings` texts must outlive it. */
struct state *state_new(const struct state_settings *settings);

void state_free(struct state *state);

/* One shared copy of a text, alive as long as the state. */
const char *state_intern(struct state *state, const char *text);

/* The account with this e-mail or sub, or NULL. */
struct account *state_find_account(const struct state *state, const char *name);

/* A new account without calendars; NULL if the e-mail is taken. */
struct account *state_add_account(struct state *state, const char *email, const char *given, const char *family);

/* Frees a consent request that was never stored. */
void state_free_consent(struct consent *consent);

/* The next value of the state's etag counter. */
uint64_t state_next_etag(struct state *state);

#endif
