/* libcurl's multi socket interface on a libevent loop. Inside daemon/http only. */
#ifndef DAEMON_HTTP_CLIENT_MULTI_H
#define DAEMON_HTTP_CLIENT_MULTI_H

#include <curl/curl.h>
#include <event2/event.h>

struct client_multi;

/* Makes the multi handle. progress runs from the loop, outside of curl, whenever transfers may have ended.
 * NULL when libcurl cannot be started. */
struct client_multi *client_multi_new(struct event_base *base, int max_connections, void (*progress)(void *arg), void *arg);
/* All easy handles must have been removed. */
void client_multi_free(struct client_multi *multi);
CURLM *client_multi_handle(const struct client_multi *multi);

#endif
