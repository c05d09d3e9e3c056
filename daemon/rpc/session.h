/* A session: one client of the socket, from accept to close.
 *
 * Input and output are one contiguous buffer each, lent by the desk while there is something in them. Frames are read where
 * they lie. Reading stops while too many requests are unanswered, while too much output waits for the client, and when the
 * session had its turn of the tick. A session that ends is only marked; the server frees it when the tick is over. */
#ifndef DAEMON_RPC_SESSION_H
#define DAEMON_RPC_SESSION_H

#include "daemon/rpc/batch.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/channel.h"
#include "daemon/rpc/notices.h"

struct session;

/* What a session needs of its server. */
struct session_host {
	struct app *app;
	struct desk *desk;
	struct notices *notices;
	size_t frame_max, pending_max, output_max;
	void (*again)(struct session_host *host, struct session *session); /* call session_turn in the next tick */
	void (*ended)(struct session_host *host, struct session *session); /* free it when this tick is over */
};

struct session {
	struct outlet outlet;  /* first: the outlet of a session is its session */
	struct session_host *host;
	struct caller caller;
	struct channel channel;
	struct buf in;
	size_t scanned;        /* of the frame at the start of `in` */
	bool eof;              /* the client has closed its side */
	bool closing;          /* nothing more is read; close when all is answered */
	bool held;             /* the limits keep frames in `in` */
	bool queued;           /* host->again was called */
	struct batch *batches;
	struct subscriber subscriber;
	/* The server's. */
	struct session *next, *previous, *next_turn, *next_ended;
};

/* Takes fd and caller over. */
struct session *session_new(struct session_host *host, int fd, const struct caller *caller);
/* Only after session_end, and not while a tick is open in which it answered. */
void session_free(struct session *session);
/* It ends now: whoever waits for answers is gone. Twice is fine. */
void session_end(struct session *session);
/* Go on with the frames that are already here. */
void session_turn(struct session *session);

#endif
