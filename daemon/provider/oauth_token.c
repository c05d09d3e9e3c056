/* The token reply of RFC 6749 section 5.1. */
#include "daemon/provider/oauth_token.h"

#include "daemon/provider/body.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A member that may be absent, null or empty (then *text is NULL); anything else but a text of at most `max` bytes, all within
 * [least, 0x7e], is an error. */
static bool read_text(const json_t *root, const char *key, size_t max, char least, const char **text)
{
	const json_t *value = json_object_get(root, key);
	*text = NULL;
	if (!value || json_is_null(value))
		return true;
	const char *bytes = json_string_value(value);
	size_t len = json_string_length(value);
	if (!bytes || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < least || bytes[i] > 0x7e)
			return false;
	*text = len > 0 ? bytes : NULL;
	return true;
}

/* Seconds as a number, or as a text of digits: older Microsoft replies and whatever google-auth-python's tolerance for
 * strings is there for (PROVIDERS.md 1.5). */
static bool read_life(const json_t *root, int64_t *seconds)
{
	const json_t *value = json_object_get(root, "expires_in");
	if (json_is_string(value))
		return str_to_int64(json_string_value(value), 1, TOKEN_LIFE_MAX_S, seconds);
	double number = json_number_value(value); /* 0 for any other type */
	if (!(number >= 1 && number <= TOKEN_LIFE_MAX_S))
		return false;
	*seconds = (int64_t)number;
	return true;
}

static bool read_token(const json_t *root, scope_spelling_fn *spelling, struct token_result *out)
{
	/* RFC 6749 requires it; a reply without is taken for the one kind there is. */
	const char *type = json_object_get(root, "token_type") ? body_text(root, "token_type") : "bearer";
	const char *access, *refresh, *scopes;
	int64_t life;
	/* No blank in a token: RFC 6750 section 2.1 has none, and at its end it would change the Authorization header. */
	if (!type || strcasecmp(type, "bearer") != 0 || !read_life(root, &life) ||
	    !read_text(root, "access_token", TOKEN_ACCESS_MAX, 0x21, &access) || !access ||
	    !read_text(root, "refresh_token", TOKEN_REFRESH_MAX, 0x21, &refresh) ||
	    !read_text(root, "scope", TOKEN_SCOPES_MAX, 0x20, &scopes))
		return false;
	out->access = secret_new(access, strlen(access));
	out->refresh = refresh ? secret_new(refresh, strlen(refresh)) : NULL;
	out->expires_in_s = life;
	out->scopes = scopes ? scopes_normalise(scopes, spelling) : NULL;
	return true;
}

bool oauth_token_parse(const struct http_response *response, scope_spelling_fn *spelling, struct token_result *out)
{
	*out = (struct token_result){ 0 };
	json_t *root = body_object(response);
	bool ok = read_token(root, spelling, out);
	json_decref(root);
	return ok;
}

void oauth_token_clear(struct token_result *token)
{
	secret_unref(token->access);
	secret_unref(token->refresh);
	free(token->scopes);
	*token = (struct token_result){ 0 };
}
