/* Hashes and random texts. */
#include "daemon/vault/digest.h"

#include "ipc/base/strutil.h"

#include <sodium.h>
#include <string.h>

static void to_base64url(char out[DIGEST_TOKEN_SIZE], const uint8_t bytes[DIGEST_SIZE])
{
	(void)sodium_bin2base64(out, DIGEST_TOKEN_SIZE, bytes, DIGEST_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void digest_blake2b(uint8_t out[DIGEST_SIZE], const void *bytes, size_t len)
{
	(void)crypto_generichash(out, DIGEST_SIZE, bytes, len, NULL, 0);
}

void digest_lookup(char out[DIGEST_HEX_SIZE], const char *purpose, const char *text)
{
	uint8_t hash[DIGEST_SIZE];
	crypto_generichash_state state;
	(void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
	/* With its NUL, so that no purpose and text run into another pair. */
	(void)crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
	(void)crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
	(void)crypto_generichash_final(&state, hash, sizeof hash);
	str_hex(out, hash, sizeof hash);
	sodium_memzero(&state, sizeof state);
}

void digest_random_token(char out[DIGEST_TOKEN_SIZE], const struct rng *rng)
{
	uint8_t bytes[DIGEST_SIZE];
	rng_fill(rng, bytes, sizeof bytes);
	to_base64url(out, bytes);
	sodium_memzero(bytes, sizeof bytes);
}

void digest_pkce_challenge(char out[DIGEST_TOKEN_SIZE], const char *verifier)
{
	uint8_t hash[DIGEST_SIZE];
	_Static_assert(sizeof hash == crypto_hash_sha256_BYTES, "SHA-256 fills a digest");
	(void)crypto_hash_sha256(hash, (const uint8_t *)verifier, strlen(verifier));
	to_base64url(out, hash);
	sodium_memzero(hash, sizeof hash);
}
