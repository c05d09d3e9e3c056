/* Sealing and opening: data keys with sealing keys, tokens with data keys, fingerprints. */
#include "daemon/vault/vault.h"

#include "daemon/vault/aead.h"
#include "daemon/vault/vault_keys.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <sodium.h>
#include <stdlib.h>

/* The key id in the binding of what is sealed with a data key. */
static const char data_key_id[] = "data";

_Static_assert(SEAL_OVERHEAD == AEAD_OVERHEAD, "what vault.h tells is what a blob has");

struct data_key {
	struct secret *key;
};

static struct aead_binding binding_of(const struct vault *vault, const struct seal_place *place, const char *key_id)
{
	return (struct aead_binding){ vault_store_uuid(vault), place->table, place->row, place->column, key_id };
}

static int err_sealed(struct err *err)
{
	return err_set(err, ERR_SEALED, "the key that opens the stored tokens is missing or wrong");
}

static int ring_key(const struct vault *vault, const char *key_id, const struct keyring_key **out, struct err *err)
{
	if (vault_is_sealed(vault))
		return err_sealed(err);
	*out = keyring_find(vault_keys(vault), key_id);
	if (!*out)
		return err_set(err, ERR_SEALED, "a stored value needs a key that is not in the key file");
	return 0;
}

struct data_key *data_key_new(const struct vault *vault)
{
	uint8_t bytes[AEAD_KEY_SIZE];
	struct data_key *key = mem_alloc(sizeof *key);
	rng_fill(vault_rng(vault), bytes, sizeof bytes);
	key->key = secret_new(bytes, sizeof bytes);
	sodium_memzero(bytes, sizeof bytes);
	return key;
}

void data_key_free(struct data_key *key)
{
	if (!key)
		return;
	secret_unref(key->key);
	free(key);
}

int data_key_wrap(const struct vault *vault, const struct data_key *key, const struct seal_place *place,
                  uint8_t out[32 + SEAL_OVERHEAD], struct err *err)
{
	if (vault_is_sealed(vault))
		return err_sealed(err);
	const struct keyring_key *first = &vault_keys(vault)->keys[0];
	const struct aead_binding binding = binding_of(vault, place, first->id);
	return aead_seal(out, &binding, first->key, vault_rng(vault), secret_reveal(key->key), AEAD_KEY_SIZE, err);
}

int data_key_unwrap(const struct vault *vault, const char *key_id, const struct seal_place *place, const void *blob,
                    size_t len, struct data_key **out, struct err *err)
{
	struct secret *bytes;
	if (vault_unseal(vault, key_id, place, blob, len, &bytes, err) != 0)
		return -1;
	if (secret_len(bytes) != AEAD_KEY_SIZE) {
		secret_unref(bytes);
		return err_set(err, ERR_SEALED, "a stored data key does not have the size of a key");
	}
	*out = mem_alloc(sizeof **out);
	(*out)->key = bytes;
	return 0;
}

static int seal_new(const struct vault *vault, const struct seal_place *place, const char *key_id, const struct secret *key,
                    const struct secret *secret, uint8_t **out, size_t *out_len, struct err *err)
{
	const struct aead_binding binding = binding_of(vault, place, key_id);
	size_t len = secret_len(secret) + SEAL_OVERHEAD;
	uint8_t *blob = mem_alloc(len);
	if (aead_seal(blob, &binding, key, vault_rng(vault), secret_reveal(secret), secret_len(secret), err) != 0) {
		free(blob);
		return -1;
	}
	*out = blob;
	*out_len = len;
	return 0;
}

int seal_secret(const struct vault *vault, const struct data_key *key, const struct seal_place *place,
                const struct secret *secret, uint8_t **out, size_t *out_len, struct err *err)
{
	return seal_new(vault, place, data_key_id, key->key, secret, out, out_len, err);
}

int seal_open(const struct vault *vault, const struct data_key *key, const struct seal_place *place, const void *blob,
              size_t len, struct secret **out, struct err *err)
{
	const struct aead_binding binding = binding_of(vault, place, data_key_id);
	return aead_open(out, &binding, key->key, blob, len, err);
}

int vault_seal(const struct vault *vault, const struct seal_place *place, const struct secret *secret, uint8_t **out,
               size_t *out_len, struct err *err)
{
	if (vault_is_sealed(vault))
		return err_sealed(err);
	const struct keyring_key *first = &vault_keys(vault)->keys[0];
	return seal_new(vault, place, first->id, first->key, secret, out, out_len, err);
}

int vault_unseal(const struct vault *vault, const char *key_id, const struct seal_place *place, const void *blob, size_t len,
                 struct secret **out, struct err *err)
{
	const struct keyring_key *key;
	if (ring_key(vault, key_id, &key, err) != 0)
		return -1;
	const struct aead_binding binding = binding_of(vault, place, key->id);
	return aead_open(out, &binding, key->key, blob, len, err);
}

int vault_fingerprint(const struct vault *vault, const struct secret *secret, char out[17], struct err *err)
{
	if (vault_is_sealed(vault))
		return err_sealed(err);
	/* Of the oldest key: rotation puts new ones before it, so that fingerprints stay the same until it is retired. */
	const struct secret *oldest = vault_keys(vault)->keys[vault_keys(vault)->count - 1].key;
	uint8_t subkey[crypto_generichash_KEYBYTES], hash[crypto_generichash_BYTES_MIN];
	struct secret_buf label = { 0 };
	secret_buf_add_text(&label, "almanac/1 fingerprint ");
	secret_buf_add_text(&label, vault_store_uuid(vault));
	(void)crypto_generichash(subkey, sizeof subkey, (const uint8_t *)label.data, label.len,
	                         (const uint8_t *)secret_reveal(oldest), AEAD_KEY_SIZE);
	(void)crypto_generichash(hash, sizeof hash, (const uint8_t *)secret_reveal(secret), secret_len(secret), subkey,
	                         sizeof subkey);
	str_hex(out, hash, 8);
	sodium_memzero(subkey, sizeof subkey);
	secret_buf_free(&label);
	return 0;
}
