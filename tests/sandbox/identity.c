/*
 * Userinfo bodies and ID tokens.
 * Ownership: bodies go to the reply, ID tokens to the caller.
 */
#include "tests/sandbox/identity.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/sandbox/mem.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/scope.h"

static void identity_add_profile(json_t *body, const struct account *account)
{
	json_object_set_new(body, "name", json_sprintf("%s %s", account->given, account->family));
	json_object_set_new(body, "given_name", json_string(account->given));
	json_object_set_new(body, "family_name", json_string(account->family));
	json_object_set_new(body, "picture",
	                    json_sprintf("https://lh3.googleusercontent.com/a/sandbox%u=s96-c", account->index));
}

static void identity_userinfo(struct call *call, const char *id_name, const char *verified_name)
{
	const struct account *account = call_authorize(call, SCOPE_SIGN_IN);
	json_t *body;

	if (account == NULL)
		return;
	body = json_pack("{s:s}", id_name, account->sub);
	if ((call->bearer->mask & SCOPE_PROFILE) != 0)
		identity_add_profile(body, account);
	if ((call->bearer->mask & SCOPE_EMAIL) != 0) {
		json_object_set_new(body, "email", json_string(account->email));
		json_object_set_new(body, verified_name, json_true());
	}
	reply_json(&call->reply, 200, body);
}

void identity_userinfo_v2(struct call *call)
{
	identity_userinfo(call, "id", "verified_email");
}

void identity_userinfo_oidc(struct call *call)
{
	identity_userinfo(call, "sub", "email_verified");
}

static char *identity_base64(const void *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = mem_alloc(size);

	sodium_bin2base64(text, size, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return text;
}

char *identity_make_token(const struct call *call, const struct token *access, const char *nonce)
{
	const struct account *account = access->account;
	const char *client = call->state->settings.client_id;
	int64_t now = call->now_ms / 1000;
	unsigned char hash[crypto_hash_sha256_BYTES];
	json_t *claims;
	char *at_hash, *text, *encoded, *token;

	crypto_hash_sha256(hash, (const unsigned char *)access->text, strlen(access->text));
	at_hash = identity_base64(hash, sizeof hash / 2);
	claims = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I}", "iss", "https://accounts.google.com", "azp", client, "aud",
	                   client, "sub", account->sub, "at_hash", at_hash, "iat", (json_int_t)now, "exp",
	                   (json_int_t)now + 3600);
	if ((access->mask & SCOPE_EMAIL) != 0) {
		json_object_set_new(claims, "email", json_string(account->email));
		json_object_set_new(claims, "email_verified", json_true());
	}
	if ((access->mask & SCOPE_PROFILE) != 0)
		identity_add_profile(claims, account);
	if (nonce != NULL)
		json_object_set_new(claims, "nonce", json_string(nonce));
	text = json_dumps(claims, JSON_COMPACT);
	encoded = identity_base64(text, strlen(text));
	token = mem_print("eyJhbGciOiJSUzI1NiIsImtpZCI6InNhbmRib3giLCJ0eXAiOiJKV1QifQ.%s.%s", encoded,
	                  call->state->id_token_mark);
	free(encoded);
	free(text);
	free(at_hash);
	json_decref(claims);
	return token;
}
