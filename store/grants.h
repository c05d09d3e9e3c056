/* Grants: the consents at the providers, with their sealed tokens. */
#ifndef STORE_GRANTS_H
#define STORE_GRANTS_H

#include "store/records.h"
#include "store/store.h"

typedef void grant_fn(void *arg, const struct grant_row *row);

int store_grant_get(struct store *store, const char *id, grant_fn *fn, void *arg, struct err *err);
/* The grant of an account, live or not; ERR_NOT_FOUND without one. */
int store_grant_find(struct store *store, const char *provider, const char *client_id, const char *subject, grant_fn *fn,
                     void *arg, struct err *err);
/* Insert with row->id already made (the sealed columns are bound to it). */
int store_grant_insert(struct store *store, const struct grant_row *row, struct err *err);
/* A new consent replaces everything: tokens, data key, scopes, email; live again, generation + 1, consented_at now. */
int store_grant_replace(struct store *store, const struct grant_row *row, struct err *err);
/* Tokens of a refresh, only if the generation is still expected_generation; *swapped tells. refresh_token.bytes NULL keeps the
 * old one (and fingerprint NULL likewise). scopes NULL keeps. The new generation is expected_generation + 1. */
struct grant_tokens {
	struct blob access_token, refresh_token;
	const char *fingerprint, *scopes;
	int64_t access_expires_at;
};
int store_grant_swap_tokens(struct store *store, const char *id, int64_t expected_generation,
                            const struct grant_tokens *tokens, bool *swapped, struct err *err);
/* The provider refused it for good: live = 0 if the generation is still the expected one. */
int store_grant_mark_dead(struct store *store, const char *id, int64_t expected_generation, bool *marked, struct err *err);
/* Crypto-shredding: tokens and data key are overwritten with NULL, live = 0. */
int store_grant_shred(struct store *store, const char *id, struct err *err);
int store_grant_list(struct store *store, grant_fn *fn, void *arg, struct err *err); /* all, for start-up checks */

/* The revocation outbox. */
typedef void revocation_fn(void *arg, const struct revocation_row *row);
int store_revocation_insert(struct store *store, const struct revocation_row *row, struct err *err);
int store_revocation_get(struct store *store, const char *id, revocation_fn *fn, void *arg, struct err *err);
/* Due at or before `now`, at most `limit`. */
int store_revocation_due(struct store *store, int64_t now, int limit, revocation_fn *fn, void *arg, struct err *err);
int store_revocation_next(struct store *store, int64_t *at, struct err *err); /* 0: none waiting */
int store_revocation_reschedule(struct store *store, const char *id, int64_t next_attempt_at, struct err *err);
int store_revocation_delete(struct store *store, const char *id, struct err *err);
/* A new consent of the same account must not be revoked by an old disconnect. */
int store_revocation_delete_of_grant(struct store *store, const char *grant_id, struct err *err);

/* Sealing keys. */
typedef void key_fn(void *arg, const struct key_row *row);
int store_key_list(struct store *store, key_fn *fn, void *arg, struct err *err);
int store_key_insert(struct store *store, const char *id, struct blob check_value, struct err *err);

#endif
