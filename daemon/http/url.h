/* URLs that the client may be sent to. Inside daemon/http only. */
#ifndef DAEMON_HTTP_URL_H
#define DAEMON_HTTP_URL_H

#include "ipc/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct url_parts {
	size_t origin_len; /* of "https://host:port", the text that says where requests go */
	bool plain;        /* http, which only loopback may have */
};
/* Checks as http_url_check (client.h) says; parts may be NULL. */
int url_split(const char *url, struct url_parts *parts, struct err *err);

#endif
