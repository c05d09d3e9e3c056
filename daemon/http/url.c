/* URLs that the client may be sent to.
 *
 * The characters are checked here, the structure by curl's own parser, so that what is checked is what curl will use. */
#include "daemon/http/url.h"

#include "ipc/base/strutil.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 16 << 10 };

/* 127.0.0.0/8 as curl writes it after parsing, ::1, or the one name that means them. */
static bool host_is_loopback(const char *host)
{
	if (strcasecmp(host, "localhost") == 0 || str_equal(host, "[::1]"))
		return true;
	return str_starts_with(host, "127.") && host[strspn(host, "0123456789.")] == '\0';
}

static int structure_check(const char *url, bool plain, struct err *err)
{
	CURLU *parsed = curl_url();
	char *host = NULL;
	int rc = 0;
	if (!parsed)
		fatal("out of memory (a URL)");
	if (curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK || host[0] == '\0')
		rc = err_set(err, ERR_INVALID_PARAMS, "not a URL of the form https://host/path");
	else if (plain && !host_is_loopback(host))
		rc = err_set(err, ERR_INVALID_PARAMS, "a URL must begin with https:// (http:// only for this machine itself)");
	curl_free(host);
	curl_url_cleanup(parsed);
	return rc;
}

/* A path that leads upwards would change which operation is asked for, whoever resolves it. */
static bool path_climbs(const char *path)
{
	const char *at = path;
	while (*at == '/') {
		const char *segment = at + 1;
		size_t dots = 0, used = 0;
		for (;;) {
			if (segment[used] == '.')
				used++;
			else if (strncasecmp(segment + used, "%2e", 3) == 0)
				used += 3;
			else
				break;
			dots++;
		}
		size_t len = strcspn(segment, "/?");
		if (dots > 0 && dots <= 2 && used == len)
			return true;
		at = segment + len;
	}
	return false;
}

int url_split(const char *url, struct url_parts *parts, struct err *err)
{
	bool plain = str_starts_with(url, "http://");
	if (!plain && !str_starts_with(url, "https://"))
		return err_set(err, ERR_INVALID_PARAMS, "a URL must begin with https:// (http:// only for this machine itself)");
	size_t len = strlen(url);
	if (len > URL_MAX)
		return err_set(err, ERR_INVALID_PARAMS, "a URL may have at most %d bytes", URL_MAX);
	for (size_t i = 0; i < len; i++)
		if (url[i] <= ' ' || url[i] > '~' || strchr("\"<>\\^`{|}#", url[i]))
			return err_set(err, ERR_INVALID_PARAMS,
			               "a URL may not hold blanks, controls, fragments or characters outside ASCII");
	const char *authority = url + (plain ? 7 : 8);
	size_t authority_len = strcspn(authority, "/?");
	if (authority_len == 0 || memchr(authority, '@', authority_len))
		return err_set(err, ERR_INVALID_PARAMS, "a URL must name a host, and no user");
	if (path_climbs(authority + authority_len))
		return err_set(err, ERR_INVALID_PARAMS, "a URL may not hold `.` or `..` in its path");
	if (parts) {
		parts->origin_len = (size_t)(authority - url) + authority_len;
		parts->plain = plain;
	}
	return structure_check(url, plain, err);
}
