/* From the redirect to the connection.
 *
 *   redirect ─▶ EXCHANGE ─▶ USERINFO ─▶ LINK ─▶ (committed) CALENDARS ─▶ done
 *                                        ▲ │ (commit failed) the browser is told; the tokens stay in
 *                                        └─┘ locked memory and are linked again every second
 * A flow lives from consent_complete to flow_free. Its attempt is used up before anything is sent (single use). */
#include "daemon/oauth/consent.h"

#include "daemon/call.h"
#include "daemon/oauth/attempt.h"
#include "daemon/oauth/link.h"
#include "daemon/sync/calendars.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>

enum { LINK_AGAIN_MS = 1000, CODE_MAX = 2048 };

struct flow {
	struct core *core;
	struct attempt attempt;
	const struct provider *provider;
	struct secret *code, *verifier, *access, *refresh;
	int64_t access_expires_at;
	char *scopes, *subject, *email;
	struct consent_outcome outcome;
	consent_done_fn *fn; /* NULL once told */
	void *arg;
	struct timer *timer; /* for linking again */
};

static void flow_tell(struct flow *flow)
{
	consent_done_fn *fn = flow->fn;
	flow->fn = NULL;
	if (fn)
		fn(flow->arg, &flow->outcome);
}

static void flow_free(struct flow *flow)
{
	flow->core->calls--;
	attempt_clear(&flow->attempt);
	secret_unref(flow->code);
	secret_unref(flow->verifier);
	secret_unref(flow->access);
	secret_unref(flow->refresh);
	free(flow->scopes);
	free(flow->subject);
	free(flow->email);
	timer_free(flow->timer);
	free(flow);
}

/* The outcome of a failure: code is the attempt's, err what an RPC caller is told. */
static void set_failure(struct consent_outcome *outcome, int http_status, const char *code, enum err_code err_code,
                        const char *message)
{
	outcome->http_status = http_status;
	outcome->code = code;
	if (message != outcome->err.message)
		(void)err_set(&outcome->err, err_code, "%s", message);
}

static void flow_fail(struct flow *flow, int http_status, const char *code, enum err_code err_code, const char *message)
{
	struct err err;
	bool ended;
	set_failure(&flow->outcome, http_status, code, err_code, message);
	LOG_WARN("consent_failed", LOG_STR("attempt", flow->attempt.id), LOG_STR("code", code));
	if (store_attempt_end(flow->core->store, flow->attempt.id, "failed", NULL, code, flow->outcome.err.message, &ended, &err) != 0)
		LOG_ERROR("attempt_not_ended", LOG_STR("attempt", flow->attempt.id), LOG_STR("why", err.message));
	flow_tell(flow);
	flow_free(flow);
}

static void flow_fail_provider(struct flow *flow, const struct failure *failure)
{
	struct err err = { 0 };
	failure_to_err(failure, "", &err);
	if (failure->error != ERR_NONE) {
		flow_fail(flow, 503, failure->error == ERR_STORE_FAILED ? "store_failed" : "interrupted", failure->error,
		          failure->message);
		return;
	}
	/* A code that is wrong, used or too old; of a stored consent it says nothing. */
	bool bad_code = strcmp(failure->provider_reason, "invalid_grant") == 0;
	flow_fail(flow, 502, bad_code ? "code_refused" : reason_row(failure->reason)->code, err.code,
	          bad_code ? "the provider refused the code" : err.message);
}

static void flow_calendars_done(void *arg, const struct calendar_sync_result *result)
{
	struct flow *flow = arg;
	/* A list that did not come leaves the connection pending; the consent itself succeeded (CONTRACT.md section 6). */
	(void)result;
	flow_tell(flow);
	flow_free(flow);
}

static int flow_write(struct flow *flow, struct err *err)
{
	struct link_result result;
	bool ended;
	const struct link_consent in = {
		.workspace_id = flow->attempt.workspace_id,
		.user_id = flow->attempt.user_id,
		.provider = flow->attempt.provider,
		.actor = flow->attempt.actor,
		.reconnect_id = flow->attempt.reconnect ? flow->attempt.connection_id : NULL,
		.subject = flow->subject,
		.email = flow->email,
		.access = flow->access,
		.refresh = flow->refresh,
		.scopes = flow->scopes,
		.access_expires_at = flow->access_expires_at,
	};
	if (link_consent(flow->core, &in, &result, err) != 0)
		return -1;
	(void)str_copy(flow->outcome.connection_id, ID_TEXT_SIZE, result.connection_id);
	flow->outcome.created = result.created;
	return store_attempt_end(flow->core->store, flow->attempt.id, "done", result.connection_id, NULL, NULL, &ended, err);
}

static void flow_link(struct flow *flow);

static void flow_link_again(void *arg)
{
	flow_link(arg);
}

static void flow_linked(void *arg, const struct err *failed)
{
	struct flow *flow = arg;
	struct err err;
	if (failed) {
		LOG_ERROR("consent_not_saved", LOG_STR("attempt", flow->attempt.id), LOG_STR("why", failed->message));
		set_failure(&flow->outcome, 503, "store_failed", failed->code, failed->message);
		flow_tell(flow);
		if (!flow->timer)
			flow->timer = timer_new(flow->core->loop, flow_link_again, flow);
		timer_set(flow->timer, LINK_AGAIN_MS);
		return;
	}
	flow->outcome.http_status = 200;
	flow->outcome.err = (struct err){ 0 };
	LOG_INFO("consent_linked", LOG_STR("attempt", flow->attempt.id), LOG_STR("connection", flow->outcome.connection_id),
	         LOG_STR("created", flow->outcome.created ? "yes" : "no"));
	if (calendar_sync_start(flow->core, flow->outcome.connection_id, true, flow_calendars_done, flow, &err) != 0) {
		LOG_WARN("calendars_not_listed", LOG_STR("why", err.message));
		flow_tell(flow);
		flow_free(flow);
	}
}

static void flow_link(struct flow *flow)
{
	struct store *store = flow->core->store;
	struct err err = { 0 };
	bool done = store_unit_begin(store, &err) == 0;
	if (done) {
		bool kept = flow_write(flow, &err) == 0;
		done = store_unit_end(store, kept, &err, &err) == 0 && kept;
	}
	if (done || store_tick_failed(store)) {
		store_after_commit(store, flow_linked, flow);
		return;
	}
	if (err.code == ERR_ACCOUNT_MISMATCH)
		flow_fail(flow, 400, "account_mismatch", err.code, err.message);
	else if (err.code == ERR_REAUTH_REQUIRED)
		flow_fail(flow, 400, reason_row(REASON_GRANT_INCOMPLETE)->code, ERR_PROVIDER_REJECTED, err.message);
	else
		flow_fail(flow, 503, err.code == ERR_SEALED ? "sealed" : "store_failed", err.code, err.message);
}

static void flow_known(void *arg, struct operation *operation, const struct failure *failure)
{
	struct flow *flow = arg;
	if (failure) {
		flow_fail_provider(flow, failure);
		return;
	}
	const struct userinfo_result *who = flow->provider->userinfo_result(operation);
	flow->subject = mem_strdup(who->subject);
	flow->email = mem_strdup(who->email);
	flow_link(flow);
}

/* The flow's own token, before it is anybody's in the store. A 401 on it is final. */
static void flow_give_token(void *self, const char *grant_id, int64_t stale_generation, token_fn *fn, void *arg)
{
	struct flow *flow = self;
	struct failure refused = { .reason = REASON_PROVIDER_REJECTED, .verdict = VERDICT_PERMANENT, .status = 401 };
	(void)grant_id;
	fn(arg, flow->access, 0, stale_generation >= 0 ? &refused : NULL);
}

static void flow_exchanged(void *arg, struct operation *operation, const struct failure *failure)
{
	struct flow *flow = arg;
	if (failure) {
		flow_fail_provider(flow, failure);
		return;
	}
	const struct token_result *result = flow->provider->token_result(operation);
	const struct provider_config *config = core_provider_config(flow->core, flow->attempt.provider);
	flow->access = secret_ref(result->access);
	flow->refresh = secret_ref(result->refresh);
	/* RFC 6749 section 5.1: no scope member means that what was asked for was granted. */
	flow->scopes = mem_strdup(result->scopes ? result->scopes : config->scopes);
	flow->access_expires_at = clock_wall(flow->core->clock) + result->expires_in_s * 1000;
	const struct token_source own = { .get = flow_give_token, .self = flow, .grant_id = "" };
	const struct call_options options = { .tokens = &own, .retries = 1 };
	call_start(flow->core, flow->provider->userinfo(config), &options, flow_known, flow);
}

/* Does `iss` (RFC 9207) name the server that we sent the browser to? Google says https://accounts.google.com (PROVIDERS.md 1.10),
 * which is the origin of its authorization URL; a compatible server may say that or its own. */
static bool issuer_matches(const struct provider_config *config, const char *issuer)
{
	const char *host = strstr(config->auth_url, "://");
	size_t origin = host ? (size_t)(host - config->auth_url) + 3 + strcspn(host + 3, "/?#") : 0;
	return (strlen(issuer) == origin && strncmp(issuer, config->auth_url, origin) == 0) ||
	       strcmp(issuer, "https://accounts.google.com") == 0;
}

/* What is wrong with a redirect whose state is good; NULL if nothing. */
static const char *redirect_fault(const struct flow *flow, const struct consent_redirect *redirect)
{
	if (redirect->error && redirect->code)
		return "the redirect carries both a code and an error";
	if (!redirect->error && (!redirect->code || redirect->code[0] == '\0' || strlen(redirect->code) > CODE_MAX))
		return "the redirect carries no usable code";
	if (redirect->issuer && !issuer_matches(core_provider_config(flow->core, flow->attempt.provider), redirect->issuer))
		return "the redirect comes from another authorization server";
	return NULL;
}

static void flow_run(struct flow *flow, const struct consent_redirect *redirect)
{
	struct attempt_secrets secrets;
	struct err err;
	const char *fault = redirect_fault(flow, redirect);
	if (fault) {
		flow_fail(flow, 400, "bad_redirect", ERR_INVALID_REQUEST, fault);
		return;
	}
	if (redirect->error) {
		bool declined = strcmp(redirect->error, "access_denied") == 0;
		flow_fail(flow, 400, declined ? "access_denied" : "provider_refused", ERR_PROVIDER_REJECTED,
		          declined ? "the person declined the consent" : "the provider refused the consent");
		return;
	}
	if (attempt_unseal(flow->core, &flow->attempt, &secrets, &err) != 0) {
		flow_fail(flow, 503, "sealed", err.code, err.message);
		return;
	}
	flow->code = secret_new(redirect->code, strlen(redirect->code));
	flow->verifier = secret_new(secrets.verifier, strlen(secrets.verifier));
	secret_wipe(&secrets, sizeof secrets);
	const struct call_options options = { .retries = 0 };
	struct operation *exchange =
	        flow->provider->exchange(core_provider_config(flow->core, flow->attempt.provider), flow->code, flow->verifier);
	call_start(flow->core, exchange, &options, flow_exchanged, flow);
}

/* Find the attempt of a state and use it up. On failure *outcome says why. */
static int take_attempt(struct core *core, const struct consent_redirect *redirect, struct attempt *attempt,
                        struct consent_outcome *outcome)
{
	char hash[DIGEST_HEX_SIZE];
	bool won;
	digest_lookup(hash, ATTEMPT_STATE, redirect->state ? redirect->state : "");
	if (!redirect->state || attempt_load_state(core, hash, attempt, &outcome->err) != 0) {
		if (redirect->state && outcome->err.code != ERR_NOT_FOUND)
			set_failure(outcome, 503, "store_failed", outcome->err.code, outcome->err.message);
		else
			set_failure(outcome, 400, "bad_state", ERR_NOT_FOUND, "no such attempt");
		return -1;
	}
	if (store_attempt_consume(core->store, attempt->id, &won, &outcome->err) != 0) {
		set_failure(outcome, 503, "store_failed", outcome->err.code, outcome->err.message);
		return -1;
	}
	if (won)
		return 0;
	set_failure(outcome, 400, "bad_state", ERR_CONFLICT, "this link has been used or has expired");
	return -1;
}

void consent_complete(struct core *core, const struct consent_redirect *redirect, consent_done_fn *fn, void *arg)
{
	struct flow *flow = mem_alloc(sizeof *flow);
	core->calls++; /* a stop waits for the linking, too */
	flow->core = core;
	flow->fn = fn;
	flow->arg = arg;
	if (take_attempt(core, redirect, &flow->attempt, &flow->outcome) != 0) {
		flow_tell(flow);
		flow_free(flow);
		return;
	}
	flow->provider = provider_find(flow->attempt.provider);
	flow_run(flow, redirect);
}
