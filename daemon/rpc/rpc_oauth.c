/* oauth.*: attempts to get a person's consent. */
#include "daemon/rpc/caller.h"
#include "daemon/rpc/connected.h"
#include "daemon/rpc/handler.h"
#include "daemon/rpc/objects.h"
#include "daemon/rpc/redirect.h"
#include "ipc/base/strutil.h"
#include "ipc/params.h"
#include "store/attempts.h"
#include "store/connections.h"
#include "store/users.h"

enum { EXPIRES_IN_DEFAULT = 900 };

/* Is the object of the workspace that the call is about? */
struct belonging {
	const char *workspace_id, *provider; /* provider NULL: whatever */
	bool belongs, provider_fits;
};

static void check_user(void *arg, const struct user_row *row)
{
	struct belonging *check = arg;
	check->belongs = str_equal(row->workspace_id, check->workspace_id);
}

static void check_connection(void *arg, const struct connection_row *row)
{
	struct belonging *check = arg;
	check->belongs = str_equal(row->workspace_id, check->workspace_id);
	check->provider_fits = str_equal(row->provider, check->provider);
}

static int check_named(struct rpc_call *call, const struct consent_begin *in, const char **noun, struct err *err)
{
	struct store *store = call->app->core.store;
	struct belonging user = { .workspace_id = call->workspace_id };
	struct belonging connection = { .workspace_id = call->workspace_id, .provider = in->provider };
	*noun = "user";
	if (in->user_id && store_user_get(store, in->user_id, check_user, &user, err))
		return -1;
	if (in->user_id && !user.belongs)
		return err_set(err, ERR_NOT_FOUND, "it is of another workspace");
	*noun = "connection";
	if (in->connection_id && store_connection_get(store, in->connection_id, check_connection, &connection, err))
		return -1;
	if (in->connection_id && !connection.belongs)
		return err_set(err, ERR_NOT_FOUND, "it is of another workspace");
	if (in->connection_id && !connection.provider_fits)
		return err_field(err, "provider", "provider: expected that of the connection");
	return 0;
}

static void begun_write(struct writer *w, const struct consent_begun *begun)
{
	writer_object(w);
	writer_put_text(w, "attempt_id", begun->attempt_id);
	writer_put_text(w, "authorization_url", buf_text(&begun->authorization_url));
	writer_put_text(w, "short_url", buf_text(&begun->short_url));
	writer_put_text(w, "state", begun->state);
	writer_put_time(w, "expires_at", begun->expires_at);
	writer_end(w);
}

static struct rpc_answer begin(struct rpc_call *call)
{
	const struct consent_begin in = {
		.workspace_id = call->workspace_id,
		.provider = params_text(call->params, "provider"),
		.user_id = params_text(call->params, "user"),
		.login_hint = params_text(call->params, "login_hint"),
		.connection_id = params_text(call->params, "connection"),
		.actor = caller_actor(call->caller),
		.expires_in_ms = params_int(call->params, "expires_in", EXPIRES_IN_DEFAULT) * 1000,
	};
	struct consent_begun begun = { .expires_at = 0 };
	const char *noun;
	struct err err;
	if (check_named(call, &in, &noun, &err))
		return rpc_fail_absent(call, noun, &err);
	int status = consent_begin(&call->app->core, call->app->public_url, &in, &begun, &err);
	if (status == 0) {
		rpc_object(call, "attempt", begun.attempt_id);
		begun_write(rpc_result(call), &begun);
	}
	consent_begun_free(&begun);
	return status ? rpc_fail(call, &err) : rpc_done(call);
}

struct attempt_writer {
	struct writer *w;
	int64_t now;
};

static void write_attempt(void *arg, const struct attempt_row *row)
{
	const struct attempt_writer *to = arg;
	attempt_write(to->w, row, to->now);
}

static struct rpc_answer status(struct rpc_call *call)
{
	struct store *store = call->app->core.store;
	struct attempt_writer to = { rpc_result(call), store_now(store) };
	struct err err;
	if (store_attempt_get(store, params_text(call->params, "attempt_id"), write_attempt, &to, &err))
		return rpc_fail_absent(call, "attempt", &err);
	return rpc_done(call);
}

static struct rpc_answer cancel(struct rpc_call *call)
{
	struct err err;
	if (consent_cancel(&call->app->core, params_text(call->params, "attempt_id"), &err))
		return rpc_fail_absent(call, "attempt", &err);
	return status(call);
}

static void completed(void *arg, const struct consent_outcome *outcome)
{
	struct rpc_call *call = arg;
	struct err err = outcome->err;
	if (err.code == ERR_INVALID_REQUEST)
		(void)err_field(&err, "redirect_url", "redirect_url: %s", outcome->err.message);
	if (err.code == ERR_NONE && connected_write(rpc_result(call), call->app->core.store, outcome, &err) == 0)
		rpc_finish(call);
	else
		rpc_finish_error(call, &err);
}

static struct rpc_answer complete(struct rpc_call *call)
{
	struct query *query;
	struct err err;
	if (redirect_parse(params_text(call->params, "redirect_url"), &query, &err))
		return rpc_fail(call, &err);
	const struct consent_redirect redirect = redirect_of(query);
	consent_complete(&call->app->core, &redirect, completed, call);
	query_free(query);
	return rpc_pending(call);
}

static const struct rpc_handler rows[] = {
	{ "oauth.begin", begin },
	{ "oauth.cancel", cancel },
	{ "oauth.complete", complete },
	{ "oauth.status", status },
};
const struct rpc_handlers rpc_oauth = RPC_HANDLERS(rows);
