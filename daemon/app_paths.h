/* Where things are: configuration, policy, state directory (CONTRACT.md sections 1 to 3). */
#ifndef DAEMON_APP_PATHS_H
#define DAEMON_APP_PATHS_H

#include "daemon/config.h"
#include "ipc/base/err.h"

#include <stddef.h>

/* given, else the default place if there is a file, else "". ERR_CONFIG when `given` does not exist. */
int app_paths_config(char *out, size_t size, const char *given, struct err *err);
/* given, else policy.conf beside the configuration, else at the default place; "" only if there is no such place. */
void app_paths_policy(char *out, size_t size, const char *given, const char *config_path);
/* given, else configured, else $STATE_DIRECTORY, else /var/lib/almanac for root, else $XDG_STATE_HOME/almanac. */
int app_paths_state(char *out, size_t size, const char *given, const char *configured, struct err *err);

#endif
