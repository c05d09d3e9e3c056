/* Google as a provider (PROVIDERS.md sections 1 and 2): OAuth 2.0 for web server applications and the Calendar API v3. */
#ifndef DAEMON_PROVIDER_GOOGLE_GOOGLE_H
#define DAEMON_PROVIDER_GOOGLE_GOOGLE_H

#include "daemon/provider/provider.h"

extern const struct provider google_provider;

#endif
