/*
 * Zones by way of TZ and the C library; the last one set stays set, so that runs of equal zones are cheap.
 * Ownership: one static name of the current zone.
 */
#include "tests/sandbox/tz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TZ_DATABASE "/usr/share/zoneinfo"

static char tz_current[72];

static void tz_use(const char *zone)
{
	size_t len = strnlen(zone, sizeof tz_current - 1);

	if (strcmp(tz_current, zone) == 0)
		return;
	memcpy(tz_current, zone, len);
	tz_current[len] = '\0';
	setenv("TZ", zone, 1);
	tzset();
}

bool tz_is_known(const char *zone)
{
	char path[128];
	struct stat file;

	if (zone[0] == '\0' || strlen(zone) > 64 || zone[0] == '/' || strstr(zone, "..") != NULL)
		return false;
	if (zone[strspn(zone, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/")] != '\0')
		return false;
	if (strcmp(zone, "UTC") == 0 || access(TZ_DATABASE "/UTC", R_OK) != 0)
		return true;
	snprintf(path, sizeof path, TZ_DATABASE "/%s", zone);
	return stat(path, &file) == 0 && S_ISREG(file.st_mode);
}

/* Reads `count` digits at *at. */
static bool tz_digits(const char **at, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool tz_char(const char **at, const char *any)
{
	if (**at == '\0' || strchr(any, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

static bool tz_read_day(const char **at, struct tm *tm)
{
	static const int days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day;
	bool leap;

	if (!tz_digits(at, 4, &year) || !tz_char(at, "-") || !tz_digits(at, 2, &month) || !tz_char(at, "-") ||
	    !tz_digits(at, 2, &day))
		return false;
	if (year < 1900 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (month == 2 && day == 29 && !leap)
		return false;
	memset(tm, 0, sizeof *tm);
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	tm->tm_isdst = -1;
	return true;
}

static bool tz_read_clock(const char **at, struct tm *tm, int *fraction_ms)
{
	int digit;
	int scale = 100;

	*fraction_ms = 0;
	if (!tz_char(at, "Tt") || !tz_digits(at, 2, &tm->tm_hour) || !tz_char(at, ":") ||
	    !tz_digits(at, 2, &tm->tm_min) || !tz_char(at, ":") || !tz_digits(at, 2, &tm->tm_sec))
		return false;
	if (tm->tm_hour > 23 || tm->tm_min > 59 || tm->tm_sec > 60)
		return false;
	if (!tz_char(at, "."))
		return true;
	if (!tz_digits(at, 1, &digit))
		return false;
	do {
		*fraction_ms += digit * scale;
		scale /= 10;
	} while (tz_digits(at, 1, &digit));
	return true;
}

static int64_t tz_to_ms(struct tm *tm, const char *zone)
{
	tz_use(zone);
	return (int64_t)mktime(tm) * 1000;
}

bool tz_parse_time(const char *text, const char *zone, int64_t *ms)
{
	struct tm tm;
	int fraction, hours, minutes;
	bool negative;

	if (!tz_read_day(&text, &tm) || !tz_read_clock(&text, &tm, &fraction))
		return false;
	if (*text == '\0') {
		if (zone == NULL)
			return false;
		*ms = tz_to_ms(&tm, zone) + fraction;
		return true;
	}
	*ms = (int64_t)timegm(&tm) * 1000 + fraction;
	if (tz_char(&text, "Zz"))
		return *text == '\0';
	negative = *text == '-';
	if (!tz_char(&text, "+-") || !tz_digits(&text, 2, &hours) || !tz_char(&text, ":") ||
	    !tz_digits(&text, 2, &minutes) || *text != '\0' || hours > 23 || minutes > 59)
		return false;
	*ms += (int64_t)(hours * 60 + minutes) * (negative ? 60000 : -60000);
	return true;
}

bool tz_parse_date(const char *text, const char *zone, int64_t *ms)
{
	struct tm tm;

	if (!tz_read_day(&text, &tm) || *text != '\0')
		return false;
	*ms = tz_to_ms(&tm, zone);
	return true;
}

static void tz_split(int64_t ms, const char *zone, struct tm *tm)
{
	time_t seconds = (time_t)((ms - (ms < 0 ? 999 : 0)) / 1000);

	tz_use(zone);
	if (localtime_r(&seconds, tm) == NULL)
		memset(tm, 0, sizeof *tm);
}

void tz_format(int64_t ms, const char *zone, char out[40])
{
	struct tm tm;
	long minutes;
	size_t len;

	tz_split(ms, zone, &tm);
	len = strftime(out, 24, "%Y-%m-%dT%H:%M:%S", &tm);
	minutes = tm.tm_gmtoff / 60;
	if (strcmp(zone, "UTC") == 0)
		snprintf(out + len, 40 - len, "Z");
	else
		snprintf(out + len, 40 - len, "%c%02ld:%02ld", minutes < 0 ? '-' : '+', labs(minutes) / 60 % 100,
		         labs(minutes) % 60);
}

void tz_format_date(int64_t ms, const char *zone, char out[16])
{
	struct tm tm;

	tz_split(ms, zone, &tm);
	if (strftime(out, 16, "%Y-%m-%d", &tm) == 0)
		out[0] = '\0';
}
