/* Requests to providers and what came of them, as plain structs. */
#ifndef DAEMON_HTTP_MESSAGE_H
#define DAEMON_HTTP_MESSAGE_H

#include "daemon/vault/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_method { HTTP_GET, HTTP_POST, HTTP_PATCH, HTTP_DELETE };

struct http_request {
	enum http_method method;
	char *url;                    /* owned; never holds a secret */
	const char *content_type;     /* static text, NULL without a body */
	struct secret_buf body;       /* owned */
	struct secret *bearer;        /* owned reference, NULL: no Authorization header */
	char *if_match;               /* owned, NULL: none */
	size_t reply_max;             /* bytes of body; beyond it the reply is unreadable */
	int timeout_ms;               /* whole request; connecting has 10 s of it */
};
struct http_request *http_request_new(enum http_method method, const char *url, size_t reply_max);
void http_request_free(struct http_request *request);

enum { HTTP_REPLY_API_MAX = 8 << 20, HTTP_REPLY_TOKEN_MAX = 64 << 10, HTTP_TIMEOUT_MS = 30000 };

/* What the transport saw. Anything but HTTP_OK has no usable status and body. */
enum http_result {
	HTTP_OK,
	HTTP_ERR_RESOLVE, HTTP_ERR_CONNECT, HTTP_ERR_TLS, HTTP_ERR_TIMEOUT,
	HTTP_ERR_TOO_LARGE, HTTP_ERR_BROKEN /* reset, truncated, not HTTP */,
	HTTP_ERR_CANCELLED
};
const char *http_result_text(enum http_result result); /* "the name could not be resolved" */

struct http_response {
	enum http_result result;
	int status;
	struct secret_buf body;       /* may hold tokens: locked and wiped */
	int64_t retry_after_ms;       /* parsed Retry-After (seconds or HTTP date), clamped to [1 s, 1 h]; 0: none */
	int64_t date_skew_ms;         /* provider's Date − our wall clock; 0 without the header */
	bool has_date;
	int64_t elapsed_ms;
};
void http_response_clear(struct http_response *response);

#endif
