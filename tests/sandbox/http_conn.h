/* What http_server.c (reading), http_answer.c (writing) and http_conn.c (ending) share; nobody else includes this. */
#ifndef TESTS_SANDBOX_HTTP_CONN_H
#define TESTS_SANDBOX_HTTP_CONN_H

#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "tests/sandbox/http.h"

enum http_state {
	HTTP_READ_HEAD,
	HTTP_READ_BODY,
	HTTP_READ_CHUNK_SIZE,
	HTTP_READ_CHUNK_DATA,
	HTTP_READ_TRAILER,
	HTTP_BUSY,    /* the receiver has the request */
	HTTP_HANGING, /* the request will never be answered */
	HTTP_HUGE,    /* a huge body is on its way */
	HTTP_DRAIN    /* everything is sent and shut down; waits for the client's end */
};

struct http_conn {
	struct http_server *server;
	struct bufferevent *bev;
	struct http_conn *next, *previous;
	struct http_request *request;
	enum http_state state;
	size_t chunk_left;
	size_t body_capacity;
	uint64_t huge_left;
	bool keep_alive;
	bool close_when_sent;
	bool counted;
	bool at_eof;
	bool processing; /* http_conn_process() is on the stack */
	bool doomed;     /* free as soon as it is not */
};

struct http_server {
	struct event_base *base;
	struct evconnlistener *listener;
	struct http_conn *conns;
	http_receive_fn *receive;
	void *arg;
	struct http_counts counts;
	uint16_t port;
};

/* Frees the request of a connection and takes it out of the count. */
void http_conn_end_request(struct http_conn *conn);

/* Ends a connection now, or at the end of http_conn_process(). */
void http_conn_close(struct http_conn *conn);

/* Sends the rest of a huge body, as much as fits now; true once it is all written. */
bool http_huge_continue(struct http_conn *conn);

/* Writes a reply of the server's own, for requests that cannot be read. */
void http_answer_refusal(struct http_conn *conn, int status);

#endif
