/* The kernel's randomness. */
#include "ipc/base/rng.h"

#include "ipc/base/err.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static void rng_system_fill(void *arg, void *out, size_t len)
{
	(void)arg;
	unsigned char *at = out;
	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fatal("getrandom: %s", strerror(errno));
		at += got;
		len -= (size_t)got;
	}
}

const struct rng rng_system = { rng_system_fill, NULL };

int64_t rng_below(const struct rng *rng, int64_t bound)
{
	uint64_t value;
	if (bound <= 0)
		return 0;
	rng_fill(rng, &value, sizeof value);
	return (int64_t)(value % (uint64_t)bound);
}
