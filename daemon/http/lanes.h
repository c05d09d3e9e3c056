/* Who may go next: waiting requests in one queue a host, hosts taking turns, with a limit a host and one over all.
 * Knows nothing of HTTP; inside daemon/http only.
 *
 * A ticket is embedded in its owner and belongs to the owner throughout. */
#ifndef DAEMON_HTTP_LANES_H
#define DAEMON_HTTP_LANES_H

#include <stddef.h>
#include <sys/queue.h>

struct lane;
struct lane_ticket {
	TAILQ_ENTRY(lane_ticket) entry;
	struct lane *lane; /* NULL: neither waiting nor going */
	int going;
};

struct lanes;
struct lanes *lanes_new(int per_lane, int overall);
void lanes_free(struct lanes *lanes); /* all tickets must have left */
/* Wait in the lane of this name (name_len bytes). */
void lanes_enter(struct lanes *lanes, struct lane_ticket *ticket, const char *name, size_t name_len);
/* The next that may go, NULL: none now. It counts as going until it leaves. */
struct lane_ticket *lanes_next(struct lanes *lanes);
/* Waiting or going: it is over. */
void lanes_leave(struct lanes *lanes, struct lane_ticket *ticket);

#endif
