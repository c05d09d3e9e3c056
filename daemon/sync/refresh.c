/* connection.refresh: a new token first, then the calendar list, each with its own verdict. */
#include "daemon/sync/refresh.h"

#include "daemon/agenda.h"
#include "daemon/oauth/tokens.h"
#include "daemon/sync/calendars.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"
#include "store/grants.h"

#include <stdlib.h>

struct refresh {
	struct core *core;
	char connection_id[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE];
	struct refresh_outcome outcome;
	refresh_done_fn *fn;
	void *arg;
};

static void refresh_finish(struct refresh *refresh)
{
	refresh->fn(refresh->arg, &refresh->outcome);
	free(refresh);
}

static void refresh_synced(void *arg, const struct calendar_sync_result *result)
{
	struct refresh *refresh = arg;
	if (result->failure)
		failure_to_err(result->failure, refresh->connection_id, &refresh->outcome.sync_err);
	refresh->outcome.counts =
	        (struct sync_counts){ .added = result->added, .changed = result->changed, .gone = result->gone };
	refresh_finish(refresh);
}

static void read_expiry(void *arg, const struct grant_row *row)
{
	int64_t *expires_at = arg;
	*expires_at = row->access_expires_at;
}

static void offer_action(void *arg, const struct connection_row *row)
{
	struct err *err = arg;
	(void)str_copy(err->action_workspace, sizeof err->action_workspace, row->workspace_id);
	(void)str_copy(err->action_provider, sizeof err->action_provider, row->provider);
}

static void refresh_got_token(void *arg, struct secret *token, int64_t generation, const struct failure *failure)
{
	struct refresh *refresh = arg;
	struct refresh_outcome *outcome = &refresh->outcome;
	struct err err;
	(void)token;
	if (failure) {
		failure_to_err(failure, refresh->connection_id, &outcome->token_err);
		(void)store_connection_get(refresh->core->store, refresh->connection_id, offer_action, &outcome->token_err, &err);
		refresh_finish(refresh);
		return;
	}
	outcome->generation = generation;
	if (agenda_refreshed(refresh->core, refresh->grant_id, &err) != 0)
		LOG_ERROR("refresh_not_planned", LOG_STR("connection", refresh->connection_id), LOG_STR("why", err.message));
	if (store_grant_get(refresh->core->store, refresh->grant_id, read_expiry, &outcome->expires_at, &outcome->token_err) != 0) {
		refresh_finish(refresh);
		return;
	}
	if (calendar_sync_start(refresh->core, refresh->connection_id, false, refresh_synced, refresh, &outcome->sync_err) != 0)
		refresh_finish(refresh);
}

static void copy_grant_id(void *arg, const struct connection_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->grant_id ? row->grant_id : "");
}

int refresh_run(struct core *core, const char *connection_id, refresh_done_fn *fn, void *arg, struct err *err)
{
	char grant_id[ID_TEXT_SIZE];
	if (store_connection_get(core->store, connection_id, copy_grant_id, grant_id, err) != 0)
		return -1;
	if (grant_id[0] == '\0')
		return err_set(err, ERR_CONFLICT, "the connection is disconnected");
	if (vault_is_sealed(core->vault))
		return err_set(err, ERR_SEALED, "the key that seals tokens is missing or wrong");
	struct refresh *refresh = mem_alloc(sizeof *refresh);
	refresh->core = core;
	refresh->fn = fn;
	refresh->arg = arg;
	(void)str_copy(refresh->connection_id, sizeof refresh->connection_id, connection_id);
	(void)str_copy(refresh->grant_id, sizeof refresh->grant_id, grant_id);
	tokens_get(core->tokens, grant_id, TOKENS_REFRESH_NOW, refresh_got_token, refresh);
	return 0;
}
