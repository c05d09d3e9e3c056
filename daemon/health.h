/* The one place that writes the health of connections into the store; what it is, health_rules.h says. */
#ifndef DAEMON_HEALTH_H
#define DAEMON_HEALTH_H

#include "daemon/health_rules.h"
#include "ipc/base/err.h"
#include "store/store.h"

/* Recompute one connection, or all of a grant, from what the store holds now, and write what differs. A job that is no longer late
 * ends the reason `overdue` of its kind. */
int health_update(struct store *store, const char *connection_id, struct err *err);
int health_update_grant(struct store *store, const char *grant_id, struct err *err);

/* Note a trouble of a connection (coalesced), or that an operation worked again, and recompute. operation names the provider
 * operation (of `overdue`: the kind of job); ok resolves what was open for it, and that its job was late. */
struct health_trouble {
	enum reason reason;
	const char *operation, *message, *provider_reason;
	int provider_status;
};
int health_trouble(struct store *store, const char *connection_id, const struct health_trouble *trouble, struct err *err);
int health_trouble_grant(struct store *store, const char *grant_id, const struct health_trouble *trouble, struct err *err);
int health_ok(struct store *store, const char *connection_id, const char *operation, struct err *err);
int health_ok_grant(struct store *store, const char *grant_id, const char *operation, struct err *err);

#endif
