/* Google's token endpoint and revocation (PROVIDERS.md 1.5 to 1.8, 1.12). The operations hold references to the secrets they
 * are given. */
#ifndef DAEMON_PROVIDER_GOOGLE_TOKEN_OPS_H
#define DAEMON_PROVIDER_GOOGLE_TOKEN_OPS_H

#include "daemon/provider/provider.h"

/* verifier NULL: the code was asked for without PKCE. */
struct operation *google_exchange_new(const struct provider_config *config, const struct secret *code,
                                      const struct secret *verifier);
struct operation *google_refresh_new(const struct provider_config *config, const struct secret *refresh_token);
struct operation *google_revoke_new(const struct provider_config *config, const struct secret *token);
/* NULL unless the operation is an exchange or a refresh that is done. */
const struct token_result *google_token_result(const struct operation *operation);

#endif
