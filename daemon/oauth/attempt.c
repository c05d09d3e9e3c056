/* An attempt out of the store, and its sealed secrets: state and verifier, one after the other. */
#include "daemon/oauth/attempt.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>

static void copy_row(void *arg, const struct attempt_row *row)
{
	struct attempt *attempt = arg;
	*attempt = (struct attempt){
		.user_id = mem_strdup(row->user_id),
		.provider = mem_strdup(row->provider),
		.login_hint = mem_strdup(row->login_hint),
		.connection_id = mem_strdup(row->connection_id),
		.state = mem_strdup(row->state),
		.actor = mem_strdup(row->actor),
		.key_id = mem_strdup(row->key_id),
		.reconnect = row->reconnect,
		.expires_at = row->expires_at,
	};
	(void)str_copy(attempt->id, sizeof attempt->id, row->id);
	(void)str_copy(attempt->workspace_id, sizeof attempt->workspace_id, row->workspace_id);
	if (row->secrets.bytes) {
		void *bytes = mem_alloc(row->secrets.len);
		memcpy(bytes, row->secrets.bytes, row->secrets.len);
		attempt->secrets = (struct blob){ .bytes = bytes, .len = row->secrets.len };
	}
}

int attempt_load(struct core *core, const char *id, struct attempt *out, struct err *err)
{
	return store_attempt_get(core->store, id, copy_row, out, err);
}

int attempt_load_state(struct core *core, const char *state_hash, struct attempt *out, struct err *err)
{
	return store_attempt_by_state(core->store, state_hash, copy_row, out, err);
}

int attempt_load_short(struct core *core, const char *short_hash, struct attempt *out, struct err *err)
{
	return store_attempt_by_short(core->store, short_hash, copy_row, out, err);
}

void attempt_clear(struct attempt *attempt)
{
	free(attempt->user_id);
	free(attempt->provider);
	free(attempt->login_hint);
	free(attempt->connection_id);
	free(attempt->state);
	free(attempt->actor);
	free(attempt->key_id);
	free((void *)(uintptr_t)attempt->secrets.bytes);
	*attempt = (struct attempt){ 0 };
}

bool attempt_is_open(const struct core *core, const struct attempt *attempt)
{
	return (str_equal(attempt->state, "created") || str_equal(attempt->state, "opened")) && attempt->secrets.bytes &&
	       attempt->expires_at > clock_wall(core->clock);
}

static struct seal_place place_of(const char *id)
{
	return (struct seal_place){ .table = "attempts", .row = id, .column = "secrets" };
}

int attempt_seal(struct core *core, const char *id, const struct attempt_secrets *secrets, struct blob *out, struct err *err)
{
	const struct seal_place place = place_of(id);
	struct secret *plain = secret_new(secrets, sizeof *secrets);
	uint8_t *bytes = NULL;
	size_t len = 0;
	int status = vault_seal(core->vault, &place, plain, &bytes, &len, err);
	secret_unref(plain);
	*out = (struct blob){ .bytes = bytes, .len = len };
	return status;
}

int attempt_unseal(struct core *core, const struct attempt *attempt, struct attempt_secrets *out, struct err *err)
{
	const struct seal_place place = place_of(attempt->id);
	struct secret *plain;
	if (vault_unseal(core->vault, attempt->key_id, &place, attempt->secrets.bytes, attempt->secrets.len, &plain, err) != 0)
		return -1;
	int status = secret_len(plain) == sizeof *out ? 0 : err_set(err, ERR_SEALED, "the attempt's secrets are damaged");
	if (status == 0)
		memcpy(out, secret_reveal(plain), sizeof *out);
	secret_unref(plain);
	return status;
}
