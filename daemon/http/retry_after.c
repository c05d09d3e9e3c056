/* Date and Retry-After. */
#include "daemon/http/retry_after.h"

#include <curl/curl.h>
#include <string.h>

enum { RETRY_MIN_MS = 1000, RETRY_MAX_MS = 60 * 60 * 1000 };

bool http_date_parse(const char *text, int64_t *at_ms)
{
	/* curl_getdate takes bare numbers for dates, too. */
	if (strspn(text, "0123456789 .+-") == strlen(text))
		return false;
	time_t at = curl_getdate(text, NULL);
	if (at == -1)
		return false;
	*at_ms = (int64_t)at * 1000;
	return true;
}

static int64_t clamp(int64_t wait_ms)
{
	return wait_ms < RETRY_MIN_MS ? RETRY_MIN_MS : wait_ms > RETRY_MAX_MS ? RETRY_MAX_MS : wait_ms;
}

int64_t retry_after_parse(const char *text, int64_t now_ms)
{
	size_t digits = strspn(text, "0123456789");
	int64_t at_ms;
	if (digits > 0 && text[digits] == '\0') {
		int64_t seconds = 0;
		for (size_t i = 0; i < digits && seconds <= RETRY_MAX_MS; i++)
			seconds = seconds * 10 + (text[i] - '0');
		return clamp(seconds * 1000);
	}
	return http_date_parse(text, &at_ms) ? clamp(at_ms - now_ms) : 0;
}
