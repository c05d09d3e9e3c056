/* URLs of provider requests, built piece by piece. Everything but RFC 3986's unreserved characters is percent-encoded, so
 * no foreign text can reach the host, the path structure or a header line (SAFETY.md NET-5). */
#ifndef DAEMON_PROVIDER_URI_H
#define DAEMON_PROVIDER_URI_H

#include "ipc/base/buf.h"

#include <stdbool.h>

/* Append name=value, after '?' or '&' as the URL needs. */
void uri_add_query(struct buf *url, const char *name, const char *value);
/* Append '/' and one path segment. False, and nothing added, for "", "." and "..": clients resolve the dots away, and that
 * would address another resource. */
bool uri_add_segment(struct buf *url, const char *segment);

#endif
