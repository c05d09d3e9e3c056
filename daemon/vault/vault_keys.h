/* What sealing needs of an open vault. Inside daemon/vault only. */
#ifndef DAEMON_VAULT_VAULT_KEYS_H
#define DAEMON_VAULT_VAULT_KEYS_H

#include "daemon/vault/keyring.h"
#include "ipc/base/rng.h"

struct vault;

const struct keyring *vault_keys(const struct vault *vault); /* empty when sealed */
const char *vault_store_uuid(const struct vault *vault);
const struct rng *vault_rng(const struct vault *vault);

#endif
