/* Inside the store: the columns of a connection with those of its grant, and how they are read. */
#ifndef STORE_CONNECTION_ROW_H
#define STORE_CONNECTION_ROW_H

#include "store/stmt.h"

#define CONNECTION_SELECT                                                                                              \
	"SELECT c.id AS id, c.workspace_id AS workspace_id, c.user_id AS user_id, c.provider AS provider, "           \
	"c.account_email AS account_email, c.subject AS subject, c.grant_id AS grant_id, c.active AS active, "         \
	"c.state AS state, c.since AS since, c.paused_at AS paused_at, "                       \
	"c.paused_until AS paused_until, c.paused_reason AS paused_reason, "                                           \
	"c.disconnected_at AS disconnected_at, c.last_sync AS last_sync, c.next_sync_at AS next_sync_at, "             \
	"c.next_refresh_at AS next_refresh_at, c.sync_cursor AS sync_cursor, c.required_scopes AS required_scopes, "   \
	"c.created_at AS created_at, c.updated_at AS updated_at, c.version AS version, c.sync_errors AS sync_errors, " \
	"c.calendars AS calendars, g.scopes AS scopes, g.fingerprint AS fingerprint, g.generation AS generation, "     \
	"g.access_expires_at AS access_expires_at, "                                                                   \
	"(coalesce(g.live, 0) = 1 AND coalesce(length(g.refresh_token), 0) > 0) AS token_present"
#define CONNECTION_FROM " FROM connections c LEFT JOIN grants g ON g.id = c.grant_id"

/* The strings are those of the statement. */
void connection_read(struct stmt *stmt, struct connection_row *row);

#endif
