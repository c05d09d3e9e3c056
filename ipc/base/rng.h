/* Randomness, handed in so that the simulator can be reproduced from a seed. */
#ifndef IPC_BASE_RNG_H
#define IPC_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	void (*fill)(void *arg, void *out, size_t len);
	void *arg;
};

extern const struct rng rng_system; /* getrandom(2) */

static inline void rng_fill(const struct rng *rng, void *out, size_t len)
{
	rng->fill(rng->arg, out, len);
}

/* Uniform enough for jitter: a number in [0, bound); 0 when bound <= 0. Not for secrets. */
int64_t rng_below(const struct rng *rng, int64_t bound);

#endif
