/* connection.*: pausing, and the way out of the trash or out of the world. */
#include "daemon/health.h"
#include "daemon/rpc/caller.h"
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/restoring.h"
#include "ipc/base/timefmt.h"
#include "ipc/params.h"
#include "store/connections.h"

static void write_row(void *arg, const struct connection_row *row)
{
	struct rpc_call *call = arg;
	connection_write(&call->writer, call->app->core.store, row);
}

static struct rpc_answer answer_connection(struct rpc_call *call)
{
	struct err err;
	(void)rpc_result(call);
	if (store_connection_get(call->app->core.store, params_text(call->params, "id"), write_row, call, &err))
		return rpc_fail_absent(call, "connection", &err);
	return rpc_done(call);
}

static int tell(struct rpc_call *call, const char *kind, const char *text, struct err *err)
{
	const struct timeline_row row = {
		.connection_id = params_text(call->params, "id"),
		.kind = kind,
		.actor = caller_actor(call->caller),
		.text = text,
	};
	return store_timeline_append(call->app->core.store, &row, err);
}

/* "paused until 2026-01-31T12:00:00Z: moving house" */
static int tell_pause(struct rpc_call *call, int64_t until, const char *reason, struct err *err)
{
	char at[TIME_TEXT_SIZE];
	struct buf text = { 0 };
	buf_add_text(&text, "paused");
	if (until) {
		time_format(at, until);
		buf_printf(&text, " until %s", at);
	}
	if (reason && reason[0])
		buf_printf(&text, ": %s", reason);
	int status = tell(call, "paused", buf_text(&text), err);
	buf_free(&text);
	return status;
}

static struct rpc_answer pause(struct rpc_call *call)
{
	struct core *core = &call->app->core;
	const char *reason = params_text(call->params, "reason");
	int64_t until;
	bool changed;
	struct err err;
	if (rpc_future(call, "until", &until, &err) ||
	    store_connection_pause(core->store, params_text(call->params, "id"), true, until, reason, &changed, &err) ||
	    (changed && tell_pause(call, until, reason, &err)))
		return rpc_fail_absent(call, "connection", &err);
	core->jobs_moved = true;
	return answer_connection(call);
}

static struct rpc_answer resume(struct rpc_call *call)
{
	struct core *core = &call->app->core;
	const char *id = params_text(call->params, "id");
	bool changed;
	struct err err;
	if (store_connection_pause(core->store, id, false, 0, NULL, &changed, &err) ||
	    (changed && tell(call, "resumed", "resumed", &err)) || health_update(core->store, id, &err))
		return rpc_fail_absent(call, "connection", &err);
	core->jobs_moved = true;
	return answer_connection(call);
}

static struct rpc_answer restore(struct rpc_call *call)
{
	struct err err;
	if (restore_connection(&call->app->core, params_text(call->params, "id"), caller_actor(call->caller), &err))
		return rpc_fail_absent(call, "connection", &err);
	return answer_connection(call);
}

static struct rpc_answer answer_effects(struct rpc_call *call)
{
	struct connection_effects effects;
	struct err err;
	if (store_connection_effects(call->app->core.store, params_text(call->params, "id"), &effects, &err))
		return rpc_fail_absent(call, "connection", &err);
	struct writer *w = rpc_result(call);
	writer_object(w);
	writer_put_bool(w, "dry_run", true);
	writer_key(w, "effects");
	writer_object(w);
	writer_put_int(w, "connections", 1);
	writer_put_int(w, "calendars", effects.calendars);
	writer_put_int(w, "sync_errors", effects.sync_errors);
	writer_put_int(w, "runs", effects.runs);
	writer_put_int(w, "timeline", effects.timeline);
	writer_end(w);
	writer_end(w);
	return rpc_done(call);
}

static struct rpc_answer purge(struct rpc_call *call)
{
	struct err err;
	if (call->dry_run)
		return answer_effects(call);
	if (store_connection_purge(call->app->core.store, params_text(call->params, "id"), &err))
		return rpc_fail_absent(call, "connection", &err);
	return rpc_deleted(call);
}

static const struct rpc_handler rows[] = {
	{ "connection.pause", pause },
	{ "connection.purge", purge },
	{ "connection.restore", restore },
	{ "connection.resume", resume },
};
const struct rpc_handlers rpc_connection_life = RPC_HANDLERS(rows);
