/* The parts of a connection that are worked out: its reasons, and the scopes it is without. */
#ifndef DAEMON_RPC_OBJECT_PARTS_H
#define DAEMON_RPC_OBJECT_PARTS_H

#include "daemon/health_rules.h"
#include "ipc/writer.h"
#include "store/records.h"
#include "store/store.h"

/* {"method":…,"params":{…},"label":…} with what the method wants to know of the connection; null without a method. */
void action_write(struct writer *w, const char *name, const char *label, const struct connection_row *row);
/* The member "provider": {"status":…,"reason":…}, null when it said nothing. */
void provider_answer_write(struct writer *w, int status, const char *reason);
/* The member "state" that a reason leads to, null when to none. */
void reason_state_write(struct writer *w, enum connection_state state);
/* The members of a reason, in an object that is open. */
void reason_members(struct writer *w, const struct health_reason *reason, const struct connection_row *row);
/* The open reasons as an array, one per code, the worst first. */
void reasons_write(struct writer *w, struct store *store, const struct connection_row *row);
/* Required scopes that the grant does not cover, as an array; empty without a grant. */
void missing_scopes_write(struct writer *w, const struct connection_row *row);

#endif
