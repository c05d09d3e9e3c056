/* rpc.*, system.*: the daemon itself. */
#include "daemon/reload.h"
#include "daemon/rpc/authorize.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/zone.h"
#include "ipc/openrpc.h"
#include "ipc/version.h"
#include "store/connections.h"
#include "store/jobs.h"
#include "store/workspaces.h"

#include <unistd.h>


static struct rpc_answer discover(struct rpc_call *call)
{
	openrpc_write(rpc_result(call));
	return rpc_done(call);
}

static struct rpc_answer ping(struct rpc_call *call)
{
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "pong", true);
	writer_end(w);
	return rpc_done(call);
}

static struct rpc_answer info(struct rpc_call *call)
{
	const struct app *app = call->app;
	char tzdata[32];
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_text(w, "version", ALMANAC_VERSION);
	writer_put_int(w, "protocol", ALMANAC_PROTOCOL);
	writer_put_int(w, "pid", getpid());
	writer_put_time(w, "started_at", app->started_at);
	writer_put_int(w, "uptime_seconds", (clock_boot(app->core.clock) - app->started_boot) / 1000);
	writer_put_text(w, "socket", app->socket_path);
	writer_put_text(w, "callback_url", app->callback_url);
	writer_put_text(w, "state_dir", app->state_dir);
	writer_put_int(w, "schema", store_schema_version(app->core.store));
	writer_put_text(w, "tzdata", zone_version(tzdata, sizeof tzdata) ? tzdata : NULL);
	writer_put_bool(w, "sealed", vault_is_sealed(app->core.vault));
	writer_end(w);
	return rpc_done(call);
}

static void grant_write(struct writer *w, enum role role, const struct access *access)
{
	writer_object(w);
	writer_put_text(w, "role", role_name(role));
	writer_key(w, "workspaces");
	if (access) {
		writer_array(w);
		for (size_t i = 0; i < access->count; i++)
			if (access->entries[i].role == role)
				writer_text(w, access->entries[i].workspace_id);
		writer_end(w);
	} else {
		writer_text(w, "*");
	}
	writer_end(w);
}

static bool has_entry(const struct access *access, enum role role)
{
	for (size_t i = 0; i < access->count; i++)
		if (access->entries[i].role == role)
			return true;
	return false;
}

/* The highest first; what `*` already gives is not repeated workspace by workspace. */
static void grants_write(struct writer *w, const struct access *access)
{
	writer_array(w);
	for (enum role role = ROLE_ADMIN; role > access->everywhere; role--)
		if (has_entry(access, role))
			grant_write(w, role, access);
	if (access->everywhere > ROLE_NONE)
		grant_write(w, access->everywhere, NULL);
	writer_end(w);
}

static struct rpc_answer whoami(struct rpc_call *call)
{
	struct caller *caller = call->caller;
	struct writer *w = rpc_result(call);
	const char *actor = caller_actor(caller);
	writer_object(w);
	writer_put_int(w, "uid", caller->peer.uid);
	writer_put_int(w, "gid", caller->peer.gid);
	writer_key(w, "groups");
	writer_array(w);
	for (size_t i = 0; i < caller->peer.group_count; i++)
		writer_int(w, caller->peer.groups[i]);
	writer_end(w);
	writer_put_text(w, "user", caller->named ? actor : NULL);
	writer_key(w, "grants");
	grants_write(w, &caller->access);
	writer_end(w);
	return rpc_done(call);
}

static void reason_count_write(void *arg, const char *code, int64_t connections)
{
	struct writer *w = arg;
	writer_object(w);
	writer_put_text(w, "code", code);
	writer_put_int(w, "count", connections);
	writer_end(w);
}

/* The members "jobs" and "providers". */
static void load_write(struct writer *w, const struct core *core, const struct job_counts *jobs)
{
	writer_key(w, "jobs");
	writer_object(w);
	writer_put_int(w, "running", jobs->running);
	writer_put_int(w, "queued", jobs->queued);
	writer_put_int(w, "late", jobs->late);
	writer_end(w);
	writer_key(w, "providers");
	writer_object(w);
	writer_key(w, "google");
	writer_object(w);
	writer_put_text(w, "breaker", breaker_state(&core->breaker, clock_boot(core->clock)));
	writer_end(w);
	writer_end(w);
}

static struct rpc_answer health(struct rpc_call *call)
{
	struct store *store = call->app->core.store;
	struct connection_counts counts;
	struct err err;
	bool sealed = vault_is_sealed(call->app->core.vault);
	struct job_counts jobs;
	if (store_connection_counts(store, authorize_scope(call), &counts, &err) ||
	    store_job_counts(store, store_now(store), &jobs, &err))
		return rpc_fail(call, &err);
	int64_t ailing = counts.by_state[STATE_BLOCKED] + counts.by_state[STATE_REAUTH_REQUIRED] +
	                 counts.by_state[STATE_FAILING] + counts.by_state[STATE_DEGRADED];
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "ok", !sealed && ailing == 0);
	writer_put_bool(w, "sealed", sealed);
	writer_key(w, "connections");
	counts_write(w, counts.by_state);
	writer_key(w, "reasons");
	writer_array(w);
	if (store_sync_error_counts(store, authorize_scope(call), reason_count_write, w, &err))
		return rpc_fail(call, &err);
	writer_end(w);
	load_write(w, &call->app->core, &jobs);
	writer_end(w);
	return rpc_done(call);
}

struct slug_check {
	struct store *store;
	struct writer *w;
};

static void warn_unknown_slug(void *arg, const char *slug, int line)
{
	struct slug_check *check = arg;
	struct err err;
	if (store_workspace_get(check->store, slug, true, NULL, NULL, &err) == 0 || err.code != ERR_NOT_FOUND)
		return;
	struct buf text = { 0 };
	buf_printf(&text, "policy, line %d: there is no workspace %s", line, slug);
	writer_text(check->w, buf_text(&text));
	buf_free(&text);
}

static struct rpc_answer reload(struct rpc_call *call)
{
	struct err err;
	if (app_reload(call->app, &err))
		return rpc_fail(call, &err);
	struct writer *w = rpc_result(call);
	struct slug_check check = { call->app->core.store, w };
	writer_object(w);
	writer_put_bool(w, "ok", true);
	writer_put_bool(w, "sealed", vault_is_sealed(call->app->core.vault));
	writer_key(w, "warnings");
	writer_array(w);
	policy_each_slug(call->app->policy, warn_unknown_slug, &check);
	writer_end(w);
	writer_end(w);
	return rpc_done(call);
}

static const struct rpc_handler rows[] = {
	{ "rpc.discover", discover }, { "system.health", health }, { "system.info", info },
	{ "system.ping", ping },      { "system.reload", reload }, { "system.whoami", whoami },
};
const struct rpc_handlers rpc_system = RPC_HANDLERS(rows);
