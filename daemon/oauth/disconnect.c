/* Disconnecting. The token to revoke goes into the outbox in the transaction that detaches the connection and shreds the grant, so that
 * neither a crash nor a provider that is down can lose it; then the outbox is asked to try at once. */
#include "daemon/oauth/disconnect.h"

#include "daemon/agenda.h"
#include "daemon/health.h"
#include "daemon/oauth/grant.h"
#include "daemon/oauth/outbox.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"

#include <stdlib.h>
#include <string.h>

struct disconnect {
	struct core *core;
	char connection_id[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE], revocation_id[ID_TEXT_SIZE];
	int64_t siblings;
	struct disconnect_outcome outcome;
	disconnect_done_fn *fn;
	void *arg;
};

static void copy_grant_id(void *arg, const struct connection_row *row)
{
	struct disconnect *disconnect = arg;
	(void)str_copy(disconnect->grant_id, ID_TEXT_SIZE, row->grant_id ? row->grant_id : "");
}

static void count_sibling(void *arg, const struct connection_row *row)
{
	struct disconnect *disconnect = arg;
	disconnect->siblings += strcmp(row->id, disconnect->connection_id) != 0;
}

static void disconnect_finish(struct disconnect *disconnect)
{
	disconnect->fn(disconnect->arg, &disconnect->outcome);
	free(disconnect);
}

static void disconnect_revoked(void *arg, const struct failure *failure)
{
	struct disconnect *disconnect = arg;
	disconnect->outcome.ok = failure == NULL;
	if (failure)
		(void)str_copy(disconnect->outcome.reason, sizeof disconnect->outcome.reason, reason_row(failure->reason)->code);
	disconnect_finish(disconnect);
}

/* Put the refresh token in the outbox, as far as it opens; a token that does not cannot be revoked. */
static int enqueue_revocation(struct disconnect *disconnect, struct err *err)
{
	struct grant grant;
	struct secret *token = NULL;
	struct err why = { 0 };
	if (grant_load(disconnect->core, disconnect->grant_id, &grant, err) != 0)
		return -1;
	int status = 0;
	if (!grant.live || !grant.refresh_token.bytes)
		(void)str_copy(disconnect->outcome.reason, sizeof disconnect->outcome.reason, "the consent was over already");
	else if (grant_open_refresh(disconnect->core, &grant, &token, &why) != 0)
		(void)str_copy(disconnect->outcome.reason, sizeof disconnect->outcome.reason, "undecryptable");
	else
		status = outbox_put(disconnect->core, grant.provider, grant.id, token, disconnect->revocation_id, err);
	secret_unref(token);
	grant_clear(&grant);
	return status;
}

static int disconnect_local(struct disconnect *disconnect, bool revoke, struct err *err)
{
	struct store *store = disconnect->core->store;
	char *reason = disconnect->outcome.reason;
	size_t size = sizeof disconnect->outcome.reason;
	if (store_connection_get(store, disconnect->connection_id, copy_grant_id, disconnect, err) != 0)
		return -1;
	if (disconnect->grant_id[0] == '\0') {
		(void)str_copy(reason, size, "it was disconnected already");
		return 0;
	}
	if (store_connection_of_grant(store, disconnect->grant_id, count_sibling, disconnect, err) != 0)
		return -1;
	if (disconnect->siblings > 0)
		(void)str_copy(reason, size, "other connections use the same consent");
	else if (!revoke)
		(void)str_copy(reason, size, "not asked for");
	else if (enqueue_revocation(disconnect, err) != 0)
		return -1;
	if (store_connection_detach(store, disconnect->connection_id, err) != 0)
		return -1;
	if (disconnect->siblings == 0 && store_grant_shred(store, disconnect->grant_id, err) != 0)
		return -1;
	if (store_sync_error_resolve(store, disconnect->connection_id, NULL, NULL, err) != 0)
		return -1;
	if (agenda_disconnected(disconnect->core, disconnect->connection_id, err) != 0)
		return -1;
	return health_update(store, disconnect->connection_id, err);
}

/* The provider hears of it only when the local part can no longer be undone. */
static void disconnect_committed(void *arg, const struct err *failed)
{
	struct disconnect *disconnect = arg;
	if (failed) {
		disconnect->outcome.err = *failed;
		disconnect_finish(disconnect);
		return;
	}
	LOG_INFO("disconnected", LOG_STR("connection", disconnect->connection_id), LOG_INT("siblings", disconnect->siblings));
	if (disconnect->revocation_id[0] == '\0') {
		disconnect_finish(disconnect);
		return;
	}
	disconnect->outcome.attempted = true;
	outbox_try(disconnect->core, disconnect->revocation_id, disconnect_revoked, disconnect);
}

int disconnect_run(struct core *core, const char *connection_id, bool revoke, disconnect_done_fn *fn, void *arg, struct err *err)
{
	struct disconnect *disconnect = mem_alloc(sizeof *disconnect);
	disconnect->core = core;
	disconnect->fn = fn;
	disconnect->arg = arg;
	(void)str_copy(disconnect->connection_id, sizeof disconnect->connection_id, connection_id);
	if (disconnect_local(disconnect, revoke, err) != 0) {
		free(disconnect);
		return -1;
	}
	store_after_commit(core->store, disconnect_committed, disconnect);
	return 0;
}
