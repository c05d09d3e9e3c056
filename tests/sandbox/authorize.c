/*
 * Authorization requests: checked, shown, decided. Wrong requests end in a page and never reach the callback.
 * Ownership: shown requests go into the state; others are freed here.
 */
#include "tests/sandbox/authorize.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/consent.h"
#include "tests/sandbox/grant.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/scope.h"

static void authorize_refuse(struct call *call, const char *code, const char *text)
{
	reply_html(&call->reply, 400, consent_render_error(code, text));
}

static bool authorize_starts(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* http to this machine, or https to anywhere; no user, no fragment. */
static bool authorize_is_redirect(const char *uri)
{
	static const char *const loopback[] = { "http://127.0.0.1", "http://localhost", "http://[::1]" };

	if (strpbrk(uri, "#\\* \t\r\n\"<>") != NULL || strlen(uri) > 2048)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (authorize_starts(uri, loopback[i]) && strchr(":/?", uri[strlen(loopback[i])]) != NULL)
			return strchr(uri, '@') == NULL;
	}
	return authorize_starts(uri, "https://") && strchr("/?:@", uri[8]) == NULL &&
	       memchr(uri + 8, '@', strcspn(uri + 8, "/?")) == NULL;
}

static bool authorize_has_word(const char *list, const char *word)
{
	return list != NULL && scope_has(list, word, strlen(word));
}

/* Fills the request; NULL, or the error code to show and its text. */
static const char *authorize_read(const struct call *call, struct consent *consent, const char **text)
{
	const struct query *query = &call->query;
	const char *client = query_get_filled(query, "client_id");
	const char *redirect = query_get_filled(query, "redirect_uri");
	const char *type = query_get_filled(query, "response_type");
	const char *scope = query_get_filled(query, "scope");
	const char *method = query_get_filled(query, "code_challenge_method");
	const char *access_type = query_get(query, "access_type");
	const char *include = query_get(query, "include_granted_scopes");

	*text = "The request misses a required parameter or holds a malformed one.";
	if (client == NULL)
		return "invalid_request: client_id";
	if (strcmp(client, call->state->settings.client_id) != 0) {
		*text = "The OAuth client was not found.";
		return "invalid_client";
	}
	if (redirect == NULL)
		return "invalid_request: redirect_uri";
	if (!authorize_is_redirect(redirect))
		return "redirect_uri_mismatch";
	if (type == NULL || strcmp(type, "code") != 0)
		return "unsupported_response_type";
	if (method != NULL && strcmp(method, "S256") != 0)
		return "invalid_request: code_challenge_method";
	if (scope == NULL)
		return "invalid_request: scope";
	consent->scopes = scope_normalize(scope);
	if (consent->scopes == NULL || consent->scopes[0] == '\0')
		return "invalid_scope";
	consent->challenge = mem_copy(query_get_filled(query, "code_challenge"));
	consent->s256 = method != NULL;
	if (consent->s256 && (consent->challenge == NULL || strlen(consent->challenge) != 43))
		return "invalid_request: code_challenge";
	if (access_type != NULL && strcmp(access_type, "online") != 0 && strcmp(access_type, "offline") != 0)
		return "invalid_request: access_type";
	consent->offline = access_type != NULL && strcmp(access_type, "offline") == 0;
	consent->include_granted = include != NULL && strcmp(include, "true") == 0;
	consent->redirect_uri = mem_copy(redirect);
	consent->state = mem_copy(query_get(query, "state"));
	consent->nonce = mem_copy(query_get(query, "nonce"));
	consent->login_hint = mem_copy(query_get(query, "login_hint"));
	consent->prompt = mem_copy(query_get(query, "prompt"));
	return NULL;
}

static void authorize_append(char **url, const char *name, const char *value)
{
	char *encoded;
	char *longer;

	if (value == NULL)
		return;
	encoded = query_encode(value);
	longer = mem_print("%s%c%s=%s", *url, strchr(*url, '?') == NULL ? '?' : '&', name, encoded);
	free(encoded);
	free(*url);
	*url = longer;
}

static void authorize_redirect(struct call *call, char *url)
{
	reply_html(&call->reply, 302, mem_copy("<html><title>Moved</title></html>\n"));
	http_reply_header(&call->reply, "Location", url);
	http_reply_header(&call->reply, "Cache-Control", "no-cache, no-store");
	free(url);
}

static void authorize_deny(struct call *call, const struct consent *consent, const char *error)
{
	char *url = mem_copy(consent->redirect_uri);

	authorize_append(&url, "error", error);
	authorize_append(&url, "state", consent->state);
	authorize_redirect(call, url);
}

/* `wanted`: the scopes the user ticked. */
static void authorize_allow(struct call *call, const struct consent *consent, struct account *account,
                            const char *wanted)
{
	char *scopes = scope_choose(consent->scopes, wanted);
	struct grant_terms terms = {
		.account = account,
		.redirect_uri = consent->redirect_uri,
		.challenge = consent->challenge,
		.nonce = consent->nonce,
		.scopes = scopes,
		.s256 = consent->s256,
		.offline = consent->offline,
		.force_refresh = authorize_has_word(consent->prompt, "consent"),
		.include_granted = consent->include_granted,
	};
	const struct code *code;
	char *url;

	if (scopes[0] == '\0') {
		authorize_deny(call, consent, "access_denied");
		free(scopes);
		return;
	}
	code = grant_add_code(call->state, &terms, call->now_ms);
	url = mem_copy(consent->redirect_uri);
	authorize_append(&url, "state", consent->state);
	authorize_append(&url, "iss", "https://accounts.google.com");
	authorize_append(&url, "code", code->text);
	authorize_append(&url, "scope", code->scopes);
	authorize_append(&url, "authuser", "0");
	authorize_append(&url, "prompt", terms.force_refresh ? "consent" : "none");
	authorize_redirect(call, url);
	free(scopes);
}

/* For scripts: sandbox_decision, sandbox_account (or login_hint) and perhaps sandbox_scopes decide at once. */
static void authorize_decide_directly(struct call *call, const struct consent *consent, const char *decision)
{
	const char *name = query_get_filled(&call->query, "sandbox_account");
	const char *ticked = query_get(&call->query, "sandbox_scopes");
	struct account *account = state_find_account(call->state, name != NULL ? name : consent->login_hint);
	char *wanted;

	if (strcmp(decision, "deny") == 0) {
		authorize_deny(call, consent, "access_denied");
		return;
	}
	wanted = scope_normalize(ticked == NULL ? consent->scopes : ticked);
	if (strcmp(decision, "allow") != 0)
		authorize_refuse(call, "sandbox_decision", "It must be allow or deny.");
	else if (account == NULL)
		authorize_refuse(call, "sandbox_account", "There is no such account in the sandbox.");
	else if (wanted == NULL)
		authorize_refuse(call, "sandbox_scopes", "Unknown scope.");
	else
		authorize_allow(call, consent, account, wanted);
	free(wanted);
}

/* prompt=none: no page may be shown, so only what was granted before can be had. */
static void authorize_silently(struct call *call, const struct consent *consent)
{
	struct account *account = state_find_account(call->state, consent->login_hint);
	char *covered;

	if (account == NULL || !account->live) {
		authorize_deny(call, consent, account == NULL ? "interaction_required" : "consent_required");
		return;
	}
	covered = scope_choose(consent->scopes, account->scopes);
	if (strcmp(covered, consent->scopes) == 0)
		authorize_allow(call, consent, account, account->scopes);
	else
		authorize_deny(call, consent, "consent_required");
	free(covered);
}

static void authorize_show(struct call *call, struct consent *consent)
{
	struct state *state = call->state;

	consent->id = rng_text(&state->rng, "", 32);
	state->consents = mem_grow(state->consents, state->consent_count, &state->consent_capacity, sizeof consent);
	state->consents[state->consent_count++] = consent;
	table_put(&state->consents_by_id, consent->id, consent);
	reply_html(&call->reply, 200, consent_render(state, consent));
	http_reply_header(&call->reply, "Cache-Control", "no-cache, no-store");
}

void authorize_start(struct call *call)
{
	struct consent *consent = mem_alloc(sizeof *consent);
	const char *decision = query_get(&call->query, "sandbox_decision");
	const char *text;
	const char *error = authorize_read(call, consent, &text);

	if (error == NULL && decision == NULL && !authorize_has_word(consent->prompt, "none")) {
		authorize_show(call, consent);
		return;
	}
	if (error != NULL)
		authorize_refuse(call, error, text);
	else if (decision != NULL)
		authorize_decide_directly(call, consent, decision);
	else
		authorize_silently(call, consent);
	state_free_consent(consent);
}

/* All ticked boxes as one list. */
static char *authorize_ticked(const struct query *form)
{
	char *list = mem_copy("");

	for (size_t i = 0; i < form->count; i++) {
		char *longer;

		if (strcmp(form->pairs[i].name, "scope") != 0)
			continue;
		longer = mem_print("%s %s", list, form->pairs[i].value);
		free(list);
		list = longer;
	}
	return list;
}

void authorize_decide(struct call *call)
{
	struct consent *consent = table_get(&call->state->consents_by_id, query_get(&call->form, "request"));
	const char *decision = query_get(&call->form, "decision");
	struct account *account = state_find_account(call->state, query_get(&call->form, "account"));
	bool allow = decision != NULL && strcmp(decision, "allow") == 0;
	char *ticked;

	if (consent == NULL || consent->used) {
		authorize_refuse(call, "invalid_request", "This page has been used or is unknown. Start again.");
		return;
	}
	if (decision == NULL || (!allow && strcmp(decision, "deny") != 0) || (allow && account == NULL)) {
		authorize_refuse(call, "invalid_request", "Choose an account and a decision.");
		return;
	}
	consent->used = true;
	call->account = account;
	if (!allow) {
		authorize_deny(call, consent, "access_denied");
		return;
	}
	ticked = authorize_ticked(&call->form);
	authorize_allow(call, consent, account, ticked);
	free(ticked);
}
