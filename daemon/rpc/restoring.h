/* connection.restore: out of the trash. */
#ifndef DAEMON_RPC_RESTORING_H
#define DAEMON_RPC_RESTORING_H

#include "daemon/core.h"

/* A live grant of the same account is attached and its jobs are planned; without one the connection waits for a consent. Never
 * ends a pause. ERR_CONFLICT for a connection that is not disconnected. */
int restore_connection(struct core *core, const char *connection_id, const char *actor, struct err *err);

#endif
