/* Time zones and RFC 3339: the zone database of the machine does the arithmetic. */
#ifndef TESTS_SANDBOX_TZ_H
#define TESTS_SANDBOX_TZ_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the zone database knows the name (without a database: any plausible name). */
bool tz_is_known(const char *zone);

/* Parses `YYYY-MM-DDTHH:MM:SS[.f](Z|±HH:MM)`; without an offset the local time of `zone` (NULL: refused). */
bool tz_parse_time(const char *text, const char *zone, int64_t *ms);

/* Midnight in `zone` at the start of a day `YYYY-MM-DD`. */
bool tz_parse_date(const char *text, const char *zone, int64_t *ms);

/* RFC 3339 in `zone` with its offset; UTC is written with `Z`. */
void tz_format(int64_t ms, const char *zone, char out[40]);

/* The day in `zone`, `YYYY-MM-DD`. */
void tz_format_date(int64_t ms, const char *zone, char out[16]);

#endif
