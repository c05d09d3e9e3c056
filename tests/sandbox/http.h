/* A small HTTP/1.1 server on loopback, whose replies can go wrong in every way a real one's can. */
#ifndef TESTS_SANDBOX_HTTP_H
#define TESTS_SANDBOX_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sandbox/http_parse.h"

struct event_base;
struct http_server;
struct http_conn;

/* A request; alive until one of the http_answer functions is called or its connection ends. */
struct http_request {
	struct http_head head;
	char *body; /* NUL-terminated */
	size_t body_len;
	struct http_conn *conn;
	bool counted;
	void *attachment;                  /* of the receiver */
	void (*attachment_free)(void *it); /* called when the request ends, if set */
};

/* A reply; http_reply_free() frees what it owns. */
struct http_reply {
	int status;
	const char *content_type; /* not owned; NULL for none */
	char *body;               /* owned */
	size_t body_len;
	char *headers;         /* owned: further lines, each with CRLF */
	int64_t date_shift_ms; /* how wrong the Date header is */
};

struct http_counts {
	uint64_t connections; /* that brought a counted request */
	uint64_t in_flight;
	uint64_t peak_in_flight;
};

typedef void http_receive_fn(void *arg, struct http_request *request);

/* Listens on 127.0.0.1:port (0: a free one). NULL with errno set if it cannot. */
struct http_server *http_server_new(struct event_base *base, uint16_t port, http_receive_fn *receive, void *arg);

uint16_t http_server_port(const struct http_server *server);

struct http_counts http_server_counts(const struct http_server *server);

/* Takes this request and its connection into the counts. */
void http_request_count(struct http_request *request);

/* Forgets the counts, except of requests still unanswered. */
void http_server_clear_counts(struct http_server *server);

/* Ends all connections and requests. */
void http_server_free(struct http_server *server);

/* Adds a header line to a reply; line breaks inside `value` are left out. */
void http_reply_header(struct http_reply *reply, const char *name, const char *value);

void http_reply_free(struct http_reply *reply);

/* The reply as it should be. */
void http_answer(struct http_request *request, const struct http_reply *reply);

/* At most `sent` bytes of the body, and always fewer than Content-Length says; then the end of the connection. */
void http_answer_truncated(struct http_request *request, const struct http_reply *reply, size_t sent);

/* A chunked JSON body of `size` bytes instead of the reply's own. */
void http_answer_huge(struct http_request *request, const struct http_reply *reply, uint64_t size);

/* Closes the connection without a word. */
void http_answer_nothing(struct http_request *request);

/* Resets the connection (RST). */
void http_answer_reset(struct http_request *request);

/* Leaves the client waiting until it goes away. */
void http_answer_never(struct http_request *request);

#endif
