/* Instants and spans as people read them. */
#include "tui/when.h"

#include <stdio.h>
#include <time.h>

const char *when_span(int64_t ms, char *out, size_t size)
{
	long long minutes = ms < 0 ? 0 : (long long)(ms / 60000);
	if (minutes < 1)
		(void)snprintf(out, size, "<1m");
	else if (minutes < 60)
		(void)snprintf(out, size, "%lldm", minutes);
	else if (minutes < 24LL * 60)
		(void)snprintf(out, size, minutes % 60 ? "%lldh %lldm" : "%lldh", minutes / 60, minutes % 60);
	else if (minutes < 100LL * 24 * 60)
		(void)snprintf(out, size, minutes / 60 % 24 ? "%lldd %lldh" : "%lldd", minutes / 1440, minutes / 60 % 24);
	else
		(void)snprintf(out, size, "%lldd", minutes / 1440);
	return out;
}

const char *when_ago(int64_t at, int64_t now, char *out, size_t size)
{
	char span[32];
	(void)snprintf(out, size, "%s ago", when_span(now - at, span, sizeof span));
	return out;
}

const char *when_until(int64_t at, int64_t now, char *out, size_t size)
{
	char span[32];
	if (at < now)
		return when_ago(at, now, out, size);
	(void)snprintf(out, size, "in %s", when_span(at - now, span, sizeof span));
	return out;
}

static const struct tm *local(int64_t at, struct tm *parts)
{
	time_t seconds = (time_t)(at / 1000);
	if (!localtime_r(&seconds, parts))
		*parts = (struct tm){ .tm_mday = 1 };
	return parts;
}

const char *when_local(int64_t at, char *out, size_t size)
{
	struct tm parts;
	if (strftime(out, size, "%e %b %H:%M %Z", local(at, &parts)) == 0)
		out[0] = '\0';
	return out;
}

const char *when_clock(int64_t at, char *out, size_t size)
{
	struct tm parts;
	if (strftime(out, size, "%H:%M:%S", local(at, &parts)) == 0)
		out[0] = '\0';
	return out;
}
