/* A grant out of the store: a copy that outlives the query, and the doors to its sealed tokens. */
#ifndef DAEMON_OAUTH_GRANT_H
#define DAEMON_OAUTH_GRANT_H

#include "daemon/core.h"
#include "store/grants.h"

/* All strings and blobs owned; grant_clear frees them. */
struct grant {
	char id[ID_TEXT_SIZE];
	char *provider, *client_id, *subject, *email, *scopes, *key_id;
	bool live;
	int64_t generation, access_expires_at, refreshed_at, consented_at;
	struct blob data_key, access_token, refresh_token;
};

int grant_load(struct core *core, const char *id, struct grant *out, struct err *err);
/* By account; ERR_NOT_FOUND without one. */
int grant_load_account(struct core *core, const char *provider, const char *client_id, const char *subject, struct grant *out,
                       struct err *err);
void grant_clear(struct grant *grant);

/* ERR_SEALED: the vault is sealed, or the value does not open; then (unless the whole vault is sealed) the connections of the
 * grant are marked undecryptable, in a unit of its own or the caller's. */
int grant_open_access(struct core *core, const struct grant *grant, struct secret **out, struct err *err);
int grant_open_refresh(struct core *core, const struct grant *grant, struct secret **out, struct err *err);

/* Sealed tokens, ready to be bound to a row. Zero-initialise; sealed_tokens_clear frees. */
struct sealed_tokens {
	struct blob access_token, refresh_token, data_key;
	char fingerprint[17];
};
void sealed_tokens_clear(struct sealed_tokens *sealed);
/* With the grant's present data key. refresh may be NULL. */
int grant_reseal(struct core *core, const struct grant *grant, const struct secret *access, const struct secret *refresh,
                 struct sealed_tokens *out, struct err *err);
/* With a new data key, for grant `id` (not yet, or again, in the store). */
int grant_seal_new(struct core *core, const char *id, const struct secret *access, const struct secret *refresh,
                   struct sealed_tokens *out, struct err *err);

#endif
