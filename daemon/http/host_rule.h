/* Which Host headers mean us (SAFETY.md HTTP-1: the defence against DNS rebinding). Inside daemon/http only. */
#ifndef DAEMON_HTTP_HOST_RULE_H
#define DAEMON_HTTP_HOST_RULE_H

#include <stdbool.h>

#define HOST_RULE_SIZE 272 /* a name of 255 bytes and a port */

/* Zero-initialised: nothing matches. */
struct host_rule {
	char with_port[HOST_RULE_SIZE];
	char bare[HOST_RULE_SIZE]; /* "" unless the port is the scheme's own */
};

/* host:port of "http://127.0.0.1:8710/…"; false if it is not of that form. */
bool host_rule_from_url(struct host_rule *out, const char *url);
bool host_rule_matches(const struct host_rule *rule, const char *host);

#endif
