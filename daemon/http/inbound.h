/* One connection of a browser: reads a head, waits for the answer, writes it, closes. Inside daemon/http only.
 *
 * Owned by the listener, which is told of two things: a head came (or one that must be refused), and the connection ended.
 * Each state has its own absolute deadline, whatever trickles in. */
#ifndef DAEMON_HTTP_INBOUND_H
#define DAEMON_HTTP_INBOUND_H

#include "daemon/http/request_head.h"
#include "ipc/base/buf.h"

#include <event2/event.h>
#include <stdbool.h>

struct inbound;

struct inbound_events {
	/* status 200: *head is filled and valid until inbound_answer; else what to refuse the request with. Owes one inbound_answer. */
	void (*request)(void *arg, int status, const struct request_head *head);
	/* Over, for whatever cause; the owner calls inbound_free and does not touch it again. */
	void (*end)(void *arg);
};

/* Takes the socket (non-blocking). deadline_ms: from now to a complete head, and again for writing the answer. */
struct inbound *inbound_new(struct event_base *base, evutil_socket_t fd, int deadline_ms, const struct inbound_events *events,
                            void *arg);
/* Takes the bytes out of *text. Calls nothing back: what follows comes from the loop. */
void inbound_answer(struct inbound *inbound, struct buf *text);
/* Nobody waits for an answer on it. */
bool inbound_is_idle(const struct inbound *inbound);
void inbound_free(struct inbound *inbound);

#endif
