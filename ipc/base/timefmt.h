/* RFC 3339 text of an instant, and back. Instants are wall-clock milliseconds since the Unix epoch. */
#ifndef IPC_BASE_TIMEFMT_H
#define IPC_BASE_TIMEFMT_H

#include <stdbool.h>
#include <stdint.h>

#define TIME_TEXT_SIZE 32

/* "2026-11-22T14:13:49Z"; with milliseconds only where they are not zero: "…49.250Z". Years 0..9999. */
void time_format(char out[TIME_TEXT_SIZE], int64_t at_ms);
/* Any RFC 3339 date-time (offset or Z; fraction cut to milliseconds). False if it is not one; years 1970..9999. */
bool time_parse(const char *text, int64_t *at_ms);
/* Days since 1970-01-01 of a proleptic Gregorian date, and back (Hinnant, "chrono-compatible low-level date algorithms"). */
int64_t time_days_from_civil(int64_t year, int month, int day);
void time_civil_from_days(int64_t days, int64_t *year, int *month, int *day);

#endif
