/* Who the account is (PROVIDERS.md 1.11). */
#ifndef DAEMON_PROVIDER_GOOGLE_USERINFO_H
#define DAEMON_PROVIDER_GOOGLE_USERINFO_H

#include "daemon/provider/provider.h"

struct operation *google_userinfo_new(const struct provider_config *config);
/* NULL unless the operation is a userinfo that is done. Then subject and email are there, name may be NULL. */
const struct userinfo_result *google_userinfo_result(const struct operation *operation);

#endif
