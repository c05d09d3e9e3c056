/* The two header fields of a reply that say something about time: Date and Retry-After (RFC 9110 sections 5.6.7, 10.2.3).
 * Inside daemon/http only. */
#ifndef DAEMON_HTTP_RETRY_AFTER_H
#define DAEMON_HTTP_RETRY_AFTER_H

#include <stdbool.h>
#include <stdint.h>

/* An HTTP date in any of its three forms. */
bool http_date_parse(const char *text, int64_t *at_ms);
/* Seconds, or a date seen from now_ms (the provider's own Date, if it said one); clamped to [1 s, 1 h]. 0: neither. */
int64_t retry_after_parse(const char *text, int64_t now_ms);

#endif
