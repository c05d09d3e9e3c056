/* Notices: what was committed, told to the clients that asked for it (CONTRACT.md section 5, `notice`).
 *
 * The store tells of its changes right after a commit; they wait here until the answers of the tick are on their way, and leave
 * with notices_deliver, so that a client reads the answer to its own call first. The text of a change is made once, for all.
 * Each subscriber counts its notices without a gap. While a client does not take its output its changes are collected, each
 * object once, and beyond a bound it is told once to read everything anew (topic "resync").
 *
 * Knows nothing of sessions: a subscriber is part of one, and speaks to it through a table of three functions. */
#ifndef DAEMON_RPC_NOTICES_H
#define DAEMON_RPC_NOTICES_H

#include "daemon/policy.h"
#include "daemon/rpc/change_set.h"
#include "ipc/base/buf.h"

enum {
	NOTICE_FILTERS_MAX = 32,         /* of one subscriber */
	NOTICE_COLLECTED_MAX = 1024,     /* objects that wait for a slow client */
	NOTICE_SOFT_BYTES = 64 << 10,    /* output that waits for a client: beyond it notices are collected */
};

struct notice_outlet {
	/* What the client may see now, NULL: nothing. fresh false: as it was last known, for what is gone meanwhile; NULL if
	 * the rules have changed since. Valid until the next call. */
	const struct access *(*access)(void *owner, bool fresh);
	/* Bytes that wait for the client. */
	size_t (*waiting)(void *owner);
	/* Whole lines. send tries to get rid of them; it may end the client and with it the subscriber. */
	void (*put)(void *owner, const char *text, size_t len);
	void (*send)(void *owner);
};

struct notice_filter {
	unsigned topics;                 /* bit t: enum topic t */
	char workspace_id[ID_TEXT_SIZE]; /* "": whatever may be seen */
};

struct notices;
/* Part of its owner. Zero-initialise, then notices_seat. */
struct subscriber {
	struct notices *hub;
	const struct notice_outlet *outlet;
	void *owner;
	int64_t seq;                     /* of the last notice */
	struct notice_filter *filters;   /* NULL until the first subscription */
	size_t filter_count;
	struct change_set collected;
	bool resync;                     /* too much was collected: all of it is given up */
	struct subscriber *next, **link; /* in the hub while there are filters */
};

/* Zero-initialise; notices_free. Subscribers must be gone before. */
struct notices {
	struct subscriber *first;
	struct change_set fresh;         /* committed, and not delivered yet */
	struct buf bodies;               /* of fresh: what follows `"seq":N,` */
	size_t *body_ends;
	bool *last_seen;                 /* of fresh: gone, and visible to the subscriber as its access was last known */
	size_t body_capacity;
};

void notices_free(struct notices *notices);
/* For store_on_changes, with the notices as its arg. */
void notices_take(void *arg, const struct store_change *changes, size_t count);
/* When the tick's answers are out. */
void notices_deliver(struct notices *notices);

void notices_seat(struct subscriber *subscriber, struct notices *hub, const struct notice_outlet *outlet, void *owner);
/* Add topics, of a workspace or ("") of all that may be seen. ERR_LIMIT_EXCEEDED. */
int notices_subscribe(struct subscriber *subscriber, unsigned topics, const char *workspace_id, struct err *err);
/* Take topics away, of whatever workspace. */
void notices_unsubscribe(struct subscriber *subscriber, unsigned topics);
/* The owner ends. Twice is fine. */
void notices_leave(struct subscriber *subscriber);

#endif
