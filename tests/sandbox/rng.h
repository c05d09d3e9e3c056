/* Seeded random numbers: the same seed and label give the same stream, on every machine. */
#ifndef TESTS_SANDBOX_RNG_H
#define TESTS_SANDBOX_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	unsigned char key[32];
	uint64_t block;
	unsigned char buffer[256];
	size_t used;
};

/* Starts the stream named by (seed, label, index). */
void rng_init(struct rng *rng, uint64_t seed, const char *label, uint64_t index);

void rng_fill(struct rng *rng, void *out, size_t len);

/* A number in 0 … limit-1; limit must not be 0. */
uint32_t rng_below(struct rng *rng, uint32_t limit);

/* `prefix` followed by `chars` characters of the base64url alphabet; the caller frees it. */
char *rng_text(struct rng *rng, const char *prefix, size_t chars);

#endif
