/* The address a browser was sent to after the consent, as pasted into oauth.complete. */
#ifndef DAEMON_RPC_REDIRECT_H
#define DAEMON_RPC_REDIRECT_H

#include "daemon/http/query.h"
#include "daemon/oauth/consent.h"

/* ERR_INVALID_PARAMS (field redirect_url) unless it has a well-formed query with a state. The caller frees *out. */
int redirect_parse(const char *url, struct query **out, struct err *err);
/* Borrows from the query. */
struct consent_redirect redirect_of(const struct query *query);

#endif
