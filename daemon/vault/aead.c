/* The sealed blob. */
#include "daemon/vault/aead.h"

#include "daemon/vault/locked.h"

#include <sodium.h>
#include <string.h>

enum {
	BLOB_VERSION = 1,
	NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	BINDING_MAX = 1024
};
_Static_assert(AEAD_OVERHEAD == 1 + NONCE_SIZE + TAG_SIZE, "the overhead is the blob's");
_Static_assert(AEAD_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key's size is the cipher's");

/* Every part with its length before it, so that no two bindings have the same bytes. Returns the length, 0 if it does not fit. */
static size_t binding_encode(uint8_t out[BINDING_MAX], const struct aead_binding *binding)
{
	const char *parts[] = { "almanac/1",  binding->store_uuid, binding->table,
		                binding->row, binding->column,     binding->key_id };
	size_t at = 0;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		size_t len = strlen(parts[i]);
		if (len > 0xffff || at + 2 + len > BINDING_MAX)
			return 0;
		out[at++] = (uint8_t)(len & 0xff);
		out[at++] = (uint8_t)(len >> 8);
		memcpy(out + at, parts[i], len);
		at += len;
	}
	return at;
}

int aead_seal(uint8_t *out, const struct aead_binding *binding, const struct secret *key, const struct rng *rng,
              const void *plain, size_t len, struct err *err)
{
	uint8_t bound[BINDING_MAX];
	size_t bound_len = binding_encode(bound, binding);
	if (bound_len == 0)
		return err_set(err, ERR_INTERNAL, "the place of a value to seal is too long");
	uint8_t *nonce = out + 1;
	out[0] = BLOB_VERSION;
	rng_fill(rng, nonce, NONCE_SIZE);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, NULL, plain, len, bound, bound_len, NULL, nonce,
	                                                 (const uint8_t *)secret_reveal(key));
	return 0;
}

int aead_open(struct secret **out, const struct aead_binding *binding, const struct secret *key, const void *blob,
              size_t len, struct err *err)
{
	uint8_t bound[BINDING_MAX];
	const uint8_t *bytes = blob;
	size_t bound_len = binding_encode(bound, binding);
	if (len < AEAD_OVERHEAD || bytes[0] != BLOB_VERSION || bound_len == 0)
		return err_set(err, ERR_SEALED, "a sealed value of %s.%s is not of a known form", binding->table,
		               binding->column);
	size_t plain_len = len - AEAD_OVERHEAD;
	uint8_t *plain = locked_alloc(plain_len + 1);
	int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes + 1 + NONCE_SIZE, plain_len + TAG_SIZE,
	                                                        bound, bound_len, bytes + 1,
	                                                        (const uint8_t *)secret_reveal(key));
	if (!failed)
		*out = secret_new(plain, plain_len);
	locked_free(plain, plain_len + 1);
	if (failed)
		return err_set(err, ERR_SEALED, "a sealed value of %s.%s does not open", binding->table,
		               binding->column);
	return 0;
}
