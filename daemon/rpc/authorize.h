/* The one choke point: may this caller do this to that (CONTRACT.md sections 3 and 7; SAFETY.md POL-6)?
 *
 * What the caller may not see answers exactly like what does not exist; what they may see but not touch answers `denied`. */
#ifndef DAEMON_RPC_AUTHORIZE_H
#define DAEMON_RPC_AUTHORIZE_H

#include "daemon/rpc/call.h"

/* Second of the checks: the role is held for any workspace at all. */
int authorize_method(const struct rpc_call *call, struct err *err);
/* Last of the checks, with parameters that are known to be good. Fills workspace_id and object_* of the call. */
int authorize_call(struct rpc_call *call, struct err *err);

/* Workspaces that a list may show to this caller, as the store wants it; NULL: all. */
const char *authorize_scope(const struct rpc_call *call);
/* ERR_NOT_FOUND as it is said of every object of this noun, whether it is absent or hidden. */
int authorize_absent(const char *noun, struct err *err);

#endif
