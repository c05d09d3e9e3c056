/*
 * Orders that give, end and age grants and tokens.
 * Ownership: everything made belongs to the state.
 */
#include "tests/sandbox/control_grant.h"

#include <stdlib.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/control_args.h"
#include "tests/sandbox/grant.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/rotate.h"
#include "tests/sandbox/scope.h"

#define CONTROL_USUAL_SCOPES "openid email https://www.googleapis.com/auth/calendar"

/* A consent and an exchange in one step, for tests that start with a grant. */
char *control_grant_give(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct state *state = sandbox->state;
	int64_t now = clock_wall_ms() + state->advance_ms;
	struct grant_terms terms = { .redirect_uri = "", .offline = true };
	const char *scopes;
	struct code *code;
	char *normal;
	char *wrong = control_read_account(state, order, true, &terms.account);

	if (wrong == NULL)
		wrong = control_read_text(order, "scopes", false, &scopes);
	if (wrong != NULL)
		return wrong;
	normal = scope_normalize(scopes == NULL ? CONTROL_USUAL_SCOPES : scopes);
	if (normal == NULL)
		return mem_copy("scopes holds an unknown scope");
	terms.scopes = normal;
	code = grant_add_code(state, &terms, now);
	code->used = true;
	json_object_set_new(result, "access_token", json_string(grant_add_access(state, code, normal, now)->text));
	json_object_set_new(result, "refresh_token", json_string(grant_add_refresh(state, code, normal)->text));
	json_object_set_new(result, "scope", json_string(normal));
	free(normal);
	return NULL;
}

char *control_grant_revoke(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct account *account;
	char *wrong = control_read_account(sandbox->state, order, true, &account);

	(void)result;
	if (wrong == NULL)
		grant_revoke(account, state_intern(sandbox->state, ""));
	return wrong;
}

char *control_grant_expire(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct state *state = sandbox->state;
	struct account *account;
	char *wrong = control_read_account(state, order, false, &account);

	(void)result;
	for (size_t i = 0; wrong == NULL && i < state->account_count; i++) {
		if (account == NULL || account == state->accounts[i])
			state->accounts[i]->access_cutoff = state->serial;
	}
	return wrong;
}

char *control_grant_life(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	(void)result;
	return control_read_number(order, "seconds", true, 0, 1000000000, &sandbox->state->token_life_s);
}

char *control_grant_rotate(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	const char *mode;
	char *wrong = control_read_text(order, "mode", true, &mode);

	(void)result;
	if (wrong == NULL && !rotate_parse(mode, &sandbox->state->rotate))
		wrong = mem_copy("mode must be none, lenient, strict or family");
	return wrong;
}

char *control_grant_advance(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	int64_t seconds = 0;
	char *wrong = control_read_number(order, "seconds", true, -1000000000, 1000000000, &seconds);

	if (wrong != NULL)
		return wrong;
	sandbox->state->advance_ms += seconds * 1000;
	json_object_set_new(result, "advanced", json_integer((json_int_t)(sandbox->state->advance_ms / 1000)));
	return NULL;
}
