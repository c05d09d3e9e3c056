/*
 * Exchange, refresh, revocation, with Google's bodies and (by choice) the rotation of other providers.
 * Ownership: codes and tokens are the state's.
 */
#include "tests/sandbox/oauth.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "tests/sandbox/grant.h"
#include "tests/sandbox/identity.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/scope.h"

static void oauth_refuse(struct call *call, const char *error, const char *description)
{
	const char *usual;
	int status = reply_oauth_status(error, &usual);

	reply_oauth_error(&call->reply, status, error, description != NULL ? description : usual);
}

/* Client id and secret of an HTTP Basic header, percent-decoded; the caller frees both. */
static void oauth_read_basic(const char *header, char **id, char **secret)
{
	size_t room = strlen(header);
	char *pair = mem_alloc(room + 1);
	size_t len = 0;
	char *colon;

	if (sodium_base642bin((unsigned char *)pair, room, header, room, NULL, &len, NULL,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		len = 0;
	pair[len] = '\0';
	colon = strchr(pair, ':');
	if (colon != NULL) {
		*id = query_decode(pair, (size_t)(colon - pair), true);
		*secret = query_decode(colon + 1, strlen(colon + 1), true);
	}
	free(pair);
}

/* False after an answer: the client is not who it says. */
static bool oauth_check_client(struct call *call)
{
	const struct state_settings *settings = &call->state->settings;
	const char *header = http_head_get(&call->request->head, "Authorization");
	char *id = NULL;
	char *secret = NULL;
	bool good = false;

	if (header != NULL && strncasecmp(header, "Basic ", 6) == 0) {
		oauth_read_basic(header + 6, &id, &secret);
	} else {
		id = mem_copy(query_get_filled(&call->form, "client_id"));
		secret = mem_copy(query_get_filled(&call->form, "client_secret"));
	}
	if (id == NULL)
		oauth_refuse(call, "invalid_request", "Could not determine client ID from request.");
	else if (strcmp(id, settings->client_id) != 0)
		oauth_refuse(call, "invalid_client", "The OAuth client was not found.");
	else if (secret == NULL)
		oauth_refuse(call, "invalid_request", "client_secret is missing.");
	else if (strcmp(secret, settings->client_secret) != 0)
		oauth_refuse(call, "invalid_client", "Unauthorized");
	else
		good = true;
	free(id);
	free(secret);
	return good;
}

static bool oauth_verifier_fits(const struct code *code, const char *verifier)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[64];

	if (strlen(verifier) < 43 || strlen(verifier) > 128)
		return false;
	if (!code->s256)
		return strcmp(code->challenge, verifier) == 0;
	crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
	sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return strcmp(code->challenge, text) == 0;
}

/* The code of an exchange if it may be used now; NULL after an answer. */
static struct code *oauth_take_code(struct call *call)
{
	const char *text = query_get_filled(&call->form, "code");
	const char *redirect = query_get_filled(&call->form, "redirect_uri");
	const char *verifier = query_get_filled(&call->form, "code_verifier");
	struct code *code = grant_find_code(call->state, text);

	if (text == NULL)
		oauth_refuse(call, "invalid_request", "Missing required parameter: code");
	else if (redirect == NULL)
		oauth_refuse(call, "invalid_request", "Missing parameter: redirect_uri");
	else if (code == NULL)
		oauth_refuse(call, "invalid_grant", "Malformed auth code.");
	else if (code->used) {
		grant_kill_code(code);
		oauth_refuse(call, "invalid_grant", "Bad Request");
	} else if (code->expires_ms <= call->now_ms || code->epoch != code->account->epoch)
		oauth_refuse(call, "invalid_grant", "Bad Request");
	else if (strcmp(code->redirect_uri, redirect) != 0)
		oauth_refuse(call, "redirect_uri_mismatch", NULL);
	else if (code->challenge != NULL && verifier == NULL)
		oauth_refuse(call, "invalid_grant", "Missing code verifier.");
	else if (code->challenge != NULL && !oauth_verifier_fits(code, verifier))
		oauth_refuse(call, "invalid_grant", "Invalid code verifier.");
	else
		return code;
	return NULL;
}

static void oauth_send_tokens(struct call *call, const struct token *access, const struct token *refresh,
                              const char *nonce)
{
	json_t *body = json_pack("{s:s}", "access_token", access->text);
	char *id_token;

	if (call->tweaks.expires_in != NULL)
		json_object_set_new(body, "expires_in", json_deep_copy(call->tweaks.expires_in));
	else
		json_object_set_new(body, "expires_in", json_integer((access->expires_ms - call->now_ms) / 1000));
	if (refresh != NULL)
		json_object_set_new(body, "refresh_token", json_string(refresh->text));
	json_object_set_new(body, "scope", json_string(access->scopes));
	json_object_set_new(body, "token_type", json_string("Bearer"));
	if ((access->mask & SCOPE_OPENID) != 0) {
		id_token = identity_make_token(call, access, nonce);
		json_object_set_new(body, "id_token", json_string(id_token));
		free(id_token);
	}
	reply_json(&call->reply, 200, body);
	http_reply_header(&call->reply, "Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
	http_reply_header(&call->reply, "Pragma", "no-cache");
}

/* The scopes to give: those of the grant, less what a fault takes away. The caller frees them. */
static char *oauth_scopes(const struct call *call, const char *granted)
{
	return call->tweaks.drop_scope == NULL ? mem_copy(granted) : scope_drop(granted, call->tweaks.drop_scope);
}

static void oauth_exchange(struct call *call)
{
	struct code *code = oauth_take_code(call);
	struct token *access;
	struct token *refresh = NULL;
	char *scopes;

	if (code == NULL)
		return;
	code->used = true;
	scopes = oauth_scopes(call, code->scopes);
	access = grant_add_access(call->state, code, scopes, call->now_ms);
	if (code->offline && (code->force_refresh || !code->account->offline_given))
		refresh = grant_add_refresh(call->state, code, scopes);
	oauth_send_tokens(call, access, refresh, code->nonce);
	free(scopes);
}

/* What becomes of the refresh token that was just used; the new one, or NULL for Google's way. */
static struct token *oauth_rotate(struct call *call, struct token *used, const char *scopes)
{
	struct token *next;

	if (call->state->rotate == ROTATE_NONE)
		return NULL;
	next = grant_add_refresh(call->state, used->origin, scopes);
	if (call->state->rotate != ROTATE_LENIENT)
		grant_retire_refresh(used);
	return next;
}

static void oauth_refresh(struct call *call)
{
	const char *text = query_get_filled(&call->form, "refresh_token");
	struct token *used = text == NULL ? NULL : grant_find_token(call->state, text);
	struct token *access, *next;
	char *scopes;

	if (text == NULL) {
		oauth_refuse(call, "invalid_request", "Missing required parameter: refresh_token");
		return;
	}
	if (used == NULL || !used->refresh) {
		oauth_refuse(call, "invalid_grant", "Bad Request");
		return;
	}
	if (!grant_is_usable(used, call->now_ms)) {
		if (used->replaced && used->epoch == used->account->epoch && call->state->rotate == ROTATE_FAMILY)
			grant_revoke(used->account, state_intern(call->state, ""));
		oauth_refuse(call, "invalid_grant", NULL);
		return;
	}
	scopes = oauth_scopes(call, used->scopes);
	access = grant_add_access(call->state, used->origin, scopes, call->now_ms);
	next = oauth_rotate(call, used, scopes);
	oauth_send_tokens(call, access, next, NULL);
	free(scopes);
}

void oauth_token(struct call *call)
{
	const char *type = call->grant_type;
	char *text;

	if (!oauth_check_client(call))
		return;
	if (type == NULL || type[0] == '\0') {
		oauth_refuse(call, "invalid_request", "Required parameter is missing: grant_type");
	} else if (strcmp(type, "authorization_code") == 0) {
		oauth_exchange(call);
	} else if (strcmp(type, "refresh_token") == 0) {
		oauth_refresh(call);
	} else {
		text = mem_print("Invalid grant_type: %.200s", type);
		oauth_refuse(call, "unsupported_grant_type", text);
		free(text);
	}
}

void oauth_revoke(struct call *call)
{
	const char *text = query_get_filled(&call->form, "token");
	struct token *token;

	if (text == NULL)
		text = query_get_filled(&call->query, "token");
	if (text == NULL) {
		oauth_refuse(call, "invalid_request", "Missing required parameter: token");
		return;
	}
	token = grant_find_token(call->state, text);
	if (token == NULL || !grant_is_usable(token, call->now_ms)) {
		oauth_refuse(call, "invalid_token", NULL);
		return;
	}
	grant_revoke(token->account, state_intern(call->state, ""));
	reply_json(&call->reply, 200, json_object());
}
