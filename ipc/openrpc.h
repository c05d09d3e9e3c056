/* The OpenRPC 1.3 document of the whole protocol (https://spec.open-rpc.org), made from the tables. */
#ifndef IPC_OPENRPC_H
#define IPC_OPENRPC_H

#include "ipc/writer.h"

void openrpc_write(struct writer *w);

#endif
