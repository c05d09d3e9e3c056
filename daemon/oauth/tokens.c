/* Single-flight refresh.
 *
 * A flight is one refresh of one grant, with everybody who waits for it:
 *   CALLING ──▶ SAVING ──▶ (committed) waiters get the token, the flight ends
 *                 ▲  │ (commit failed) waiters are told; the flight keeps its tokens and
 *                 └──┘ saves again every second until it is through
 * A flight is in the list of its tokens from start to end, so that at most one exists a grant. */
#include "daemon/oauth/tokens.h"

#include "daemon/health.h"
#include "daemon/oauth/grant.h"
#include "daemon/oauth/scope_check.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"

#include <stdlib.h>
#include <string.h>

enum { REFRESH_RETRIES = 1, SAVE_AGAIN_MS = 1000, MARGIN_MAX_MS = 30000 };
/* External apps in "Testing" lose their refresh tokens seven days after consent (PROVIDERS.md 1.8). */
#define TESTING_LIFE_MS ((int64_t)7 * 24 * 3600 * 1000)
#define TESTING_SPREAD_MS ((int64_t)6 * 3600 * 1000)

struct waiter {
	struct waiter *next;
	token_fn *fn;
	void *arg;
};

struct flight {
	struct flight *next;
	struct tokens *tokens;
	struct grant grant;       /* as it was when the refresh began */
	struct waiter *waiters, **tail;
	struct secret *access, *refresh; /* what the provider answered; refresh NULL: keep the old */
	char *scopes;
	int64_t access_expires_at;
	bool swapped;             /* false after saving: the generation had moved, our answer is out of date */
	struct timer *timer;      /* for saving again */
};

struct tokens {
	struct core *core;
	struct flight *flights;
};

struct tokens *tokens_new(struct core *core)
{
	struct tokens *tokens = mem_alloc(sizeof *tokens);
	tokens->core = core;
	return tokens;
}

static void tell_waiters(struct waiter *waiters, struct secret *token, int64_t generation, const struct failure *failure)
{
	while (waiters) {
		struct waiter *waiter = waiters;
		waiters = waiter->next;
		waiter->fn(waiter->arg, token, generation, failure);
		free(waiter);
	}
}

static struct waiter *take_waiters(struct flight *flight)
{
	struct waiter *waiters = flight->waiters;
	flight->waiters = NULL;
	flight->tail = &flight->waiters;
	return waiters;
}

static void flight_free(struct flight *flight)
{
	for (struct waiter *waiter = flight->waiters, *next; waiter; waiter = next) {
		next = waiter->next;
		free(waiter);
	}
	grant_clear(&flight->grant);
	secret_unref(flight->access);
	secret_unref(flight->refresh);
	free(flight->scopes);
	timer_free(flight->timer);
	free(flight);
}

/* Out of the list, so that whoever is told may ask again. */
static void flight_end(struct flight *flight, struct secret *token, int64_t generation, const struct failure *failure)
{
	for (struct flight **at = &flight->tokens->flights; *at; at = &(*at)->next) {
		if (*at == flight) {
			*at = flight->next;
			break;
		}
	}
	flight->tokens->core->calls--;
	tell_waiters(take_waiters(flight), token, generation, failure);
	flight_free(flight);
}

void tokens_free(struct tokens *tokens)
{
	if (!tokens)
		return;
	for (struct flight *flight = tokens->flights, *next; flight; flight = next) {
		next = flight->next;
		flight_free(flight);
	}
	free(tokens);
}

/* What a caller is told when something on our side stands in the way. */
static struct failure failure_of(const struct err *err)
{
	struct failure failure = { .reason = REASON_INTERRUPTED, .verdict = VERDICT_PERMANENT, .error = err->code, .noted = true };
	(void)str_copy(failure.message, sizeof failure.message, err->message);
	return failure;
}

static void flight_end_err(struct flight *flight, const struct err *err)
{
	struct failure failure = failure_of(err);
	flight_end(flight, NULL, -1, &failure);
}

/* The generation moved under us (a new consent): what is stored now is the truth. */
static void flight_use_stored(struct flight *flight)
{
	struct core *core = flight->tokens->core;
	struct grant now;
	struct secret *access = NULL;
	struct err err;
	LOG_INFO("refresh_race_lost", LOG_STR("grant", flight->grant.id));
	if (grant_load(core, flight->grant.id, &now, &err) != 0) {
		flight_end_err(flight, &err);
		return;
	}
	if (grant_open_access(core, &now, &access, &err) != 0)
		flight_end_err(flight, &err);
	else
		flight_end(flight, access, now.generation, NULL);
	secret_unref(access);
	grant_clear(&now);
}

static void flight_save(struct flight *flight);

static void flight_save_again(void *arg)
{
	flight_save(arg);
}

static void flight_saved(void *arg, const struct err *failed)
{
	struct flight *flight = arg;
	if (failed) {
		LOG_ERROR("refresh_not_saved", LOG_STR("grant", flight->grant.id), LOG_STR("why", failed->message));
		struct failure failure = failure_of(failed);
		tell_waiters(take_waiters(flight), NULL, -1, &failure);
		if (!flight->timer)
			flight->timer = timer_new(flight->tokens->core->loop, flight_save_again, flight);
		timer_set(flight->timer, SAVE_AGAIN_MS);
		return;
	}
	if (!flight->swapped) {
		flight_use_stored(flight);
		return;
	}
	LOG_INFO("token_refreshed", LOG_STR("grant", flight->grant.id), LOG_INT("generation", flight->grant.generation + 1),
	         LOG_STR("rotated", flight->refresh ? "yes" : "no"));
	flight_end(flight, flight->access, flight->grant.generation + 1, NULL);
}

static void check_scopes_of(void *arg, const struct connection_row *row)
{
	struct buf *ids = arg;
	buf_add(ids, row->id, ID_TEXT_SIZE);
}

/* The provider says with every refresh what is still granted. */
static int note_scopes(struct core *core, const char *grant_id, struct err *err)
{
	struct buf ids = { 0 };
	int status = store_connection_of_grant(core->store, grant_id, check_scopes_of, &ids, err);
	for (size_t at = 0; status == 0 && at < ids.len; at += ID_TEXT_SIZE)
		status = scope_check(core, ids.data + at, err);
	buf_free(&ids);
	return status;
}

static int write_tokens(struct flight *flight, const struct sealed_tokens *sealed, struct err *err)
{
	struct core *core = flight->tokens->core;
	const struct grant_tokens tokens = {
		.access_token = sealed->access_token,
		.refresh_token = sealed->refresh_token,
		.fingerprint = flight->refresh ? sealed->fingerprint : NULL,
		.scopes = flight->scopes,
		.access_expires_at = flight->access_expires_at,
	};
	if (store_grant_swap_tokens(core->store, flight->grant.id, flight->grant.generation, &tokens, &flight->swapped, err) != 0)
		return -1;
	if (!flight->swapped)
		return 0;
	/* The refresh token has opened: a key that was missing is back. */
	if (health_ok_grant(core->store, flight->grant.id, "decrypt", err) != 0 ||
	    health_ok_grant(core->store, flight->grant.id, "token", err) != 0)
		return -1;
	bool scopes_moved = flight->scopes && strcmp(flight->scopes, flight->grant.scopes) != 0;
	return scopes_moved ? note_scopes(core, flight->grant.id, err) : 0;
}

static int save_now(struct flight *flight, struct err *err)
{
	struct core *core = flight->tokens->core;
	struct sealed_tokens sealed = { 0 };
	int status = grant_reseal(core, &flight->grant, flight->access, flight->refresh, &sealed, err);
	if (status == 0)
		status = store_unit_begin(core->store, err);
	if (status == 0) {
		bool kept = write_tokens(flight, &sealed, err) == 0;
		status = store_unit_end(core->store, kept, err, err) == 0 && kept ? 0 : -1;
	}
	sealed_tokens_clear(&sealed);
	return status;
}

/* Whatever stands in the way (a store that cannot write, a key that is gone), the tokens are kept and saved again. */
static void flight_save(struct flight *flight)
{
	struct store *store = flight->tokens->core->store;
	struct err err = { 0 };
	int status = save_now(flight, &err);
	/* An error of the store has failed the whole tick, and flight_saved hears of it. */
	if (status == 0 || store_tick_failed(store))
		store_after_commit(store, flight_saved, flight);
	else
		flight_saved(flight, &err);
}

/* invalid_grant with our generation still in place: the consent is over. */
static enum reason dead_reason(const struct flight *flight)
{
	int64_t age = clock_wall(flight->tokens->core->clock) - flight->grant.consented_at;
	bool testing = age > TESTING_LIFE_MS - TESTING_SPREAD_MS && age < TESTING_LIFE_MS + TESTING_SPREAD_MS;
	return testing ? REASON_GRANT_EXPIRED_TESTING : REASON_GRANT_REVOKED;
}

static void note_failure(struct flight *flight, const struct failure *failure)
{
	const struct health_trouble trouble = {
		.reason = failure->reason,
		.operation = "token",
		.message = failure->message,
		.provider_reason = failure->provider_reason,
		.provider_status = failure->status,
	};
	struct core *core = flight->tokens->core;
	struct err err;
	/* While the breaker is open the outage is known, and states stop sinking. */
	if (failure->reason == REASON_PROVIDER_DOWN && core->breaker.open)
		return;
	if (health_trouble_grant(core->store, flight->grant.id, &trouble, &err) != 0)
		LOG_ERROR("trouble_not_noted", LOG_STR("why", err.message));
}

static void flight_refused(struct flight *flight, const struct failure *failure)
{
	struct failure told = *failure;
	struct err err;
	bool marked = false;
	if (failure->reason == REASON_GRANT_REVOKED) {
		if (store_grant_mark_dead(flight->tokens->core->store, flight->grant.id, flight->grant.generation, &marked, &err) != 0) {
			flight_end_err(flight, &err);
			return;
		}
		if (!marked) {
			flight_use_stored(flight);
			return;
		}
		told.reason = dead_reason(flight);
		if (told.reason != failure->reason)
			told.message[0] = '\0';
	}
	LOG_WARN("refresh_failed", LOG_STR("grant", flight->grant.id), LOG_STR("reason", reason_row(told.reason)->code),
	         LOG_INT("status", told.status), LOG_STR("provider", told.provider_reason));
	if (told.error == ERR_NONE)
		note_failure(flight, &told);
	told.noted = true;
	flight_end(flight, NULL, -1, &told);
}

static void flight_answered(void *arg, struct operation *operation, const struct failure *failure)
{
	struct flight *flight = arg;
	struct core *core = flight->tokens->core;
	if (failure) {
		flight_refused(flight, failure);
		return;
	}
	const struct token_result *result = provider_find(flight->grant.provider)->token_result(operation);
	flight->access = secret_ref(result->access);
	flight->refresh = secret_ref(result->refresh);
	flight->scopes = mem_strdup(result->scopes);
	flight->access_expires_at = clock_wall(core->clock) + result->expires_in_s * 1000;
	flight_save(flight);
}

static void flight_start(struct tokens *tokens, struct grant *grant, token_fn *fn, void *arg)
{
	struct core *core = tokens->core;
	struct secret *refresh = NULL;
	struct err err;
	struct flight *flight = mem_alloc(sizeof *flight);
	flight->tokens = tokens;
	flight->grant = *grant;
	*grant = (struct grant){ 0 };
	flight->waiters = mem_alloc(sizeof *flight->waiters);
	*flight->waiters = (struct waiter){ .fn = fn, .arg = arg };
	flight->tail = &flight->waiters->next;
	flight->next = tokens->flights;
	tokens->flights = flight;
	core->calls++; /* a stop waits for the saving, too */
	if (grant_open_refresh(core, &flight->grant, &refresh, &err) != 0) {
		flight_end_err(flight, &err);
		return;
	}
	const struct provider *provider = provider_find(flight->grant.provider);
	const struct call_options options = { .retries = REFRESH_RETRIES };
	call_start(core, provider->refresh(core_provider_config(core, provider->name), refresh), &options, flight_answered, flight);
	secret_unref(refresh);
}

static struct flight *find_flight(struct tokens *tokens, const char *grant_id)
{
	for (struct flight *flight = tokens->flights; flight; flight = flight->next)
		if (strcmp(flight->grant.id, grant_id) == 0)
			return flight;
	return NULL;
}

/* Short-lived tokens get a short margin, so that a life of seconds is still of use. */
static bool still_good(const struct core *core, const struct grant *grant, int64_t stale_generation)
{
	int64_t margin = (grant->access_expires_at - grant->refreshed_at) / 10;
	if (margin > MARGIN_MAX_MS || margin < 0)
		margin = MARGIN_MAX_MS;
	return grant->access_token.bytes && grant->generation > stale_generation &&
	       grant->access_expires_at - margin > clock_wall(core->clock);
}

static void flight_join(struct flight *flight, token_fn *fn, void *arg)
{
	struct waiter *waiter = mem_alloc(sizeof *waiter);
	*waiter = (struct waiter){ .fn = fn, .arg = arg };
	*flight->tail = waiter;
	flight->tail = &waiter->next;
}

static void give_stored(struct core *core, const struct grant *grant, token_fn *fn, void *arg)
{
	struct secret *access = NULL;
	struct err err = { 0 };
	int status = grant_open_access(core, grant, &access, &err);
	struct failure failure = failure_of(&err);
	fn(arg, access, grant->generation, status == 0 ? NULL : &failure);
	secret_unref(access);
}

/* The store is asked before the flights: what a new consent has just brought is not to wait for a refresh of the old. */
void tokens_get(struct tokens *tokens, const char *grant_id, int64_t stale_generation, token_fn *fn, void *arg)
{
	struct flight *flight = find_flight(tokens, grant_id);
	struct grant grant = { 0 };
	struct err err = { 0 };
	if (grant_load(tokens->core, grant_id, &grant, &err) != 0) {
		struct failure failure = failure_of(&err);
		fn(arg, NULL, -1, &failure);
	} else if (!grant.live || !grant.refresh_token.bytes) {
		const struct failure failure = { .reason = REASON_GRANT_REVOKED, .verdict = VERDICT_PERMANENT, .noted = true };
		fn(arg, NULL, -1, &failure);
	} else if (still_good(tokens->core, &grant, stale_generation)) {
		give_stored(tokens->core, &grant, fn, arg);
	} else if (flight) {
		flight_join(flight, fn, arg);
	} else {
		flight_start(tokens, &grant, fn, arg);
	}
	grant_clear(&grant);
}

static void source_get(void *self, const char *grant_id, int64_t stale_generation, token_fn *fn, void *arg)
{
	tokens_get(self, grant_id, stale_generation, fn, arg);
}

struct token_source tokens_source(struct tokens *tokens, const char *grant_id)
{
	return (struct token_source){ .get = source_get, .self = tokens, .grant_id = grant_id };
}
