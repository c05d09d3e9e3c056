/*
 * Clocks. Nothing is owned.
 */
#include "tests/sandbox/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_read(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t clock_steady_ms(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

void clock_format_http(int64_t wall_ms, char out[32])
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm utc;

	out[0] = '\0';
	if (gmtime_r(&seconds, &utc) == NULL || utc.tm_year < -900 || utc.tm_year > 8000)
		return;
	snprintf(out, 32, "%s, %02d %s %d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday & 63, months[utc.tm_mon],
	         utc.tm_year + 1900, utc.tm_hour & 31, utc.tm_min & 63, utc.tm_sec & 63);
}

void clock_format_utc(int64_t wall_ms, char out[32])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm utc;
	size_t len;

	out[0] = '\0';
	if (gmtime_r(&seconds, &utc) == NULL)
		return;
	len = strftime(out, 24, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(out + len, 32 - len, ".%03dZ", (int)(wall_ms % 1000) & 1023);
}
