/* Connections: an account's calendars in a workspace. One row per (workspace, provider, subject) for ever. */
#ifndef STORE_CONNECTIONS_H
#define STORE_CONNECTIONS_H

#include "store/records.h"
#include "store/store.h"

typedef void connection_fn(void *arg, const struct connection_row *row);

int store_connection_get(struct store *store, const char *id, connection_fn *fn, void *arg, struct err *err);
/* The connection of an account in a workspace, disconnected ones included. */
int store_connection_find(struct store *store, const char *workspace_id, const char *provider, const char *subject,
                          connection_fn *fn, void *arg, struct err *err);
int store_connection_of_grant(struct store *store, const char *grant_id, connection_fn *fn, void *arg, struct err *err);

enum connection_sort { SORT_CREATED, SORT_EMAIL, SORT_STATE, SORT_LAST_SYNC, SORT_SINCE };
struct connection_filter {
	const char *workspace_id, *user_id, *provider;  /* NULL: any */
	const char *reason;                             /* an open sync error has this code */
	const char *query;                              /* part of the account e-mail, ASCII case ignored, taken literally */
	int state;                                      /* enum connection_state, -1: any */
	enum connection_sort sort;
	bool descending;
};
int store_connection_list(struct store *store, const struct store_page *page, const struct connection_filter *filter,
                          connection_fn *fn, void *arg, struct store_page_end *end, struct err *err);

struct connection_new {
	const char *workspace_id, *user_id, *provider, *account_email, *subject, *grant_id, *required_scopes;
};
int store_connection_create(struct store *store, const struct connection_new *in, char id[ID_TEXT_SIZE], struct err *err);
/* A consent arrived for an existing row: attaches the grant, active unless paused, clears disconnected_at; the calendar-list
 * cursor is dropped. user_id NULL keeps the user. */
int store_connection_attach(struct store *store, const char *id, const char *grant_id, const char *account_email,
                            const char *user_id, const char *required_scopes, struct err *err);
/* Disconnect: grant_id NULL, active 0, disconnected_at now; its jobs are deleted. */
int store_connection_detach(struct store *store, const char *id, struct err *err);
/* The only door for state: writes it (with since = now when it differs) and keeps the workspace counters right. */
int store_connection_set_state(struct store *store, const char *id, enum connection_state state, bool *changed,
                               struct err *err);
int store_connection_set_synced(struct store *store, const char *id, const char *sync_cursor, struct err *err);
int store_connection_drop_cursor(struct store *store, const char *id, struct err *err);

/* Pause: paused_at now, active 0, state paused, and its jobs are never due; ERR_CONFLICT for a disconnected one. One that is
 * paused already takes the new until (0: none) and reason (NULL: none). Resume: active again unless disconnected, its jobs are
 * scheduled again, those past due now; its state is for the caller to find (health_update). changed may be NULL. */
int store_connection_pause(struct store *store, const char *id, bool paused, int64_t until, const char *reason, bool *changed,
                           struct err *err);
/* Pauses whose time is over at `now`, the earliest first; and when the next one is (0: none). */
int store_connection_pauses_due(struct store *store, int64_t now, int limit, connection_fn *fn, void *arg, struct err *err);
int store_connection_pauses_next(struct store *store, int64_t *at, struct err *err);

/* Disconnected before a time, the earliest first. */
int store_connection_trash(struct store *store, int64_t before, int limit, connection_fn *fn, void *arg, struct err *err);
/* What purging it would take along. */
struct connection_effects {
	int64_t calendars, sync_errors, runs, timeline;
};
int store_connection_effects(struct store *store, const char *id, struct connection_effects *out, struct err *err);
/* Deletes a disconnected connection for good, with all that belongs to it, and the empty grant of its account when nothing needs
 * that any more. ERR_CONFLICT if it is not disconnected. */
int store_connection_purge(struct store *store, const char *id, struct err *err);

/* Reasons. Coalesced per (connection, code, operation): an open row counts up, a resolved one is followed by a new row. */
typedef void sync_error_fn(void *arg, const struct sync_error_row *row);
struct sync_error_new {
	const char *connection_id, *code, *operation, *message, *provider_reason;
	int provider_status;
};
int store_sync_error_open(struct store *store, const struct sync_error_new *in, struct err *err);
/* Resolve the open ones of a code (NULL: any code) and operation (NULL: any operation). */
int store_sync_error_resolve(struct store *store, const char *connection_id, const char *code, const char *operation,
                             struct err *err);
int store_sync_error_of(struct store *store, const char *connection_id, bool open_only, sync_error_fn *fn, void *arg,
                        struct err *err);

/* How many connections have each reason open, in the order of the codes. */
typedef void reason_count_fn(void *arg, const char *code, int64_t connections);
int store_sync_error_counts(struct store *store, const char *scope, reason_count_fn *fn, void *arg, struct err *err);

/* All connections in counts. */
struct connection_counts {
	int64_t by_state[STATE_COUNT];
};
int store_connection_counts(struct store *store, const char *scope, struct connection_counts *out, struct err *err);

#endif
