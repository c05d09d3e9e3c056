/* The head of a request that a browser sends us, parsed strictly (RFC 9112): pure, so that it can be fuzzed.
 *
 * What our one use has no need for is refused: bodies, transfer codings, absolute-form, folded lines, bare line feeds. */
#ifndef DAEMON_HTTP_REQUEST_HEAD_H
#define DAEMON_HTTP_REQUEST_HEAD_H

#include <stdbool.h>
#include <stddef.h>

enum { REQUEST_HEAD_MAX = 8 << 10, REQUEST_HEADERS_MAX = 50 };

/* Texts point into the parsed bytes, which were cut up with NULs. */
struct request_head {
	const char *path;  /* begins with a single '/' */
	const char *query; /* as sent, NULL without a '?' */
	const char *host;  /* never NULL after success */
	bool wants_json;   /* Accept names application/json and not text/html */
};

/* Looks at what came so far (len bytes, a NUL after them). Returns 0 when more is needed, 200 when the head is complete and
 * *out filled, else the status to refuse it with. 0 leaves the bytes as they are. */
int request_head_parse(char *bytes, size_t len, struct request_head *out);

#endif
