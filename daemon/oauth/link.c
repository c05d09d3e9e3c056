/* A consent becomes a grant and a connection. */
#include "daemon/oauth/link.h"

#include "daemon/agenda.h"
#include "daemon/health.h"
#include "daemon/oauth/grant.h"
#include "daemon/oauth/scope_check.h"
#include "daemon/provider/scopes.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/audit.h"
#include "store/connections.h"
#include "store/grants.h"

#include <stdlib.h>
#include <string.h>

struct link {
	struct core *core;
	const struct link_consent *in;
	struct link_result *out;
	const struct provider *provider;
	struct grant grant;        /* the account's present one */
	bool has_grant;
	char connection_id[ID_TEXT_SIZE]; /* the account's present one in this workspace, "" if none */
	char wanted_subject[256];  /* of the connection to be renewed */
	struct buf others;         /* ids of the other connections of the grant, each ID_TEXT_SIZE bytes */
};

static void copy_subject(void *arg, const struct connection_row *row)
{
	struct link *link = arg;
	(void)str_copy(link->wanted_subject, sizeof link->wanted_subject, row->subject);
}

static void copy_id(void *arg, const struct connection_row *row)
{
	struct link *link = arg;
	(void)str_copy(link->connection_id, sizeof link->connection_id, row->id);
}

static void collect_other(void *arg, const struct connection_row *row)
{
	struct link *link = arg;
	if (strcmp(row->id, link->connection_id) != 0)
		buf_add(&link->others, row->id, ID_TEXT_SIZE);
}

/* 0 also for ERR_NOT_FOUND, which is an answer here. */
static int found_or_not(int status, const struct err *err, bool *found)
{
	*found = status == 0;
	return status == 0 || err->code == ERR_NOT_FOUND ? 0 : -1;
}

static int look_around(struct link *link, struct err *err)
{
	const struct link_consent *in = link->in;
	struct store *store = link->core->store;
	const char *client_id = core_provider_config(link->core, in->provider)->client_id;
	bool found;
	if (in->reconnect_id) {
		if (store_connection_get(store, in->reconnect_id, copy_subject, link, err) != 0)
			return -1;
		if (strcmp(link->wanted_subject, in->subject) != 0)
			return err_set(err, ERR_ACCOUNT_MISMATCH,
			               "another account consented than the one of this connection; nothing was changed");
	}
	if (found_or_not(grant_load_account(link->core, in->provider, client_id, in->subject, &link->grant, err), err,
	                 &link->has_grant) != 0)
		return -1;
	if (found_or_not(store_connection_find(store, in->workspace_id, in->provider, in->subject, copy_id, link, err), err,
	                 &found) != 0)
		return -1;
	return link->has_grant ? store_connection_of_grant(store, link->grant.id, collect_other, link, err) : 0;
}

/* A narrower consent never replaces a live wider token that another connection uses; one that does not open is of no use. */
static bool keeps_wider_grant(const struct link *link)
{
	struct secret *refresh = NULL;
	struct err why;
	if (!link->has_grant || !link->grant.live || !link->grant.refresh_token.bytes || link->others.len == 0)
		return false;
	if (grant_open_refresh(link->core, &link->grant, &refresh, &why) != 0)
		return false;
	secret_unref(refresh);
	char *lost = scopes_missing(link->provider, link->in->scopes, link->grant.scopes);
	bool narrower = lost[0] != '\0';
	free(lost);
	return narrower;
}

/* The refresh token to store: the one that came, else the live one there is (PROVIDERS.md 0.3). */
static int choose_refresh(struct link *link, struct secret **refresh, struct err *err)
{
	if (link->in->refresh) {
		*refresh = secret_ref(link->in->refresh);
		return 0;
	}
	if (link->has_grant && link->grant.live && link->grant.refresh_token.bytes)
		return grant_open_refresh(link->core, &link->grant, refresh, err);
	return err_set(err, ERR_REAUTH_REQUIRED, "the provider sent no refresh token and none is stored; consent once more");
}

static int store_grant(struct link *link, struct err *err)
{
	const struct link_consent *in = link->in;
	struct core *core = link->core;
	struct secret *refresh = NULL;
	struct sealed_tokens sealed = { 0 };
	if (choose_refresh(link, &refresh, err) != 0)
		return -1;
	if (!link->has_grant)
		store_new_id(core->store, link->grant.id);
	int status = grant_seal_new(core, link->grant.id, in->access, refresh, &sealed, err);
	const struct grant_row row = {
		.id = link->grant.id,
		.provider = in->provider,
		.client_id = core_provider_config(core, in->provider)->client_id,
		.subject = in->subject,
		.email = in->email,
		.scopes = in->scopes,
		.live = true,
		.key_id = vault_seal_key_id(core->vault),
		.data_key = sealed.data_key,
		.access_token = sealed.access_token,
		.refresh_token = sealed.refresh_token,
		.fingerprint = sealed.fingerprint,
		.access_expires_at = in->access_expires_at,
	};
	if (status == 0)
		status = link->has_grant ? store_grant_replace(core->store, &row, err) : store_grant_insert(core->store, &row, err);
	/* An old disconnect that still waits to be revoked would end this consent too. */
	if (status == 0)
		status = store_revocation_delete_of_grant(core->store, link->grant.id, err);
	secret_unref(refresh);
	sealed_tokens_clear(&sealed);
	return status;
}

static int store_link(struct link *link, struct err *err)
{
	const struct link_consent *in = link->in;
	const char *required = core_provider_config(link->core, in->provider)->scopes;
	if (link->connection_id[0]) {
		(void)str_copy(link->out->connection_id, ID_TEXT_SIZE, link->connection_id);
		return store_connection_attach(link->core->store, link->connection_id, link->grant.id, in->email, in->user_id,
		                               required, err);
	}
	const struct connection_new row = {
		.workspace_id = in->workspace_id,
		.user_id = in->user_id,
		.provider = in->provider,
		.account_email = in->email,
		.subject = in->subject,
		.grant_id = link->grant.id,
		.required_scopes = required,
	};
	link->out->created = true;
	return store_connection_create(link->core->store, &row, link->out->connection_id, err);
}

/* A consent mends what was wrong with the tokens, for every connection of the account. */
static int mend(struct link *link, const char *connection_id, struct err *err)
{
	struct store *store = link->core->store;
	if (store_sync_error_resolve(store, connection_id, NULL, "token", err) != 0 ||
	    store_sync_error_resolve(store, connection_id, NULL, "decrypt", err) != 0)
		return -1;
	return scope_check(link->core, connection_id, err) == 0 ? health_update(store, connection_id, err) : -1;
}

static int write_audit(struct link *link, struct err *err)
{
	const struct audit_row row = {
		.uid = -1,
		.actor = link->in->actor ? link->in->actor : "browser",
		.workspace_id = link->in->workspace_id,
		.method = "oauth.callback",
		.object_type = "connection",
		.object_id = link->out->connection_id,
		.outcome = "ok",
		.details = link->out->created ? "{\"created\":true}" : "{\"created\":false}",
	};
	return store_audit_append(link->core->store, &row, err);
}

static int link_write(struct link *link, struct err *err)
{
	if (look_around(link, err) != 0)
		return -1;
	if (keeps_wider_grant(link))
		LOG_INFO("narrower_consent_not_stored", LOG_STR("grant", link->grant.id));
	else if (store_grant(link, err) != 0)
		return -1;
	if (store_link(link, err) != 0 || mend(link, link->out->connection_id, err) != 0)
		return -1;
	if (agenda_connected(link->core, link->out->connection_id, link->in->actor, link->out->created, err) != 0)
		return -1;
	for (size_t at = 0; at < link->others.len; at += ID_TEXT_SIZE)
		if (mend(link, link->others.data + at, err) != 0 || agenda_regranted(link->core, link->others.data + at, err) != 0)
			return -1;
	return write_audit(link, err);
}

int link_consent(struct core *core, const struct link_consent *in, struct link_result *out, struct err *err)
{
	struct link link = { .core = core, .in = in, .out = out, .provider = provider_find(in->provider) };
	*out = (struct link_result){ 0 };
	int status = link_write(&link, err);
	grant_clear(&link.grant);
	buf_free(&link.others);
	return status;
}
