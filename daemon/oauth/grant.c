/* Grants: copies, sealing and opening. The places that sealed values are bound to are named here and nowhere else. */
#include "daemon/oauth/grant.h"

#include "daemon/health.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>

static struct blob blob_copy(struct blob from)
{
	if (!from.bytes)
		return (struct blob){ 0 };
	void *bytes = mem_alloc(from.len);
	memcpy(bytes, from.bytes, from.len);
	return (struct blob){ .bytes = bytes, .len = from.len };
}

static void blob_free(struct blob *blob)
{
	/* The bytes of an owned blob were allocated; const only guards borrowed ones. */
	free((void *)(uintptr_t)blob->bytes);
	*blob = (struct blob){ 0 };
}

static void copy_row(void *arg, const struct grant_row *row)
{
	struct grant *grant = arg;
	*grant = (struct grant){
		.provider = mem_strdup(row->provider),
		.client_id = mem_strdup(row->client_id),
		.subject = mem_strdup(row->subject),
		.email = mem_strdup(row->email),
		.scopes = mem_strdup(row->scopes ? row->scopes : ""),
		.key_id = mem_strdup(row->key_id),
		.live = row->live,
		.generation = row->generation,
		.access_expires_at = row->access_expires_at,
		.refreshed_at = row->refreshed_at,
		.consented_at = row->consented_at,
		.data_key = blob_copy(row->data_key),
		.access_token = blob_copy(row->access_token),
		.refresh_token = blob_copy(row->refresh_token),
	};
	(void)str_copy(grant->id, sizeof grant->id, row->id);
}

int grant_load(struct core *core, const char *id, struct grant *out, struct err *err)
{
	return store_grant_get(core->store, id, copy_row, out, err);
}

int grant_load_account(struct core *core, const char *provider, const char *client_id, const char *subject, struct grant *out,
                       struct err *err)
{
	return store_grant_find(core->store, provider, client_id, subject, copy_row, out, err);
}

void grant_clear(struct grant *grant)
{
	free(grant->provider);
	free(grant->client_id);
	free(grant->subject);
	free(grant->email);
	free(grant->scopes);
	free(grant->key_id);
	blob_free(&grant->data_key);
	blob_free(&grant->access_token);
	blob_free(&grant->refresh_token);
	*grant = (struct grant){ 0 };
}

static struct seal_place place_of(const char *grant_id, const char *column)
{
	return (struct seal_place){ .table = "grants", .row = grant_id, .column = column };
}

static int unwrap_key(struct core *core, const struct grant *grant, struct data_key **key, struct err *err)
{
	const struct seal_place place = place_of(grant->id, "data_key");
	if (!grant->data_key.bytes)
		return err_set(err, ERR_REAUTH_REQUIRED, "the consent was given up; connect again");
	return data_key_unwrap(core->vault, grant->key_id, &place, grant->data_key.bytes, grant->data_key.len, key, err);
}

static int open_token(struct core *core, const struct grant *grant, const char *column, const struct blob *blob,
                      struct secret **out, struct err *err)
{
	const struct seal_place place = place_of(grant->id, column);
	struct data_key *key = NULL;
	int status = unwrap_key(core, grant, &key, err);
	if (status == 0 && !blob->bytes)
		status = err_set(err, ERR_REAUTH_REQUIRED, "there is no token; connect again");
	if (status == 0)
		status = seal_open(core->vault, key, &place, blob->bytes, blob->len, out, err);
	data_key_free(key);
	if (status == 0 || err->code != ERR_SEALED || vault_is_sealed(core->vault))
		return status;
	LOG_ERROR("undecryptable", LOG_STR("grant", grant->id), LOG_STR("column", column));
	const struct health_trouble trouble = { .reason = REASON_UNDECRYPTABLE, .operation = "decrypt" };
	struct err ignored;
	(void)health_trouble_grant(core->store, grant->id, &trouble, &ignored);
	return -1;
}

int grant_open_access(struct core *core, const struct grant *grant, struct secret **out, struct err *err)
{
	return open_token(core, grant, "access_token", &grant->access_token, out, err);
}

int grant_open_refresh(struct core *core, const struct grant *grant, struct secret **out, struct err *err)
{
	return open_token(core, grant, "refresh_token", &grant->refresh_token, out, err);
}

void sealed_tokens_clear(struct sealed_tokens *sealed)
{
	blob_free(&sealed->access_token);
	blob_free(&sealed->refresh_token);
	blob_free(&sealed->data_key);
}

static int seal_into(struct core *core, const char *id, const struct data_key *key, const char *column,
                     const struct secret *secret, struct blob *out, struct err *err)
{
	const struct seal_place place = place_of(id, column);
	uint8_t *bytes;
	size_t len;
	if (!secret)
		return 0;
	if (seal_secret(core->vault, key, &place, secret, &bytes, &len, err) != 0)
		return -1;
	*out = (struct blob){ .bytes = bytes, .len = len };
	return 0;
}

static int seal_both(struct core *core, const char *id, const struct data_key *key, const struct secret *access,
                     const struct secret *refresh, struct sealed_tokens *out, struct err *err)
{
	if (seal_into(core, id, key, "access_token", access, &out->access_token, err) != 0 ||
	    seal_into(core, id, key, "refresh_token", refresh, &out->refresh_token, err) != 0)
		return -1;
	return refresh ? vault_fingerprint(core->vault, refresh, out->fingerprint, err) : 0;
}

int grant_reseal(struct core *core, const struct grant *grant, const struct secret *access, const struct secret *refresh,
                 struct sealed_tokens *out, struct err *err)
{
	struct data_key *key = NULL;
	int status = unwrap_key(core, grant, &key, err);
	if (status == 0)
		status = seal_both(core, grant->id, key, access, refresh, out, err);
	data_key_free(key);
	return status;
}

int grant_seal_new(struct core *core, const char *id, const struct secret *access, const struct secret *refresh,
                   struct sealed_tokens *out, struct err *err)
{
	const struct seal_place place = place_of(id, "data_key");
	uint8_t wrapped[32 + SEAL_OVERHEAD];
	struct data_key *key = data_key_new(core->vault);
	int status = data_key_wrap(core->vault, key, &place, wrapped, err);
	if (status == 0) {
		out->data_key = blob_copy((struct blob){ .bytes = wrapped, .len = sizeof wrapped });
		status = seal_both(core, id, key, access, refresh, out, err);
	}
	data_key_free(key);
	return status;
}
