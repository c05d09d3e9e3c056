/* The token reply of RFC 6749 section 5.1, read strictly (SAFETY.md OAU-10). Pure. Tokens go from the JSON tree straight into
 * locked memory; no other copy is made (jansson's own are wiped when freed, see secret_setup). */
#ifndef DAEMON_PROVIDER_OAUTH_TOKEN_H
#define DAEMON_PROVIDER_OAUTH_TOKEN_H

#include "daemon/provider/scopes.h"

enum { TOKEN_ACCESS_MAX = 8192, TOKEN_REFRESH_MAX = 4096, TOKEN_SCOPES_MAX = 8192, TOKEN_LIFE_MAX_S = 31536000 };

/* False, with *out empty, if the reply is not a usable bearer token; an id_token in it is ignored. On success *out is the
 * caller's (oauth_token_clear). */
bool oauth_token_parse(const struct http_response *response, scope_spelling_fn *spelling, struct token_result *out);
void oauth_token_clear(struct token_result *token);

#endif
