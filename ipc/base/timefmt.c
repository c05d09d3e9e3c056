/* RFC 3339 text of an instant, and back. */
#include "ipc/base/timefmt.h"

#include <stdio.h>

int64_t time_days_from_civil(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void time_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int shifted = (int)((5 * day_of_year + 2) / 153);
	*day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
	*month = shifted + (shifted < 10 ? 3 : -9);
	*year = year_of_era + era * 400 + (*month <= 2);
}

void time_format(char out[TIME_TEXT_SIZE], int64_t at_ms)
{
	int64_t days = at_ms / 86400000;
	int64_t in_day = at_ms % 86400000;
	if (in_day < 0) {
		in_day += 86400000;
		days--;
	}
	int64_t year;
	int month, day;
	time_civil_from_days(days, &year, &month, &day);
	int seconds = (int)(in_day / 1000), ms = (int)(in_day % 1000);
	int len = snprintf(out, TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, month, day, seconds / 3600,
	                   seconds / 60 % 60, seconds % 60);
	if (ms)
		(void)snprintf(out + len, (size_t)(TIME_TEXT_SIZE - len), ".%03dZ", ms);
	else
		(void)snprintf(out + len, (size_t)(TIME_TEXT_SIZE - len), "Z");
}

/* Read exactly `width` digits; -1 if they are not there. */
static int read_digits(const char **at, int width)
{
	int value = 0;
	for (int i = 0; i < width; i++) {
		char c = (*at)[i];
		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
	}
	*at += width;
	return value;
}

static bool read_char(const char **at, char upper, char lower)
{
	if (**at != upper && **at != lower)
		return false;
	(*at)++;
	return true;
}

static bool read_offset(const char **at, int64_t *offset_ms)
{
	*offset_ms = 0;
	if (read_char(at, 'Z', 'z'))
		return true;
	char sign = **at;
	if (sign != '+' && sign != '-')
		return false;
	(*at)++;
	int hours = read_digits(at, 2);
	if (hours < 0 || hours > 23 || !read_char(at, ':', ':'))
		return false;
	int minutes = read_digits(at, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*offset_ms = (int64_t)(hours * 60 + minutes) * 60000 * (sign == '-' ? -1 : 1);
	return true;
}

static int read_fraction_ms(const char **at)
{
	int ms = 0, scale = 100;
	if (**at != '.')
		return 0;
	(*at)++;
	if (**at < '0' || **at > '9')
		return -1;
	for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
		ms += (**at - '0') * scale;
	return ms;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

bool time_parse(const char *text, int64_t *at_ms)
{
	const char *at = text;
	int year = read_digits(&at, 4);
	if (year < 1970 || !read_char(&at, '-', '-'))
		return false;
	int month = read_digits(&at, 2);
	if (month < 1 || month > 12 || !read_char(&at, '-', '-'))
		return false;
	int day = read_digits(&at, 2);
	if (day < 1 || day > days_in_month(year, month) || !read_char(&at, 'T', 't'))
		return false;
	int hour = read_digits(&at, 2);
	if (hour < 0 || hour > 23 || !read_char(&at, ':', ':'))
		return false;
	int minute = read_digits(&at, 2);
	if (minute < 0 || minute > 59 || !read_char(&at, ':', ':'))
		return false;
	int second = read_digits(&at, 2);
	if (second < 0 || second > 60)
		return false;
	int ms = read_fraction_ms(&at);
	int64_t offset;
	if (ms < 0 || !read_offset(&at, &offset) || *at != '\0')
		return false;
	int64_t days = time_days_from_civil(year, month, day);
	*at_ms = (days * 86400 + hour * 3600 + minute * 60 + second) * 1000 + ms - offset;
	return true;
}
