/* What the listener answers: the OAuth callback, the short links, and whether the daemon is well. Nothing else. */
#ifndef DAEMON_RPC_HTTP_PAGES_H
#define DAEMON_RPC_HTTP_PAGES_H

#include "daemon/http/listener.h"

/* A listener_fn; app: struct app, which outlives the listener. */
void http_pages_answer(void *app, struct exchange *exchange);

#endif
