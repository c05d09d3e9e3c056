/* The parts of a connection that are worked out: its reasons, and the scopes it is without. */
#ifndef DAEMON_RPC_OBJECT_PARTS_H
#define DAEMON_RPC_OBJECT_PARTS_H

#include "ipc/writer.h"
#include "store/records.h"
#include "store/store.h"

/* The open reasons as an array, one per code, the worst first. */
void reasons_write(struct writer *w, struct store *store, const struct connection_row *row);
/* Required scopes that the grant does not cover, as an array; empty without a grant. */
void missing_scopes_write(struct writer *w, const struct connection_row *row);

#endif
