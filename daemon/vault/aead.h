/* The sealed blob: XChaCha20-Poly1305 (IETF) with a random nonce, bound to its place by associated data.
 *
 * Blob: version byte 1, nonce of 24 bytes, ciphertext, tag of 16 bytes. */
#ifndef DAEMON_VAULT_AEAD_H
#define DAEMON_VAULT_AEAD_H

#include "daemon/vault/secret.h"
#include "ipc/base/err.h"
#include "ipc/base/rng.h"

#include <stddef.h>
#include <stdint.h>

#define AEAD_KEY_SIZE 32
#define AEAD_OVERHEAD (1 + 24 + 16)

/* What a blob is bound to: store, place and the name of the key. */
struct aead_binding {
	const char *store_uuid, *table, *row, *column, *key_id;
};

/* out has len + AEAD_OVERHEAD bytes. ERR_INTERNAL when the binding is too long. */
int aead_seal(uint8_t *out, const struct aead_binding *binding, const struct secret *key, const struct rng *rng,
              const void *plain, size_t len, struct err *err);
/* *out is a new secret. ERR_SEALED when it does not open. */
int aead_open(struct secret **out, const struct aead_binding *binding, const struct secret *key, const void *blob,
              size_t len, struct err *err);

#endif
