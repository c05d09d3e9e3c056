/*
 * The server: accepting connections and reading requests (lengths, chunks, pipelining).
 * Ownership: the server owns its connections, a connection its request until it is answered.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "tests/sandbox/http_conn.h"
#include "tests/sandbox/mem.h"

#define HTTP_HEAD_MAX 65536U
#define HTTP_BODY_MAX (4U * 1024 * 1024)
#define HTTP_UNSENT_MAX (4U * 1024 * 1024)

/* Our side is over; what the client still sends is read and dropped, so that it gets our last bytes. */
static void http_conn_start_drain(struct http_conn *conn)
{
	struct timeval patience = { .tv_sec = 5, .tv_usec = 0 };

	conn->state = HTTP_DRAIN;
	shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
	bufferevent_set_timeouts(conn->bev, &patience, NULL);
	if (conn->at_eof)
		http_conn_close(conn);
}

static void http_conn_deliver(struct http_conn *conn)
{
	conn->state = HTTP_BUSY;
	conn->keep_alive = conn->request->head.keep_alive;
	conn->server->receive(conn->server->arg, conn->request);
}

/* Each step below returns false when it needs more bytes. */
static bool http_step_head(struct http_conn *conn, struct evbuffer *in)
{
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	struct http_request *request;
	char *block;
	int status;

	if (end.pos > (ssize_t)HTTP_HEAD_MAX || (end.pos < 0 && evbuffer_get_length(in) > HTTP_HEAD_MAX)) {
		http_answer_refusal(conn, 431);
		return true;
	}
	if (end.pos < 0)
		return false;
	block = mem_alloc((size_t)end.pos + 1);
	evbuffer_remove(in, block, (size_t)end.pos);
	evbuffer_drain(in, 4);
	request = mem_alloc(sizeof *request);
	request->conn = conn;
	conn->request = request;
	conn->body_capacity = 0;
	status = http_parse_head(&request->head, block, (size_t)end.pos);
	if (status == 0 && request->head.content_length > HTTP_BODY_MAX)
		status = 413;
	if (status != 0) {
		http_answer_refusal(conn, status);
		return true;
	}
	if (request->head.expects_continue)
		evbuffer_add_printf(bufferevent_get_output(conn->bev), "HTTP/1.1 100 Continue\r\n\r\n");
	conn->state = request->head.chunked ? HTTP_READ_CHUNK_SIZE : HTTP_READ_BODY;
	return true;
}

static bool http_step_body(struct http_conn *conn, struct evbuffer *in)
{
	struct http_request *request = conn->request;
	size_t len = request->head.content_length;

	if (evbuffer_get_length(in) < len)
		return false;
	request->body = mem_alloc(len + 1);
	request->body_len = len;
	evbuffer_remove(in, request->body, len);
	http_conn_deliver(conn);
	return true;
}

static bool http_step_chunk_size(struct http_conn *conn, struct evbuffer *in)
{
	char *line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF_STRICT);
	bool good;

	if (line == NULL) {
		if (evbuffer_get_length(in) <= 1024)
			return false;
		http_answer_refusal(conn, 400);
		return true;
	}
	good = http_parse_chunk_size(line, HTTP_BODY_MAX - conn->request->body_len, &conn->chunk_left);
	free(line);
	if (!good)
		http_answer_refusal(conn, 413);
	else
		conn->state = conn->chunk_left == 0 ? HTTP_READ_TRAILER : HTTP_READ_CHUNK_DATA;
	return true;
}

static bool http_step_chunk_data(struct http_conn *conn, struct evbuffer *in)
{
	struct http_request *request = conn->request;
	char ends[2];

	if (evbuffer_get_length(in) < conn->chunk_left + 2)
		return false;
	while (conn->body_capacity < request->body_len + conn->chunk_left + 1)
		request->body = mem_grow(request->body, conn->body_capacity, &conn->body_capacity, 1);
	evbuffer_remove(in, request->body + request->body_len, conn->chunk_left);
	request->body_len += conn->chunk_left;
	request->body[request->body_len] = '\0';
	evbuffer_remove(in, ends, 2);
	if (ends[0] != '\r' || ends[1] != '\n')
		http_answer_refusal(conn, 400);
	else
		conn->state = HTTP_READ_CHUNK_SIZE;
	return true;
}

static bool http_step_trailer(struct http_conn *conn, struct evbuffer *in)
{
	size_t len = 0;
	char *line = evbuffer_readln(in, &len, EVBUFFER_EOL_CRLF_STRICT);

	if (line == NULL) {
		if (evbuffer_get_length(in) <= HTTP_HEAD_MAX)
			return false;
		http_answer_refusal(conn, 431);
		return true;
	}
	free(line);
	if (len > 0)
		return true;
	if (conn->request->body == NULL)
		conn->request->body = mem_alloc(1);
	http_conn_deliver(conn);
	return true;
}

static bool http_conn_step(struct http_conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);

	switch (conn->state) {
	case HTTP_READ_HEAD: return http_step_head(conn, in);
	case HTTP_READ_BODY: return http_step_body(conn, in);
	case HTTP_READ_CHUNK_SIZE: return http_step_chunk_size(conn, in);
	case HTTP_READ_CHUNK_DATA: return http_step_chunk_data(conn, in);
	case HTTP_READ_TRAILER: return http_step_trailer(conn, in);
	case HTTP_BUSY:
	case HTTP_HANGING:
	case HTTP_HUGE: break;
	case HTTP_DRAIN: evbuffer_drain(in, evbuffer_get_length(in)); break;
	}
	return false;
}

/* Reads as many requests as there are; then sees whether the connection is over. */
static void http_conn_process(struct http_conn *conn)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);

	conn->processing = true;
	while (!conn->doomed && !conn->close_when_sent && evbuffer_get_length(out) < HTTP_UNSENT_MAX) {
		if (!http_conn_step(conn))
			break;
	}
	conn->processing = false;
	if (conn->doomed) {
		http_conn_close(conn);
		return;
	}
	if (conn->state == HTTP_DRAIN || evbuffer_get_length(out) > 0)
		return;
	if (conn->close_when_sent || (conn->at_eof && conn->state < HTTP_BUSY))
		http_conn_start_drain(conn);
}

static void http_on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	http_conn_process(arg);
}

static void http_on_sent(struct bufferevent *bev, void *arg)
{
	struct http_conn *conn = arg;

	(void)bev;
	if (conn->state == HTTP_HUGE && !http_huge_continue(conn))
		return;
	http_conn_process(conn);
}

static void http_on_event(struct bufferevent *bev, short what, void *arg)
{
	struct http_conn *conn = arg;

	(void)bev;
	if ((what & BEV_EVENT_EOF) == 0 || conn->state == HTTP_DRAIN || conn->state == HTTP_HANGING) {
		http_conn_close(conn);
		return;
	}
	conn->at_eof = true;
	http_conn_process(conn);
}

static void http_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int peer_len,
                           void *arg)
{
	struct http_server *server = arg;
	struct http_conn *conn = mem_alloc(sizeof *conn);
	int on = 1;

	(void)listener;
	(void)peer;
	(void)peer_len;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	conn->server = server;
	conn->keep_alive = true;
	conn->bev = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (conn->bev == NULL) {
		evutil_closesocket(fd);
		free(conn);
		return;
	}
	conn->next = server->conns;
	if (conn->next != NULL)
		conn->next->previous = conn;
	server->conns = conn;
	bufferevent_setcb(conn->bev, http_on_read, http_on_sent, http_on_event, conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, HTTP_BODY_MAX * 2);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}

/* Out of descriptors: wait for the next loop instead of ending. */
static void http_on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)listener;
	(void)arg;
}

struct http_server *http_server_new(struct event_base *base, uint16_t port, http_receive_fn *receive, void *arg)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct http_server *server = mem_alloc(sizeof *server);
	socklen_t len = sizeof address;
	int failure;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->base = base;
	server->receive = receive;
	server->arg = arg;
	server->listener = evconnlistener_new_bind(base, http_on_accept, server,
	                                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
	                                           1024, (struct sockaddr *)&address, (int)sizeof address);
	if (server->listener == NULL) {
		failure = errno;
		free(server);
		errno = failure;
		return NULL;
	}
	evconnlistener_set_error_cb(server->listener, http_on_accept_error);
	getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address, &len);
	server->port = ntohs(address.sin_port);
	return server;
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

struct http_counts http_server_counts(const struct http_server *server)
{
	return server->counts;
}

void http_request_count(struct http_request *request)
{
	struct http_conn *conn = request->conn;
	struct http_counts *counts = &conn->server->counts;

	request->counted = true;
	counts->in_flight++;
	if (counts->in_flight > counts->peak_in_flight)
		counts->peak_in_flight = counts->in_flight;
	if (!conn->counted)
		counts->connections++;
	conn->counted = true;
}

void http_server_clear_counts(struct http_server *server)
{
	server->counts.connections = 0;
	server->counts.peak_in_flight = server->counts.in_flight;
}

void http_server_free(struct http_server *server)
{
	while (server->conns != NULL)
		http_conn_close(server->conns);
	evconnlistener_free(server->listener);
	free(server);
}
