/* The consent flow before and beside the redirect: begin, short link, cancel, lookup. What comes back is consent_flow.c's. */
#include "daemon/oauth/consent.h"

#include "daemon/oauth/attempt.h"
#include "daemon/vault/digest.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/attempts.h"

#include <stdlib.h>
#include <string.h>

static int check_ready(struct core *core, const struct provider_config *config, struct err *err)
{
	if (vault_is_sealed(core->vault))
		return err_set(err, ERR_SEALED, "the key that seals tokens is missing or wrong");
	if (config->client_id[0] == '\0')
		return err_set(err, ERR_APP_MISCONFIGURED, "no client id is configured ([google] client_id or GOOGLE_CLIENT_ID)");
	if (!config->client_secret)
		return err_set(err, ERR_APP_MISCONFIGURED,
		               "no client secret is configured ([google] client_secret or GOOGLE_CLIENT_SECRET)");
	return 0;
}

int consent_begin(struct core *core, const char *public_url, const struct consent_begin *in, struct consent_begun *out,
                  struct err *err)
{
	const struct provider *provider = provider_find(in->provider);
	const struct provider_config *config = core_provider_config(core, in->provider);
	struct attempt_secrets secrets;
	char short_token[DIGEST_TOKEN_SIZE], challenge[DIGEST_TOKEN_SIZE], state_hash[DIGEST_HEX_SIZE], short_hash[DIGEST_HEX_SIZE];
	struct blob sealed;
	memset(out, 0, sizeof *out);
	if (check_ready(core, config, err) != 0)
		return -1;
	store_new_id(core->store, out->attempt_id);
	digest_random_token(secrets.state, core->rng);
	digest_random_token(secrets.verifier, core->rng);
	digest_random_token(short_token, core->rng);
	digest_lookup(state_hash, ATTEMPT_STATE, secrets.state);
	digest_lookup(short_hash, ATTEMPT_SHORT, short_token);
	digest_pkce_challenge(challenge, secrets.verifier);
	if (attempt_seal(core, out->attempt_id, &secrets, &sealed, err) != 0) {
		secret_wipe(&secrets, sizeof secrets);
		return -1;
	}
	out->expires_at = clock_wall(core->clock) + in->expires_in_ms;
	const struct attempt_new row = {
		.id = out->attempt_id,
		.workspace_id = in->workspace_id,
		.user_id = in->user_id,
		.provider = in->provider,
		.login_hint = in->login_hint,
		.connection_id = in->connection_id,
		.actor = in->actor,
		.key_id = vault_seal_key_id(core->vault),
		.state_hash = state_hash,
		.short_hash = short_hash,
		.secrets = sealed,
		.expires_at = out->expires_at,
	};
	int status = store_attempt_create(core->store, &row, err);
	free((void *)(uintptr_t)sealed.bytes);
	if (status == 0) {
		(void)str_copy(out->state, sizeof out->state, secrets.state);
		provider->authorization_url(config, &out->authorization_url, secrets.state, challenge, in->login_hint);
		buf_printf(&out->short_url, "%s/c/%s", public_url, short_token);
	}
	secret_wipe(&secrets, sizeof secrets);
	return status;
}

void consent_begun_free(struct consent_begun *begun)
{
	buf_free(&begun->authorization_url);
	buf_free(&begun->short_url);
}

int consent_open_short(struct core *core, const char *token, struct buf *url, struct err *err)
{
	char hash[DIGEST_HEX_SIZE], challenge[DIGEST_TOKEN_SIZE];
	struct attempt attempt;
	struct attempt_secrets secrets;
	digest_lookup(hash, ATTEMPT_SHORT, token);
	if (attempt_load_short(core, hash, &attempt, err) != 0)
		return -1;
	int status = attempt_is_open(core, &attempt) ? 0 : err_set(err, ERR_NOT_FOUND, "this link has been used or has expired");
	if (status == 0)
		status = attempt_unseal(core, &attempt, &secrets, err);
	if (status == 0)
		status = store_attempt_open(core->store, attempt.id, err);
	if (status == 0) {
		digest_pkce_challenge(challenge, secrets.verifier);
		provider_find(attempt.provider)
		        ->authorization_url(core_provider_config(core, attempt.provider), url, secrets.state, challenge,
		                            attempt.login_hint);
	}
	secret_wipe(&secrets, sizeof secrets);
	attempt_clear(&attempt);
	return status;
}

int consent_cancel(struct core *core, const char *attempt_id, struct err *err)
{
	struct attempt attempt;
	bool ended;
	if (attempt_load(core, attempt_id, &attempt, err) != 0)
		return -1;
	/* Its tokens are on their way, and will be linked. */
	bool returned = strcmp(attempt.state, "returned") == 0;
	attempt_clear(&attempt);
	if (returned)
		return err_set(err, ERR_CONFLICT, "the consent has been given and is being completed");
	if (store_attempt_end(core->store, attempt_id, "cancelled", NULL, NULL, NULL, &ended, err) != 0)
		return -1;
	return ended ? 0 : err_set(err, ERR_CONFLICT, "the attempt has ended already");
}

int consent_find_state(struct core *core, const char *state, char attempt_id[ID_TEXT_SIZE], char workspace_id[ID_TEXT_SIZE],
                       struct err *err)
{
	char hash[DIGEST_HEX_SIZE];
	struct attempt attempt;
	digest_lookup(hash, ATTEMPT_STATE, state);
	if (attempt_load_state(core, hash, &attempt, err) != 0)
		return -1;
	(void)str_copy(attempt_id, ID_TEXT_SIZE, attempt.id);
	(void)str_copy(workspace_id, ID_TEXT_SIZE, attempt.workspace_id);
	attempt_clear(&attempt);
	return 0;
}
