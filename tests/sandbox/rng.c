/*
 * Random bytes from a seed: a ChaCha20 key stream under a key hashed from seed, label and index.
 * Ownership: struct rng is plain data; texts belong to the caller.
 */
#include "tests/sandbox/rng.h"

#include <string.h>

#include <sodium.h>

#include "tests/sandbox/mem.h"

static void rng_store_number(unsigned char out[8], uint64_t value)
{
	for (int i = 0; i < 8; i++)
		out[i] = (unsigned char)(value >> (8 * i));
}

void rng_init(struct rng *rng, uint64_t seed, const char *label, uint64_t index)
{
	crypto_generichash_state hash;
	unsigned char numbers[16];

	rng_store_number(numbers, seed);
	rng_store_number(numbers + 8, index);
	crypto_generichash_init(&hash, NULL, 0, sizeof rng->key);
	crypto_generichash_update(&hash, numbers, sizeof numbers);
	crypto_generichash_update(&hash, (const unsigned char *)label, strlen(label));
	crypto_generichash_final(&hash, rng->key, sizeof rng->key);
	rng->block = 0;
	rng->used = sizeof rng->buffer;
}

static void rng_refill(struct rng *rng)
{
	unsigned char nonce[crypto_stream_chacha20_NONCEBYTES];

	rng_store_number(nonce, rng->block++);
	crypto_stream_chacha20(rng->buffer, sizeof rng->buffer, nonce, rng->key);
	rng->used = 0;
}

void rng_fill(struct rng *rng, void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		size_t part;

		if (rng->used == sizeof rng->buffer)
			rng_refill(rng);
		part = sizeof rng->buffer - rng->used;
		if (part > len)
			part = len;
		memcpy(at, rng->buffer + rng->used, part);
		rng->used += part;
		at += part;
		len -= part;
	}
}

uint32_t rng_below(struct rng *rng, uint32_t limit)
{
	uint64_t wide;
	uint32_t value;

	rng_fill(rng, &value, sizeof value);
	wide = (uint64_t)value * limit;
	return (uint32_t)(wide >> 32);
}

char *rng_text(struct rng *rng, const char *prefix, size_t chars)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t start = strlen(prefix);
	char *text = mem_alloc(start + chars + 1);

	memcpy(text, prefix, start);
	rng_fill(rng, text + start, chars);
	for (size_t i = start; i < start + chars; i++)
		text[i] = alphabet[(unsigned char)text[i] & 63U];
	return text;
}
