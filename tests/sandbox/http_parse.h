/* One HTTP/1.1 request: its head, parsed strictly. */
#ifndef TESTS_SANDBOX_HTTP_PARSE_H
#define TESTS_SANDBOX_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEADERS_MAX 64

struct http_header {
	char *name;
	char *value;
};

struct http_head {
	char *block; /* owns all texts below */
	const char *method;
	const char *path;  /* still percent-encoded, begins with a slash */
	const char *query; /* without the question mark; may be empty */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	size_t content_length;
	bool chunked;
	bool keep_alive;
	bool expects_continue;
};

/* Parses the `len` bytes up to the empty line; takes the NUL-terminated `block` over. 0, or the status to refuse with. */
int http_parse_head(struct http_head *head, char *block, size_t len);

/* The value of a header (any case of letters), or NULL. */
const char *http_head_get(const struct http_head *head, const char *name);

/* Parses the line that begins a chunk; false if malformed or above `limit`. */
bool http_parse_chunk_size(const char *line, size_t limit, size_t *size);

void http_head_free(struct http_head *head);

#endif
