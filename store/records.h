/* The rows as the rest of the house sees them. Strings are borrowed (see store.h); NULL means SQL NULL.
 * Times are wall milliseconds, 0 when not set. */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* States of a connection, CONTRACT.md section 6, in order of precedence (the worst first). Stored as their names. */
enum connection_state {
	STATE_DISCONNECTED,
	STATE_PAUSED,
	STATE_BLOCKED,
	STATE_REAUTH_REQUIRED,
	STATE_FAILING,
	STATE_DEGRADED,
	STATE_PENDING,
	STATE_CONNECTED,
	STATE_COUNT
};
const char *connection_state_name(enum connection_state state);
bool connection_state_parse(const char *name, enum connection_state *out);

struct blob {
	const void *bytes; /* NULL: SQL NULL */
	size_t len;
};

struct workspace_row {
	const char *id, *name, *slug, *time_zone;
	int64_t by_state[STATE_COUNT]; /* connections by state, kept by triggers */
	int64_t created_at, updated_at, version;
};

struct user_row {
	const char *id, *workspace_id, *email, *name;
	int64_t created_at, updated_at, version;
};

/* A consent at a provider: one per (provider, client id, subject), shared by the connections of that account. */
struct grant_row {
	const char *id, *provider, *client_id, *subject, *email, *scopes; /* scopes: blank-separated, sorted */
	bool live;                      /* false: revoked or refused by the provider */
	int64_t generation;             /* of the tokens; moves with every change of them (compare-and-swap) */
	const char *key_id;             /* the sealing key that wraps data_key */
	struct blob data_key;           /* sealed; NULL once shredded */
	struct blob access_token, refresh_token; /* sealed with the data key */
	const char *fingerprint;        /* of the refresh token, keyed, 16 hex digits */
	int64_t access_expires_at, consented_at, refreshed_at, created_at, updated_at;
};

struct connection_row {
	const char *id, *workspace_id, *user_id, *provider, *account_email, *subject;
	const char *grant_id;           /* NULL once disconnected */
	bool active;
	enum connection_state state;
	int64_t since, paused_at, disconnected_at, last_sync, next_sync_at, next_refresh_at;
	int64_t paused_until;           /* 0: until somebody resumes it */
	const char *paused_reason;
	const char *sync_cursor;        /* of the calendar list, NULL: full list next */
	const char *required_scopes;
	int64_t created_at, updated_at, version;
	int64_t sync_errors;            /* open ones */
	int64_t calendars;              /* state ok */
	/* from its grant, NULL and 0 without one */
	const char *scopes, *fingerprint;
	int64_t generation, access_expires_at;
	bool token_present;
};

struct calendar_row {
	const char *id, *workspace_id, *connection_id, *provider, *external_id;
	const char *name;               /* as shown: the name given here, else the provider's */
	const char *given_name;         /* set by calendar.update, NULL: none */
	const char *summary, *description, *access_role, *time_zone, *background_color, *foreground_color;
	const char *state;              /* ok | gone | forbidden */
	bool primary, active;
	int64_t created_at, updated_at, version;
	enum connection_state connection_state;
	const char *connection_email;
};

/* One cause of trouble with a connection, coalesced: the open ones are its reasons. */
struct sync_error_row {
	const char *id, *connection_id, *workspace_id, *code, *operation, *message, *provider_reason;
	int provider_status;
	int64_t count, first_at, last_at, resolved_at;
	int64_t acknowledged_at;
	const char *acknowledged_by;
};

/* A run of the consent flow. state: created | opened | returned | done | failed | expired | cancelled. */
struct attempt_row {
	const char *id, *workspace_id, *user_id, *provider, *login_hint;
	const char *connection_id;      /* asked to reconnect this one; after `done`, the one that was made */
	const char *state, *error_code, *error_message, *actor;
	const char *key_id;             /* sealing key of `secrets` */
	struct blob secrets;            /* sealed: the raw state and the PKCE verifier; NULL once used */
	bool reconnect;                 /* connection_id was given at the beginning */
	int64_t created_at, expires_at;
};

/* A revocation that must still reach the provider; carries its own copy of the data key and the token. */
struct revocation_row {
	const char *id, *provider, *grant_id, *key_id;
	struct blob data_key, token;
	int64_t attempts, next_attempt_at, expires_at, created_at;
};

struct audit_row {
	int64_t seq, at;
	int64_t uid;                    /* of the peer, -1: the daemon or a browser */
	const char *actor, *workspace_id, *method, *object_type, *object_id, *outcome, *reason, *details;
	const char *prev_hash, *hash;   /* hex */
};

/* A sealing key known to the store. check_value proves that a key of that id is the right one. */
struct key_row {
	const char *id;
	struct blob check_value;
	int64_t created_at;
};

#endif
