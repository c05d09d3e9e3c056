/*
 * Writing replies: the right way, and the wrong ways that faults ask for.
 * Ownership: an answered request is freed here; replies stay the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/http_conn.h"
#include "tests/sandbox/mem.h"

#define HUGE_PIECE 65536U

static const char huge_start[] = "{\"kind\":\"sandbox#huge\",\"padding\":\"";
static const char huge_end[] = "\"}";

static const char *http_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{ 200, "OK" },
		{ 204, "No Content" },
		{ 302, "Found" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (texts[i].status == status)
			return texts[i].text;
	}
	return "Status";
}

void http_reply_header(struct http_reply *reply, const char *name, const char *value)
{
	char *longer = mem_print("%s%s: %s\r\n", reply->headers == NULL ? "" : reply->headers, name, value);
	char *at = longer + (reply->headers == NULL ? 0 : strlen(reply->headers));
	char *to = at;

	for (; *at != '\0'; at++) {
		if ((*at != '\r' && *at != '\n') || at[1] == '\0' || (*at == '\r' && at[2] == '\0'))
			*to++ = *at;
	}
	*to = '\0';
	free(reply->headers);
	reply->headers = longer;
}

void http_reply_free(struct http_reply *reply)
{
	free(reply->body);
	free(reply->headers);
	memset(reply, 0, sizeof *reply);
}

static void http_write_head(struct http_conn *conn, const struct http_reply *reply, const char *framing)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	char date[32];

	clock_format_http(clock_wall_ms() + reply->date_shift_ms, date);
	evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\nServer: almanac-sandbox\r\n", reply->status,
	                    http_status_text(reply->status), date);
	if (reply->content_type != NULL)
		evbuffer_add_printf(out, "Content-Type: %s\r\n", reply->content_type);
	if (reply->headers != NULL)
		evbuffer_add(out, reply->headers, strlen(reply->headers));
	evbuffer_add_printf(out, "%s%s\r\n", framing, conn->keep_alive ? "" : "Connection: close\r\n");
}

static bool http_has_body(const struct http_conn *conn, const struct http_reply *reply)
{
	if (conn->request != NULL && strcmp(conn->request->head.method, "HEAD") == 0)
		return false;
	return reply->status != 204 && reply->status != 304;
}

/* After an answer: the next request, or the end once all is sent. */
static void http_finish(struct http_conn *conn)
{
	http_conn_end_request(conn);
	conn->state = HTTP_READ_HEAD;
	if (!conn->keep_alive)
		conn->close_when_sent = true;
	if (!conn->processing)
		bufferevent_trigger(conn->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void http_answer(struct http_request *request, const struct http_reply *reply)
{
	struct http_conn *conn = request->conn;
	char framing[64] = "";

	if (reply->status != 204 && reply->status != 304)
		snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", reply->body_len);
	http_write_head(conn, reply, framing);
	if (http_has_body(conn, reply) && reply->body_len > 0)
		evbuffer_add(bufferevent_get_output(conn->bev), reply->body, reply->body_len);
	http_finish(conn);
}

void http_answer_truncated(struct http_request *request, const struct http_reply *reply, size_t sent)
{
	struct http_conn *conn = request->conn;
	size_t declared = reply->body_len == 0 ? 1 : reply->body_len;
	char framing[64];

	if (sent >= declared)
		sent = declared - 1;
	conn->keep_alive = true;
	snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", declared);
	http_write_head(conn, reply, framing);
	if (sent > 0)
		evbuffer_add(bufferevent_get_output(conn->bev), reply->body, sent);
	conn->keep_alive = false;
	http_finish(conn);
}

bool http_huge_continue(struct http_conn *conn)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);
	char piece[4096];

	memset(piece, 'x', sizeof piece);
	while (conn->huge_left > 0 && evbuffer_get_length(out) < HUGE_PIECE) {
		size_t part = conn->huge_left < sizeof piece ? (size_t)conn->huge_left : sizeof piece;

		conn->huge_left -= part;
		evbuffer_add_printf(out, "%zx\r\n", part);
		evbuffer_add(out, piece, part);
		evbuffer_add(out, "\r\n", 2);
	}
	if (conn->huge_left > 0)
		return false;
	evbuffer_add_printf(out, "%zx\r\n%s\r\n0\r\n\r\n", sizeof huge_end - 1, huge_end);
	http_finish(conn);
	return true;
}

void http_answer_huge(struct http_request *request, const struct http_reply *reply, uint64_t size)
{
	struct http_conn *conn = request->conn;
	uint64_t frame = sizeof huge_start + sizeof huge_end - 2;

	http_write_head(conn, reply, "Transfer-Encoding: chunked\r\n");
	evbuffer_add_printf(bufferevent_get_output(conn->bev), "%zx\r\n%s\r\n", sizeof huge_start - 1, huge_start);
	conn->huge_left = size > frame ? size - frame : 0;
	conn->state = HTTP_HUGE;
	http_huge_continue(conn);
}

void http_answer_nothing(struct http_request *request)
{
	struct http_conn *conn = request->conn;

	conn->keep_alive = false;
	http_finish(conn);
}

void http_answer_reset(struct http_request *request)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct http_conn *conn = request->conn;

	setsockopt(bufferevent_getfd(conn->bev), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	http_conn_close(conn);
}

void http_answer_never(struct http_request *request)
{
	struct http_conn *conn = request->conn;

	conn->state = HTTP_HANGING;
	if (conn->at_eof)
		http_conn_close(conn);
}

void http_answer_refusal(struct http_conn *conn, int status)
{
	struct http_reply reply = { .status = status, .content_type = "text/html; charset=UTF-8" };
	char framing[64];

	reply.body = mem_print("<html><title>Error %d</title><p>%d. That is an error.</p></html>\n", status, status);
	snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", strlen(reply.body));
	conn->keep_alive = false;
	http_write_head(conn, &reply, framing);
	evbuffer_add(bufferevent_get_output(conn->bev), reply.body, strlen(reply.body));
	http_reply_free(&reply);
	http_finish(conn);
}
