/* Attempts: runs of the consent flow. Secrets are stored hashed (state, short link) or sealed. */
#ifndef STORE_ATTEMPTS_H
#define STORE_ATTEMPTS_H

#include "store/records.h"
#include "store/store.h"

typedef void attempt_fn(void *arg, const struct attempt_row *row);

struct attempt_new {
	const char *id; /* made by the caller: the secrets are bound to it */
	const char *workspace_id, *user_id, *provider, *login_hint, *connection_id, *actor, *key_id;
	const char *state_hash, *short_hash; /* hex */
	struct blob secrets;
	int64_t expires_at;
};
int store_attempt_create(struct store *store, const struct attempt_new *in, struct err *err);
int store_attempt_get(struct store *store, const char *id, attempt_fn *fn, void *arg, struct err *err);
int store_attempt_by_state(struct store *store, const char *state_hash, attempt_fn *fn, void *arg, struct err *err);
int store_attempt_by_short(struct store *store, const char *short_hash, attempt_fn *fn, void *arg, struct err *err);
/* created -> opened; nothing otherwise. */
int store_attempt_open(struct store *store, const char *id, struct err *err);
/* Single use: created or opened -> returned, in one UPDATE; *won is false if it had been used, had ended or expired. */
int store_attempt_consume(struct store *store, const char *id, bool *won, struct err *err);
/* Ends it: state done (with connection_id), failed (with code and message) or cancelled; its secrets are wiped. *ended is
 * false if it had ended before. */
int store_attempt_end(struct store *store, const char *id, const char *state, const char *connection_id,
                      const char *error_code, const char *error_message, bool *ended, struct err *err);
/* Attempts past their time, not ended, become `expired` and lose their secrets; those ended over 30 days ago are deleted. */
int store_attempt_expire(struct store *store, int64_t *expired, struct err *err);
/* At start: `returned` ones were cut off by the end of the process and become failed (code interrupted). */
int store_attempt_interrupt(struct store *store, int64_t *interrupted, struct err *err);

#endif
