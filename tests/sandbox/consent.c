/*
 * HTML of the consent and error pages: plain forms, no script.
 * Ownership: pages belong to the caller.
 */
#include "tests/sandbox/consent.h"

#include <string.h>

#include <event2/buffer.h>

#include "tests/sandbox/mem.h"
#include "tests/sandbox/scope.h"

#define CONSENT_ACCOUNTS_MAX 50

static void consent_add_text(struct evbuffer *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '<': evbuffer_add(out, "&lt;", 4); break;
		case '>': evbuffer_add(out, "&gt;", 4); break;
		case '&': evbuffer_add(out, "&amp;", 5); break;
		case '"': evbuffer_add(out, "&quot;", 6); break;
		case '\'': evbuffer_add(out, "&#39;", 5); break;
		default: evbuffer_add(out, text, 1);
		}
	}
}

static void consent_add_head(struct evbuffer *out, const char *title)
{
	evbuffer_add_printf(
		out,
		"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\"><title>%s</title>"
		"<style>body{font:16px/1.5 sans-serif;max-width:34em;margin:3em auto;padding:0 1em;color:#202124}"
		"fieldset{border:1px solid #dadce0;border-radius:8px;margin:1em 0}label{display:block;padding:.2em 0}"
		"button{font:inherit;padding:.5em 1.5em;border-radius:4px;border:1px solid #1a73e8;margin-right:1em}"
		"button[value=allow]{background:#1a73e8;color:#fff}code{color:#5f6368}</style></head><body>\n",
		title);
}

static char *consent_take(struct evbuffer *out)
{
	size_t len = evbuffer_get_length(out);
	char *text = mem_alloc(len + 1);

	evbuffer_remove(out, text, len);
	evbuffer_free(out);
	return text;
}

static void consent_add_account(struct evbuffer *out, const struct account *account, bool chosen)
{
	evbuffer_add_printf(out, "<label><input type=\"radio\" name=\"account\" required value=\"");
	consent_add_text(out, account->email);
	evbuffer_add_printf(out, "\"%s> ", chosen ? " checked" : "");
	consent_add_text(out, account->given);
	evbuffer_add_printf(out, " ");
	consent_add_text(out, account->family);
	evbuffer_add_printf(out, " <code>");
	consent_add_text(out, account->email);
	evbuffer_add_printf(out, "</code></label>\n");
}

static void consent_add_accounts(struct evbuffer *out, const struct state *state, const struct account *hinted)
{
	size_t shown = state->account_count < CONSENT_ACCOUNTS_MAX ? state->account_count : CONSENT_ACCOUNTS_MAX;

	evbuffer_add_printf(out, "<fieldset><legend>Choose an account</legend>\n");
	if (hinted != NULL)
		consent_add_account(out, hinted, true);
	for (size_t i = 0; i < shown; i++) {
		if (state->accounts[i] != hinted)
			consent_add_account(out, state->accounts[i], hinted == NULL && i == 0);
	}
	evbuffer_add_printf(out, "</fieldset>\n");
}

static void consent_add_scope(void *arg, const char *name, bool sign_in)
{
	struct evbuffer *out = arg;

	if (sign_in)
		return;
	evbuffer_add_printf(out, "<label><input type=\"checkbox\" name=\"scope\" checked value=\"");
	consent_add_text(out, name);
	evbuffer_add_printf(out, "\"> <code>");
	consent_add_text(out, name);
	evbuffer_add_printf(out, "</code></label>\n");
}

char *consent_render(const struct state *state, const struct consent *consent)
{
	struct evbuffer *out = evbuffer_new();

	consent_add_head(out, "Sign in - Sandbox Accounts");
	evbuffer_add_printf(out, "<h1>Sign in to the sandbox</h1><p><code>");
	consent_add_text(out, state->settings.client_id);
	evbuffer_add_printf(out, "</code> wants access to your account. This is not Google.</p>\n"
	                         "<form method=\"post\" action=\"/o/oauth2/v2/consent\">"
	                         "<input type=\"hidden\" name=\"request\" value=\"");
	consent_add_text(out, consent->id);
	evbuffer_add_printf(out, "\">\n");
	consent_add_accounts(out, state, state_find_account(state, consent->login_hint));
	evbuffer_add_printf(out, "<fieldset><legend>What it may do</legend>\n");
	scope_each(consent->scopes, consent_add_scope, out);
	evbuffer_add_printf(out, "</fieldset>\n<button name=\"decision\" value=\"allow\">Allow</button>"
	                         "<button name=\"decision\" value=\"deny\">Decline</button></form></body></html>\n");
	return consent_take(out);
}

char *consent_render_error(const char *code, const char *text)
{
	struct evbuffer *out = evbuffer_new();

	consent_add_head(out, "Error - Sandbox Accounts");
	evbuffer_add_printf(out, "<h1>Access blocked: Authorization Error</h1><p>");
	consent_add_text(out, text);
	evbuffer_add_printf(out, "</p><p><code>Error 400: ");
	consent_add_text(out, code);
	evbuffer_add_printf(out, "</code></p></body></html>\n");
	return consent_take(out);
}
