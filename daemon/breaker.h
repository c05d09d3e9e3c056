/* The circuit breaker of a provider (CONTRACT.md section 6): when at least 30 % of the last 10 or more calls failed because the
 * provider is down, scheduled work stops but for one probe at a time. Once a probe succeeds, work comes back slowly.
 *
 * Pure: times are boot milliseconds and are handed in. What people ask for by hand does not ask the breaker. */
#ifndef DAEMON_BREAKER_H
#define DAEMON_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum { BREAKER_WINDOW = 20, BREAKER_LEAST = 10, BREAKER_PERCENT = 30 };

struct breaker {
	bool open;
	uint32_t failures;        /* bit i: the i-th last call failed */
	int calls;                /* of the window, at most BREAKER_WINDOW */
	int probes;               /* that failed since it opened */
	int64_t next_probe_at;
	int64_t closed_at;        /* when it last closed after being open, 0: never */
	double tokens;            /* of the slow start */
	int64_t tokens_at;
};

/* The outcome of a call: down tells that the provider could not be reached or said 5xx; any real answer is a success. random spreads
 * the probes. */
void breaker_note(struct breaker *breaker, int64_t now, bool down, int64_t random);
/* May a scheduled call start now? Takes the permission: a probe, or a place in the slow start. */
bool breaker_take(struct breaker *breaker, int64_t now);
/* When to ask again after a refusal. */
int64_t breaker_retry_at(const struct breaker *breaker, int64_t now);
/* closed | open | recovering, for health. */
const char *breaker_state(const struct breaker *breaker, int64_t now);

#endif
