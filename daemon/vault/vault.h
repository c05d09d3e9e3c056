/* The vault: seals and opens what the store keeps secret (CONTRACT.md section 2, SAFETY.md KEY-1…9).
 *
 * Two levels: every grant has a data key, wrapped by a sealing key of the key file; tokens are sealed with the data key.
 * XChaCha20-Poly1305 (IETF) with a random nonce; the associated data binds a value to store, table, row, column and key id,
 * so a flipped, swapped or moved ciphertext does not open. Blob: version byte 1, nonce 24, ciphertext and tag. */
#ifndef DAEMON_VAULT_VAULT_H
#define DAEMON_VAULT_VAULT_H

#include "daemon/vault/secret.h"
#include "ipc/base/err.h"
#include "ipc/base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vault;

/* Key rows the store knows (id and check value), for vault_open. */
struct vault_known_key {
	char id[64];
	uint8_t check_value[128];
	size_t check_len;
};

struct vault_options {
	const char *state_dir;             /* STATE/almanac.key */
	const char *credentials_dir;       /* $CREDENTIALS_DIRECTORY or NULL: almanac.key there wins */
	const char *store_uuid;
	const struct rng *rng;
	const struct vault_known_key *known;
	size_t known_count;
};

/* Reads the key file. Without key rows and without a file a key is made (0600, O_EXCL, fsync of file and directory) and
 * *made_new tells that its row must be written (vault_seal_key_id, vault_check_value). With rows and no key that proves right,
 * or a key file that is a link, has other links or is open to others, the vault is sealed: that is not an error here; *why
 * says it in words. -1 only when a key cannot be made (I/O). */
int vault_open(struct vault **out, const struct vault_options *options, bool *made_new, struct err *why, struct err *err);
/* Again after system.reload: true if it is unsealed now. */
bool vault_reload(struct vault *vault, const struct vault_known_key *known, size_t known_count, struct err *why);
void vault_close(struct vault *vault);
bool vault_is_sealed(const struct vault *vault);

const char *vault_seal_key_id(const struct vault *vault);      /* of the key that seals; NULL when sealed */
/* Proof to store with a key's row; size ≤ 128. */
int vault_check_value(const struct vault *vault, const char *key_id, uint8_t out[128], size_t *len, struct err *err);

/* Where a value lives: the associated data. */
struct seal_place {
	const char *table, *row, *column;
};
#define SEAL_OVERHEAD (1 + 24 + 16)

/* A data key of a grant. */
struct data_key;
struct data_key *data_key_new(const struct vault *vault);
void data_key_free(struct data_key *key); /* wiped; NULL is fine */
/* Wrapped by the sealing key. out has 32 + SEAL_OVERHEAD bytes. ERR_SEALED when sealed. */
int data_key_wrap(const struct vault *vault, const struct data_key *key, const struct seal_place *place,
                  uint8_t out[32 + SEAL_OVERHEAD], struct err *err);
/* ERR_SEALED: sealed, unknown key id, or it does not open (undecryptable). */
int data_key_unwrap(const struct vault *vault, const char *key_id, const struct seal_place *place, const void *blob,
                    size_t len, struct data_key **out, struct err *err);

/* Seal with a data key; *out is malloc'ed, secret->len + SEAL_OVERHEAD bytes, the caller frees it. */
int seal_secret(const struct vault *vault, const struct data_key *key, const struct seal_place *place,
                const struct secret *secret, uint8_t **out, size_t *out_len, struct err *err);
int seal_open(const struct vault *vault, const struct data_key *key, const struct seal_place *place, const void *blob,
              size_t len, struct secret **out, struct err *err);
/* The same directly with a sealing key: for what has no grant (consent attempts). */
int vault_seal(const struct vault *vault, const struct seal_place *place, const struct secret *secret, uint8_t **out,
               size_t *out_len, struct err *err);
int vault_unseal(const struct vault *vault, const char *key_id, const struct seal_place *place, const void *blob, size_t len,
                 struct secret **out, struct err *err);

/* Keyed fingerprint of a token: 16 hex digits and NUL, same token in the same store → same text. */
int vault_fingerprint(const struct vault *vault, const struct secret *secret, char out[17], struct err *err);

#endif
