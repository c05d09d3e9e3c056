/* The JSON-RPC server on the Unix socket: who is let in, whose turn it is, and when replies leave. */
#ifndef DAEMON_RPC_SERVER_H
#define DAEMON_RPC_SERVER_H

#include "daemon/app.h"

/* Takes listen_fd over unless it fails. ERR_INTERNAL: the method table and the handlers do not match. */
int rpc_server_open(struct rpc_server **out, struct app *app, int listen_fd, struct err *err);
/* Right after store_tick_end, in every tick. failed NULL: committed, the replies of the tick are sent; else each of them becomes
 * the error store_failed. */
void rpc_server_tick_end(struct rpc_server *server, const struct err *failed);
/* The first part of stopping: nobody new is let in. */
void rpc_server_stop_accepting(struct rpc_server *server);
/* Sessions end without further replies. Operations that still own calls may finish them later. NULL is fine. */
void rpc_server_close(struct rpc_server *server);

#endif
