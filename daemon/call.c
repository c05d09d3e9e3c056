/* The driver of provider operations.
 *
 *   TOKEN ──▶ QUEUED ──▶ SENT ──▶ (next step) ──▶ QUEUED …
 *     ▲          (commit)   │ 401, once            BACKOFF ──▶ TOKEN or QUEUED
 *     └─────────────────────┘
 * A call lives from call_start until call_finish, which frees it. */
#include "daemon/call.h"

#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>

enum call_state { CALL_TOKEN, CALL_QUEUED, CALL_SENT, CALL_BACKOFF };

/* A waiting caller is not made to wait longer than this for one retry; the provider's wish beyond it ends the call. */
enum { BACKOFF_WAIT_MAX_MS = 10000 };

struct call {
	struct core *core;
	struct operation *operation;
	enum call_state state;
	struct token_source tokens;
	char grant_id[ID_TEXT_SIZE];
	struct secret *token;
	int64_t generation;      /* of token, -1 before the first */
	bool token_renewed;      /* a 401 was answered by one refresh already */
	int retries, attempt;
	struct http_request *request;
	struct timer *timer;
	call_done_fn *fn;
	void *arg;
};

static void call_send_step(struct call *call);

static void call_enter(struct call *call, enum call_state state)
{
	static const char *const names[] = { "token", "queued", "sent", "backoff" };
	LOG_DEBUG("call_state", LOG_STR("operation", call->operation->class->name), LOG_STR("from", names[call->state]),
	          LOG_STR("to", names[state]));
	call->state = state;
}

/* What the breaker should know: whether the provider answered at all. Failures of the token, or of ours, were not this call's. */
static void call_note(struct call *call, const struct failure *failure)
{
	struct core *core = call->core;
	bool down = failure && failure->reason == REASON_PROVIDER_DOWN;
	if (!failure || !failure->noted)
		breaker_note(&core->breaker, clock_boot(core->clock), down, rng_below(core->rng, INT64_MAX));
}

static void call_finish(struct call *call, const struct failure *failure)
{
	bool was_open = call->core->breaker.open;
	call_note(call, failure);
	if (was_open != call->core->breaker.open) {
		LOG_WARN("breaker", LOG_STR("provider", "google"), LOG_STR("state", was_open ? "closed" : "open"));
		call->core->jobs_moved = true;
	}
	call->core->calls--;
	call->fn(call->arg, call->operation, failure);
	operation_free(call->operation);
	secret_unref(call->token);
	http_request_free(call->request);
	timer_free(call->timer);
	free(call);
}

static void call_take_token(void *arg, struct secret *token, int64_t generation, const struct failure *failure)
{
	struct call *call = arg;
	if (failure) {
		call_finish(call, failure);
		return;
	}
	secret_unref(call->token);
	call->token = secret_ref(token);
	call->generation = generation;
	call_send_step(call);
}

static void call_get_token(struct call *call, int64_t stale_generation)
{
	call_enter(call, CALL_TOKEN);
	call->tokens.get(call->tokens.self, call->grant_id, stale_generation, call_take_token, call);
}

static void call_back_off_over(void *arg)
{
	struct call *call = arg;
	call_send_step(call);
}

static bool call_may_retry(const struct call *call, const struct failure *failure)
{
	return failure->verdict == VERDICT_RETRY && call->operation->class->repeatable && call->attempt < call->retries &&
	       failure->retry_after_ms <= BACKOFF_WAIT_MAX_MS && !call->core->stopping &&
	       !call->core->breaker.open;
}

static void call_failed(struct call *call, const struct failure *failure)
{
	if (failure->verdict == VERDICT_AUTH && call->operation->class->needs_token && !call->token_renewed) {
		call->token_renewed = true;
		call_get_token(call, call->generation);
		return;
	}
	if (!call_may_retry(call, failure)) {
		call_finish(call, failure);
		return;
	}
	int64_t wait = classify_backoff_ms(call->attempt++, failure->retry_after_ms, rng_below(call->core->rng, INT64_MAX));
	call_enter(call, CALL_BACKOFF);
	if (!call->timer)
		call->timer = timer_new(call->core->loop, call_back_off_over, call);
	timer_set(call->timer, wait);
}

static void call_queue_request(struct call *call, struct http_request *request);

static void call_take_step(struct call *call, struct step *step)
{
	switch (step->kind) {
	case STEP_SEND:
		call_queue_request(call, step->request);
		break;
	case STEP_DONE:
		call_finish(call, NULL);
		break;
	case STEP_FAIL:
		call_failed(call, &step->failure);
		break;
	}
}

/* The daemon is stopping: that says nothing about the provider, and is no trouble of a connection. */
static void call_interrupted(struct call *call)
{
	static const struct failure interrupted = { .reason = REASON_INTERRUPTED,
		                                    .verdict = VERDICT_PERMANENT,
		                                    .error = ERR_BUSY,
		                                    .message = "the daemon is stopping",
		                                    .noted = true };
	call_finish(call, &interrupted);
}

static void call_take_response(void *arg, struct http_response *response)
{
	struct call *call = arg;
	if (response->result == HTTP_ERR_CANCELLED) {
		call_interrupted(call);
		return;
	}
	LOG_DEBUG("provider_reply", LOG_STR("operation", call->operation->class->name), LOG_INT("status", response->status),
	          LOG_INT("ms", response->elapsed_ms));
	struct step step = call->operation->class->next(call->operation, response);
	if (step.kind == STEP_SEND)
		call->attempt = 0;
	call_take_step(call, &step);
}

static void call_release(void *arg, const struct err *failed)
{
	struct call *call = arg;
	struct http_request *request = call->request;
	if (failed) {
		struct failure failure = { .reason = REASON_INTERRUPTED, .verdict = VERDICT_PERMANENT, .error = failed->code, .noted = true };
		(void)str_copy(failure.message, sizeof failure.message, failed->message);
		call_finish(call, &failure);
		return;
	}
	if (!call->core->transport.send) {
		call_interrupted(call);
		return;
	}
	call->request = NULL;
	call_enter(call, CALL_SENT);
	(void)call->core->transport.send(call->core->transport.self, request, call_take_response, call);
}

static void call_queue_request(struct call *call, struct http_request *request)
{
	if (call->operation->class->needs_token)
		request->bearer = secret_ref(call->token);
	call->request = request;
	call_enter(call, CALL_QUEUED);
	store_after_commit(call->core->store, call_release, call);
}

/* Send the request of the operation's current step (again). */
static void call_send_step(struct call *call)
{
	struct step step = call->operation->class->next(call->operation, NULL);
	call_take_step(call, &step);
}

void call_start(struct core *core, struct operation *operation, const struct call_options *options, call_done_fn *fn, void *arg)
{
	struct call *call = mem_alloc(sizeof *call);
	call->core = core;
	call->operation = operation;
	call->generation = -1;
	call->retries = options->retries;
	call->fn = fn;
	call->arg = arg;
	core->calls++;
	if (!operation->class->needs_token) {
		call_send_step(call);
		return;
	}
	call->tokens = *options->tokens;
	(void)str_copy(call->grant_id, sizeof call->grant_id, options->tokens->grant_id);
	call_get_token(call, -1);
}
