/* The two clocks of the machine, in milliseconds, and texts made of them. */
#ifndef TESTS_SANDBOX_CLOCK_H
#define TESTS_SANDBOX_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970, UTC. */
int64_t clock_wall_ms(void);

/* Milliseconds of a clock that never jumps. */
int64_t clock_steady_ms(void);

/* The Date header's form (RFC 9110, IMF-fixdate). */
void clock_format_http(int64_t wall_ms, char out[32]);

/* RFC 3339 in UTC with milliseconds and `Z`. */
void clock_format_utc(int64_t wall_ms, char out[32]);

#endif
