/* Reading again what may change while the daemon runs: policy and key file (SIGHUP, system.reload). */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/app.h"
#include "store/grants.h"

enum { KEYS_MAX = 64 };

/* The key rows of the store, as the vault wants them. Zero-initialise. */
struct known_keys {
	struct vault_known_key keys[KEYS_MAX];
	size_t count;
};
int known_keys_read(struct store *store, struct known_keys *out, struct err *err);
/* The key that seals gets its row, if it has none: so that it can be told from a wrong one for ever. */
int known_keys_record(const struct known_keys *known, struct core *core, struct err *err);

/* Policy only; ERR_CONFIG keeps the old rules. */
int reload_policy(struct app *app, struct err *err);
/* A warning for every slug in the policy that names no workspace. */
void reload_warn_slugs(struct app *app);
/* Both. ERR_APP_MISCONFIGURED with "file:line: why" keeps the old rules. */
int app_reload(struct app *app, struct err *err);

#endif
