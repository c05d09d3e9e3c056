/* A batch: the replies of one frame's requests, collected until the last is there, then one line of the session's output.
 * It frees itself with its last reply; a session that ends frees what is left. */
#ifndef DAEMON_RPC_BATCH_H
#define DAEMON_RPC_BATCH_H

#include "daemon/rpc/desk.h"

struct batch {
	struct outlet outlet;   /* first: an outlet of a batch is its batch */
	struct desk *desk;
	struct batch *next, **link; /* in the session's list */
};

struct batch *batch_new(struct desk *desk, struct outlet *session, struct batch **list);
/* Every request of the frame was looked at: without any that wants an answer it is over. */
void batch_loaded(struct batch *batch);
void batch_free(struct batch *batch);

#endif
