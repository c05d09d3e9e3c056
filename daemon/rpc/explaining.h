/* connection.explain: the record of a connection, explained (daemon/health_rules.h), as JSON. */
#ifndef DAEMON_RPC_EXPLAINING_H
#define DAEMON_RPC_EXPLAINING_H

#include "ipc/writer.h"
#include "store/records.h"
#include "store/store.h"

/* row is read, not kept. trash_ms: how long a disconnected connection is kept. */
int explanation_write(struct writer *w, struct store *store, const struct connection_row *row, int64_t trash_ms, struct err *err);

#endif
