/* What a finished consent is told as: the body of the callback, which oauth.complete answers too (CONTRACT.md section 4). */
#ifndef DAEMON_RPC_CONNECTED_H
#define DAEMON_RPC_CONNECTED_H

#include "daemon/oauth/consent.h"
#include "ipc/writer.h"

/* {"success":true,"connection":{…},"calendars":[…],"message":…} */
int connected_write(struct writer *w, struct store *store, const struct consent_outcome *outcome, struct err *err);
/* {"success":false,"error":{"code","message"}} */
void not_connected_write(struct writer *w, const struct consent_outcome *outcome);
/* The attempt's error code, which is never NULL after a failure. */
const char *not_connected_code(const struct consent_outcome *outcome);

/* For a page: whose account it was, how many calendars came, and what the consent leaves out ("": nothing). */
struct connected_account {
	char email[256], left_out[320];
	int64_t calendars;
};
int connected_account(struct store *store, const char *connection_id, struct connected_account *out, struct err *err);

#endif
