/* Health of a connection: a pure function of its record (CONTRACT.md section 6, DESIGN.md idea 4), and the one place that
 * writes its result into the store. */
#ifndef DAEMON_HEALTH_H
#define DAEMON_HEALTH_H

#include "ipc/base/err.h"
#include "ipc/reasons.h"
#include "store/records.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An open reason, as far as health cares. */
struct health_reason {
	enum reason reason;
	bool essential;        /* scope_missing: without it the connection is of no use at all */
	int64_t count, first_at, last_at;
};

struct health_record {
	bool disconnected, paused;
	bool grant_live;       /* a grant with a refresh token that was not refused */
	bool synced;           /* the first calendar list is in */
	const struct health_reason *reasons;
	size_t reason_count;
};

/* The state that one reason alone leads to; STATE_CONNECTED for those that change none. */
enum connection_state health_reason_state(const struct health_reason *reason);
/* Precedence: disconnected, paused, blocked, reauth_required, failing, degraded, pending, connected. */
enum connection_state health_state(const struct health_record *record);

/* Recompute one connection, or all of a grant, from what the store holds now, and write what differs. */
int health_update(struct store *store, const char *connection_id, struct err *err);
int health_update_grant(struct store *store, const char *grant_id, struct err *err);

/* Note a trouble of a connection (coalesced), or that an operation worked again, and recompute. operation names the provider
 * operation; ok resolves what was open for it. */
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
