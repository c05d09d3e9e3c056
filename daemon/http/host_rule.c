/* Which Host headers mean us. */
#include "daemon/http/host_rule.h"

#include "ipc/base/strutil.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool host_rule_from_url(struct host_rule *out, const char *url)
{
	bool plain = str_starts_with(url, "http://");
	if (!plain && !str_starts_with(url, "https://"))
		return false;
	int64_t own_port = plain ? 80 : 443, port = own_port;
	const char *host = url + (plain ? 7 : 8);
	size_t len = strcspn(host, "/?#");
	char authority[HOST_RULE_SIZE];
	if (len >= sizeof authority - sizeof ":65535" || memchr(host, '@', len))
		return false;
	(void)snprintf(authority, sizeof authority, "%.*s", (int)len, host);
	/* The colons of an IPv6 address stand within its brackets. */
	char *bracket = strrchr(authority, ']'), *colon = strchr(bracket ? bracket : authority, ':');
	if (colon) {
		*colon = '\0';
		if (!str_to_int64(colon + 1, 1, 65535, &port))
			return false;
	}
	if (authority[0] == '\0')
		return false;
	*out = (struct host_rule){ 0 };
	(void)snprintf(out->with_port, sizeof out->with_port, "%.*s:%d", (int)(sizeof authority - sizeof ":65535"), authority,
	               (int)port);
	if (port == own_port)
		(void)str_copy(out->bare, sizeof out->bare, authority);
	return true;
}

bool host_rule_matches(const struct host_rule *rule, const char *host)
{
	return host[0] && (strcasecmp(rule->with_port, host) == 0 || strcasecmp(rule->bare, host) == 0);
}
