/* Hashes and random texts (libsodium). */
#ifndef DAEMON_VAULT_DIGEST_H
#define DAEMON_VAULT_DIGEST_H

#include "ipc/base/rng.h"

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32
#define DIGEST_HEX_SIZE 65
#define DIGEST_TOKEN_SIZE 44 /* 43 characters of base64url: 256 bits */

void digest_blake2b(uint8_t out[DIGEST_SIZE], const void *bytes, size_t len);
/* Hex of BLAKE2b-256 under a purpose ("state", "short"): how lookup tokens are stored. */
void digest_lookup(char out[DIGEST_HEX_SIZE], const char *purpose, const char *text);
/* 256 random bits as base64url without padding: states, verifiers (RFC 7636 §4.1), short links. */
void digest_random_token(char out[DIGEST_TOKEN_SIZE], const struct rng *rng);
/* base64url(SHA-256(verifier)) without padding, RFC 7636 §4.2. */
void digest_pkce_challenge(char out[DIGEST_TOKEN_SIZE], const char *verifier);

#endif
