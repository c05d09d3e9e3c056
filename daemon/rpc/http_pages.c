/* The routes of the listener. Whatever depends on the store is answered when the tick is committed. */
#include "daemon/rpc/http_pages.h"

#include "daemon/app.h"
#include "daemon/rpc/connected.h"
#include "daemon/rpc/page.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>

#define CALLBACK_PATH "/api/calendars/google/callback"
#define SHORT_PATH "/c/"

static const char type_html[] = "text/html; charset=utf-8";
static const char type_json[] = "application/json; charset=utf-8";
static const char type_text[] = "text/plain; charset=utf-8";

/* An answer on its way. */
struct visit {
	struct app *app;
	struct exchange *exchange;
	int status;
	const char *type;
	struct buf body, location; /* location: empty unless 302 */
};

static struct visit *visit_new(struct app *app, struct exchange *exchange)
{
	struct visit *visit = mem_alloc(sizeof *visit);
	visit->app = app;
	visit->exchange = exchange;
	return visit;
}

static void visit_answer(struct visit *visit)
{
	exchange_answer(visit->exchange, visit->status, visit->type, &visit->body,
	                visit->location.len > 0 ? buf_text(&visit->location) : NULL);
	buf_free(&visit->body);
	buf_free(&visit->location);
	free(visit);
}

/* The page or the JSON of a failure. */
static void visit_fail(struct visit *visit, const struct consent_outcome *outcome)
{
	buf_truncate(&visit->body, 0);
	buf_truncate(&visit->location, 0);
	visit->status = outcome->http_status;
	visit->type = exchange_wants_json(visit->exchange) ? type_json : type_html;
	if (visit->type == type_json) {
		struct writer w;
		writer_init(&w, &visit->body);
		not_connected_write(&w, outcome);
	} else {
		page_not_connected(&visit->body, not_connected_code(outcome));
	}
}

/* What is wrong with the store is nobody's business out there. */
static void visit_fail_store(struct visit *visit)
{
	struct consent_outcome outcome = { .http_status = 503 };
	(void)err_set(&outcome.err, ERR_STORE_FAILED, "nothing could be saved");
	visit_fail(visit, &outcome);
}

static void visit_settled(void *arg, const struct err *failed)
{
	struct visit *visit = arg;
	if (failed)
		visit_fail_store(visit);
	visit_answer(visit);
}

static int success_write(struct visit *visit, const struct consent_outcome *outcome, struct err *err)
{
	struct store *store = visit->app->core.store;
	const char *after = visit->app->config->after_connect_url;
	visit->status = 200;
	visit->type = exchange_wants_json(visit->exchange) ? type_json : type_html;
	if (visit->type == type_json) {
		struct writer w;
		writer_init(&w, &visit->body);
		return connected_write(&w, store, outcome, err);
	}
	struct connected_account account;
	if (connected_account(store, outcome->connection_id, &account, err))
		return -1;
	page_connected(&visit->body, account.email, account.calendars, account.left_out);
	if (after[0]) {
		visit->status = 302;
		buf_add_text(&visit->location, after);
	}
	return 0;
}

static void callback_done(void *arg, const struct consent_outcome *outcome)
{
	struct visit *visit = arg;
	struct err err;
	if (outcome->err.code != ERR_NONE)
		visit_fail(visit, outcome);
	else if (success_write(visit, outcome, &err))
		visit_fail_store(visit);
	store_after_commit(visit->app->core.store, visit_settled, visit);
}

static void answer_callback(struct visit *visit)
{
	const struct exchange *exchange = visit->exchange;
	if (!exchange_query_ok(exchange)) {
		struct consent_outcome outcome = { .http_status = 400, .code = "bad_redirect" };
		(void)err_set(&outcome.err, ERR_INVALID_REQUEST, "the query is malformed");
		visit_fail(visit, &outcome);
		visit_answer(visit);
		return;
	}
	const struct consent_redirect redirect = {
		.state = exchange_query(exchange, "state"),
		.code = exchange_query(exchange, "code"),
		.error = exchange_query(exchange, "error"),
		.issuer = exchange_query(exchange, "iss"),
	};
	consent_complete(&visit->app->core, &redirect, callback_done, visit);
}

static void answer_short(struct visit *visit, const char *token)
{
	struct core *core = &visit->app->core;
	struct err err;
	visit->type = type_html;
	visit->status = 302;
	if (consent_open_short(core, token, &visit->location, &err)) {
		bool over = err.code == ERR_NOT_FOUND;
		struct consent_outcome outcome = { .http_status = over ? 404 : 503, .err = err, .code = over ? "bad_state" : NULL };
		visit_fail(visit, &outcome);
	}
	store_after_commit(core->store, visit_settled, visit);
}

static void answer_health(struct visit *visit)
{
	bool sealed = vault_is_sealed(visit->app->core.vault);
	visit->status = sealed ? 503 : 200;
	visit->type = type_text;
	buf_add_text(&visit->body, sealed ? "sealed\n" : "ok\n");
	visit_answer(visit);
}

static void answer_nothing(struct visit *visit)
{
	visit->status = 404;
	visit->type = type_html;
	page_not_found(&visit->body);
	visit_answer(visit);
}

void http_pages_answer(void *app, struct exchange *exchange)
{
	struct visit *visit = visit_new(app, exchange);
	const char *path = exchange_path(exchange);
	if (str_equal(path, CALLBACK_PATH))
		answer_callback(visit);
	else if (str_starts_with(path, SHORT_PATH))
		answer_short(visit, path + sizeof SHORT_PATH - 1);
	else if (str_equal(path, "/healthz"))
		answer_health(visit);
	else
		answer_nothing(visit);
}
