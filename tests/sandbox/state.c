/*
 * Making and freeing the state, and its accounts.
 * Ownership: struct state owns everything that hangs off it until state_free().
 */
#include "tests/sandbox/state.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/mem.h"

struct state *state_new(const struct state_settings *settings)
{
	struct state *state = mem_alloc(sizeof *state);

	state->settings = *settings;
	state->token_life_s = settings->token_life_s;
	state->rotate = settings->rotate;
	state->started_ms = clock_wall_ms();
	state->etags = UINT64_C(3380000000000000);
	rng_init(&state->rng, settings->seed, "tokens", 0);
	state->id_token_mark = rng_text(&state->rng, "", 43);
	return state;
}

static void state_free_calendar(struct calendar *calendar)
{
	for (size_t i = 0; i < calendar->event_count; i++) {
		free(calendar->events[i]->id);
		json_decref(calendar->events[i]->body);
		free(calendar->events[i]);
	}
	free(calendar->events);
	table_free(&calendar->events_by_id);
	json_decref(calendar->shown);
	free(calendar->id);
	free(calendar->summary);
	free(calendar->summary_override);
	free(calendar->description);
	free(calendar->zone);
	free(calendar);
}

static void state_free_account(struct account *account)
{
	for (size_t i = 0; i < account->calendar_count; i++)
		state_free_calendar(account->calendars[i]);
	free(account->calendars);
	table_free(&account->calendars_by_id);
	free(account->email);
	free(account->sub);
	free(account->given);
	free(account->family);
	free(account);
}

void state_free_consent(struct consent *consent)
{
	free(consent->id);
	free(consent->redirect_uri);
	free(consent->state);
	free(consent->challenge);
	free(consent->nonce);
	free(consent->login_hint);
	free(consent->prompt);
	free(consent->scopes);
	free(consent);
}

static void state_free_secrets(struct state *state)
{
	for (size_t i = 0; i < state->token_count; i++) {
		free(state->tokens[i]->text);
		free(state->tokens[i]);
	}
	free(state->tokens);
	table_free(&state->tokens_by_text);
	for (size_t i = 0; i < state->code_count; i++) {
		free(state->codes[i]->text);
		free(state->codes[i]->redirect_uri);
		free(state->codes[i]->challenge);
		free(state->codes[i]->nonce);
		free(state->codes[i]);
	}
	free(state->codes);
	table_free(&state->codes_by_text);
	for (size_t i = 0; i < state->consent_count; i++)
		state_free_consent(state->consents[i]);
	free(state->consents);
	table_free(&state->consents_by_id);
	free(state->id_token_mark);
}

void state_free(struct state *state)
{
	for (size_t i = 0; i < state->account_count; i++)
		state_free_account(state->accounts[i]);
	free(state->accounts);
	table_free(&state->accounts_by_name);
	state_free_secrets(state);
	for (size_t i = 0; i < state->interned_count; i++)
		free(state->interned_texts[i]);
	free(state->interned_texts);
	table_free(&state->interned);
	free(state);
}

const char *state_intern(struct state *state, const char *text)
{
	char *copy = table_get(&state->interned, text);

	if (copy != NULL)
		return copy;
	copy = mem_copy(text);
	state->interned_texts =
		mem_grow(state->interned_texts, state->interned_count, &state->interned_capacity, sizeof copy);
	state->interned_texts[state->interned_count++] = copy;
	table_put(&state->interned, copy, copy);
	return copy;
}

struct account *state_find_account(const struct state *state, const char *name)
{
	return name == NULL ? NULL : table_get(&state->accounts_by_name, name);
}

struct account *state_add_account(struct state *state, const char *email, const char *given, const char *family)
{
	struct account *account;
	struct rng rng;

	if (state_find_account(state, email) != NULL)
		return NULL;
	account = mem_alloc(sizeof *account);
	account->index = (uint32_t)state->account_count;
	rng_init(&rng, state->settings.seed, "sub", account->index);
	account->email = mem_copy(email);
	account->sub = mem_print("1%09u%03u%08u", rng_below(&rng, 1000000000), rng_below(&rng, 1000),
	                         account->index % 100000000);
	account->given = mem_copy(given);
	account->family = mem_copy(family);
	account->scopes = state_intern(state, "");
	account->list_version = 1;
	state->accounts = mem_grow(state->accounts, state->account_count, &state->account_capacity, sizeof account);
	state->accounts[state->account_count++] = account;
	table_put(&state->accounts_by_name, account->email, account);
	table_put(&state->accounts_by_name, account->sub, account);
	return account;
}

uint64_t state_next_etag(struct state *state)
{
	state->etags += 2000;
	return state->etags;
}
