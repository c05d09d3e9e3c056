/* The circuit breaker of a provider. */
#include "daemon/breaker.h"

enum { PROBE_FIRST_MS = 5000, PROBE_MAX_MS = 60000, PROBE_DOUBLINGS = 4 };
/* The slow start: this many jobs a second for the first ten minutes (a job is one or two requests), then doubled every minute
 * until nobody would notice a limit. */
enum { START_RATE = 6, START_FLAT_MS = 600000, START_DOUBLING_MS = 60000, START_DOUBLINGS = 8, BURST = 1 };

static int count_failures(const struct breaker *breaker)
{
	return __builtin_popcount(breaker->failures & ((1u << breaker->calls) - 1));
}

static void plan_probe(struct breaker *breaker, int64_t now, int64_t random)
{
	int doublings = breaker->probes < PROBE_DOUBLINGS ? breaker->probes : PROBE_DOUBLINGS;
	int64_t wait = (int64_t)PROBE_FIRST_MS << doublings;
	if (wait > PROBE_MAX_MS)
		wait = PROBE_MAX_MS;
	breaker->next_probe_at = now + wait / 2 + random % (wait / 2 + 1);
}

static void breaker_close(struct breaker *breaker, int64_t now)
{
	*breaker = (struct breaker){ .closed_at = now, .tokens = BURST, .tokens_at = now };
}

void breaker_note(struct breaker *breaker, int64_t now, bool down, int64_t random)
{
	if (breaker->open && !down) {
		breaker_close(breaker, now);
		return;
	}
	breaker->failures = breaker->failures << 1 | down;
	if (breaker->calls < BREAKER_WINDOW)
		breaker->calls++;
	if (breaker->open) {
		breaker->probes++;
		plan_probe(breaker, now, random);
	} else if (breaker->calls >= BREAKER_LEAST && count_failures(breaker) * 100 >= breaker->calls * BREAKER_PERCENT) {
		breaker->open = true;
		breaker->probes = 0;
		plan_probe(breaker, now, random);
	}
}

/* Calls a second that the slow start allows, 0: it is over. */
static int64_t start_rate(const struct breaker *breaker, int64_t now)
{
	if (breaker->closed_at == 0)
		return 0;
	int64_t past_flat = now - breaker->closed_at - START_FLAT_MS;
	int64_t doublings = past_flat > 0 ? past_flat / START_DOUBLING_MS + 1 : 0;
	return doublings >= START_DOUBLINGS ? 0 : (int64_t)START_RATE << doublings;
}

bool breaker_take(struct breaker *breaker, int64_t now)
{
	if (breaker->open) {
		if (now < breaker->next_probe_at)
			return false;
		/* Should the probe never come back, another may go when a whole time-out has passed. */
		breaker->next_probe_at = now + PROBE_MAX_MS;
		return true;
	}
	int64_t rate = start_rate(breaker, now);
	if (rate == 0)
		return true;
	breaker->tokens += (double)((now - breaker->tokens_at) * rate) / 1000.0;
	breaker->tokens_at = now;
	if (breaker->tokens > BURST)
		breaker->tokens = BURST;
	if (breaker->tokens < 1.0)
		return false;
	breaker->tokens -= 1.0;
	return true;
}

int64_t breaker_retry_at(const struct breaker *breaker, int64_t now)
{
	int64_t rate = start_rate(breaker, now);
	if (breaker->open)
		return breaker->next_probe_at;
	return rate > 0 ? now + 1000 / rate + 1 : now;
}

const char *breaker_state(const struct breaker *breaker, int64_t now)
{
	if (breaker->open)
		return "open";
	return start_rate(breaker, now) > 0 ? "recovering" : "closed";
}
