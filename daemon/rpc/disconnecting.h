/* connection.disconnect: what it would do, doing it, and what became of the consent and its other connections. */
#ifndef DAEMON_RPC_DISCONNECTING_H
#define DAEMON_RPC_DISCONNECTING_H

#include "daemon/rpc/call.h"

struct rpc_answer disconnecting_handle(struct rpc_call *call);

#endif
