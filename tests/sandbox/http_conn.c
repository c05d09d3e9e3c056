/*
 * The end of requests and connections; the floor below reading (http_server.c) and writing (http_answer.c).
 * Ownership: see http_conn.h; both functions free.
 */
#include "tests/sandbox/http_conn.h"

#include <stdlib.h>

void http_conn_end_request(struct http_conn *conn)
{
	struct http_request *request = conn->request;

	if (request == NULL)
		return;
	if (request->counted)
		conn->server->counts.in_flight--;
	if (request->attachment_free != NULL)
		request->attachment_free(request->attachment);
	http_head_free(&request->head);
	free(request->body);
	free(request);
	conn->request = NULL;
}

void http_conn_close(struct http_conn *conn)
{
	if (conn->processing) {
		conn->doomed = true;
		return;
	}
	http_conn_end_request(conn);
	if (conn->previous != NULL)
		conn->previous->next = conn->next;
	else
		conn->server->conns = conn->next;
	if (conn->next != NULL)
		conn->next->previous = conn->previous;
	bufferevent_free(conn->bev);
	free(conn);
}
