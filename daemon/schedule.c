/* When things run. */
#include "daemon/schedule.h"

#include "daemon/http/classify.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

enum { NEIGHBOURS = 64, ATTEMPTS_MAX = 20 };

int64_t schedule_spread(int64_t number, int64_t width)
{
	/* splitmix64: every bit of the input reaches every bit of the output. */
	uint64_t x = (uint64_t)(number / NEIGHBOURS) + 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return width > 0 ? (int64_t)(x % (uint64_t)width) : 0;
}

int64_t schedule_refresh_at(int64_t issued_at, int64_t expires_at, int64_t number)
{
	int64_t early = expires_at - 10 * MINUTE - schedule_spread(number, 5 * MINUTE);
	int64_t half_life = issued_at + (expires_at - issued_at) / 2;
	return early > half_life ? early : half_life;
}

int64_t schedule_first(int64_t now, int64_t interval, int64_t number)
{
	return now + interval / 2 + schedule_spread(number, interval / 2);
}

int64_t schedule_after_failure(int64_t now, enum retry_kind retry, int64_t attempts, int64_t retry_after_ms, int64_t interval,
                               int64_t random, const char **why)
{
	int tries = attempts > ATTEMPTS_MAX ? ATTEMPTS_MAX : attempts > 0 ? (int)attempts - 1 : 0;
	*why = retry_after_ms > 0 ? "retry_after" : "backoff";
	switch (retry) {
	case RETRY_NOW:
		return now + SECOND;
	case RETRY_BACKOFF:
		return now + SECOND + classify_backoff_ms(tries, retry_after_ms, random);
	case RETRY_SLOW:
		return now + 10 * MINUTE + random % MINUTE;
	case RETRY_HOURS:
		return now + (retry_after_ms > 4 * HOUR ? retry_after_ms : 4 * HOUR) + random % HOUR;
	case RETRY_DAILY:
	case RETRY_NEVER:
		/* A person must act; one look a day notices that somebody did. */
		return now + (interval > DAY ? interval : DAY) + random % HOUR;
	}
	return now + interval;
}
