/* The byte side of a session: its descriptor, when to read and to write, and how long the client may take.
 *
 * Raw non-blocking reads and writes, no copies. Descriptors that a client sends along (SCM_RIGHTS) are dropped by the kernel,
 * since no control data is ever asked for. */
#ifndef DAEMON_RPC_CHANNEL_H
#define DAEMON_RPC_CHANNEL_H

#include "daemon/loop.h"
#include "daemon/rpc/outlet.h"

#include <event2/event_struct.h>

struct channel_events {
	void (*readable)(void *owner);
	void (*writable)(void *owner);
	void (*late)(void *owner, const char *what); /* the client took too long */
};

struct channel {
	int fd;                 /* -1: closed */
	struct loop *loop;
	const struct channel_events *events;
	void *owner;
	struct event readable, writable;
	bool reading;
	size_t sent;            /* of the outlet's buffer */
	int64_t frame_deadline; /* boot ms by which the frame that began must be whole; 0: none */
	int64_t drain_deadline; /* by which the client must have taken some output; 0: none */
	struct timer *watchdog; /* for the two; NULL until first needed */
};

/* Takes the descriptor over; reading is on. */
void channel_open(struct channel *channel, struct loop *loop, int fd, const struct channel_events *events, void *owner);
/* What the client sent last is read and dropped, so that it is not told of a reset instead of our answer. Twice is fine. */
void channel_close(struct channel *channel);

/* Say one thing to a client that is not let in, and close. */
void channel_refuse(int fd, const struct buf *text);

void channel_set_reading(struct channel *channel, bool reading);
enum channel_read { CHANNEL_READ, CHANNEL_AGAIN, CHANNEL_EOF, CHANNEL_BROKEN };
/* Append what is there, up to a chunk. */
enum channel_read channel_read(struct channel *channel, struct buf *buf);
/* Send what is safe; waits for room by itself. -1: the client is gone. */
int channel_send(struct channel *channel, struct outlet *outlet);

/* A frame has begun and is not whole (begun), perhaps another one than when last told (anew). */
void channel_watch_frame(struct channel *channel, bool begun, bool anew);

#endif
