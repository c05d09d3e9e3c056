/* An attempt out of the store, and its sealed secrets. */
#ifndef DAEMON_OAUTH_ATTEMPT_H
#define DAEMON_OAUTH_ATTEMPT_H

#include "daemon/core.h"
#include "daemon/vault/digest.h"
#include "store/attempts.h"

/* Purposes of digest_lookup. */
#define ATTEMPT_STATE "state"
#define ATTEMPT_SHORT "short"

/* The raw texts; wipe when done. */
struct attempt_secrets {
	char state[DIGEST_TOKEN_SIZE], verifier[DIGEST_TOKEN_SIZE];
};

/* A copy; attempt_clear frees it. NULL where the row has NULL. */
struct attempt {
	char id[ID_TEXT_SIZE], workspace_id[ID_TEXT_SIZE];
	char *user_id, *provider, *login_hint, *connection_id, *state, *actor, *key_id;
	struct blob secrets;
	bool reconnect;
	int64_t expires_at;
};
int attempt_load(struct core *core, const char *id, struct attempt *out, struct err *err);
int attempt_load_state(struct core *core, const char *state_hash, struct attempt *out, struct err *err);
int attempt_load_short(struct core *core, const char *short_hash, struct attempt *out, struct err *err);
void attempt_clear(struct attempt *attempt);
/* Still waiting for its redirect, in time. */
bool attempt_is_open(const struct core *core, const struct attempt *attempt);

/* *out is owned by the caller (free its bytes). */
int attempt_seal(struct core *core, const char *id, const struct attempt_secrets *secrets, struct blob *out, struct err *err);
int attempt_unseal(struct core *core, const struct attempt *attempt, struct attempt_secrets *out, struct err *err);

#endif
