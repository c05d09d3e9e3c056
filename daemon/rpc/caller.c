/* Peers and their access. */
#include "daemon/rpc/caller.h"

#include "ipc/base/strutil.h"
#include "store/workspaces.h"

#include <pwd.h>
#include <stdio.h>

int caller_init(struct caller *caller, int fd, struct err *err)
{
	*caller = (struct caller){ 0 };
	return peer_read(fd, &caller->peer, err);
}

void caller_free(struct caller *caller)
{
	peer_free(&caller->peer);
	access_free(&caller->access);
}

struct resolving {
	struct store *store;
	struct err err; /* ERR_NONE unless the store failed */
};

static void take_id(void *arg, const struct workspace_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->id);
}

static bool resolve_slug(void *arg, const char *slug, char id[ID_TEXT_SIZE])
{
	struct resolving *resolving = arg;
	struct err err;
	if (store_workspace_get(resolving->store, slug, true, take_id, id, &err) == 0)
		return true;
	if (err.code != ERR_NOT_FOUND)
		resolving->err = err;
	return false;
}

int caller_refresh(struct caller *caller, struct app *app, struct err *err)
{
	uint64_t epoch = store_workspace_epoch(app->core.store);
	if (caller->fresh && caller->policy_generation == app->policy_generation && caller->workspace_epoch == epoch)
		return 0;
	struct resolving resolving = { .store = app->core.store };
	access_free(&caller->access);
	policy_access(app->policy, &caller->peer, resolve_slug, &resolving, &caller->access);
	caller->policy_generation = app->policy_generation;
	caller->workspace_epoch = epoch;
	caller->fresh = resolving.err.code == ERR_NONE;
	if (caller->fresh)
		return 0;
	*err = resolving.err;
	return -1;
}

const char *caller_actor(struct caller *caller)
{
	if (caller->actor[0] == '\0') {
		struct passwd entry, *found = NULL;
		char text[4096];
		caller->named = getpwuid_r(caller->peer.uid, &entry, text, sizeof text, &found) == 0 && found;
		if (caller->named)
			(void)str_copy(caller->actor, sizeof caller->actor, found->pw_name);
		else
			(void)snprintf(caller->actor, sizeof caller->actor, "uid:%lu", (unsigned long)caller->peer.uid);
	}
	return caller->actor;
}
