/* The outbox of revocations, and the timer that works it off. */
#include "daemon/oauth/outbox.h"

#include "daemon/call.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/grants.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 16, FIRST_TRY_MS = 60000, CHECK_MAX_MS = 3600000, CHECK_MIN_MS = 1000 };
#define KEEP_MS ((int64_t)7 * 24 * 3600 * 1000)

struct revoker {
	struct core *core;
	struct timer *timer;
};

static struct seal_place place_of(const char *id, const char *column)
{
	return (struct seal_place){ .table = "revocations", .row = id, .column = column };
}

int outbox_put(struct core *core, const char *provider, const char *grant_id, const struct secret *token,
               char revocation_id[ID_TEXT_SIZE], struct err *err)
{
	char id[ID_TEXT_SIZE];
	uint8_t wrapped[32 + SEAL_OVERHEAD], *sealed = NULL;
	size_t sealed_len = 0;
	int64_t now = clock_wall(core->clock);
	store_new_id(core->store, id);
	const struct seal_place key_place = place_of(id, "data_key"), token_place = place_of(id, "token");
	struct data_key *key = data_key_new(core->vault);
	int status = data_key_wrap(core->vault, key, &key_place, wrapped, err);
	if (status == 0)
		status = seal_secret(core->vault, key, &token_place, token, &sealed, &sealed_len, err);
	const struct revocation_row row = {
		.id = id,
		.provider = provider,
		.grant_id = grant_id,
		.key_id = vault_seal_key_id(core->vault),
		.data_key = { .bytes = wrapped, .len = sizeof wrapped },
		.token = { .bytes = sealed, .len = sealed_len },
		.next_attempt_at = now + FIRST_TRY_MS,
		.expires_at = now + KEEP_MS,
	};
	if (status == 0)
		status = store_revocation_insert(core->store, &row, err);
	if (status == 0)
		(void)str_copy(revocation_id, ID_TEXT_SIZE, id);
	if (status == 0 && core->revoker)
		timer_set(core->revoker->timer, 0);
	data_key_free(key);
	free(sealed);
	return status;
}

/* One try of one row. */
struct attempt {
	struct core *core;
	char id[ID_TEXT_SIZE], provider[32];
	int64_t attempts, expires_at;
	struct secret *token;
	struct err err;          /* why the token could not be opened */
	outbox_fn *fn;
	void *arg;
};

static void attempt_finish(struct attempt *attempt, const struct failure *failure)
{
	if (attempt->fn)
		attempt->fn(attempt->arg, failure);
	secret_unref(attempt->token);
	free(attempt);
}

/* A row whose time is over is wiped whatever its last try came to. */
static int attempt_settle(struct attempt *attempt, const struct failure *failure, struct err *err)
{
	struct core *core = attempt->core;
	int64_t now = clock_wall(core->clock);
	if (!failure || now >= attempt->expires_at) {
		LOG_INFO(failure ? "revocation_given_up" : "revoked", LOG_STR("revocation", attempt->id));
		return store_revocation_delete(core->store, attempt->id, err);
	}
	int64_t wait = classify_backoff_ms((int)(attempt->attempts < 20 ? attempt->attempts : 20), failure->retry_after_ms,
	                                   rng_below(core->rng, INT64_MAX));
	return store_revocation_reschedule(core->store, attempt->id, now + FIRST_TRY_MS + wait, err);
}

static void attempt_answered(void *arg, struct operation *operation, const struct failure *failure)
{
	struct attempt *attempt = arg;
	struct err err;
	(void)operation;
	/* A row that is gone was taken back by a new consent. */
	if (attempt_settle(attempt, failure, &err) != 0 && err.code != ERR_NOT_FOUND)
		LOG_ERROR("outbox_not_updated", LOG_STR("why", err.message));
	attempt_finish(attempt, failure);
}

static void open_row(void *arg, const struct revocation_row *row)
{
	struct attempt *attempt = arg;
	const struct seal_place key_place = place_of(row->id, "data_key"), token_place = place_of(row->id, "token");
	struct data_key *key = NULL;
	(void)str_copy(attempt->provider, sizeof attempt->provider, row->provider);
	attempt->attempts = row->attempts;
	attempt->expires_at = row->expires_at;
	if (data_key_unwrap(attempt->core->vault, row->key_id, &key_place, row->data_key.bytes, row->data_key.len, &key,
	                    &attempt->err) == 0)
		(void)seal_open(attempt->core->vault, key, &token_place, row->token.bytes, row->token.len, &attempt->token,
		                &attempt->err);
	data_key_free(key);
}

void outbox_try(struct core *core, const char *revocation_id, outbox_fn *fn, void *arg)
{
	struct attempt *attempt = mem_alloc(sizeof *attempt);
	attempt->core = core;
	attempt->fn = fn;
	attempt->arg = arg;
	(void)str_copy(attempt->id, sizeof attempt->id, revocation_id);
	int status = store_revocation_get(core->store, revocation_id, open_row, attempt, &attempt->err);
	if (status != 0 || !attempt->token) {
		const struct failure failure = { .reason = REASON_UNDECRYPTABLE, .verdict = VERDICT_PERMANENT };
		struct err err;
		if (status == 0 && attempt_settle(attempt, &failure, &err) != 0)
			LOG_ERROR("outbox_not_updated", LOG_STR("why", err.message));
		attempt_finish(attempt, &failure);
		return;
	}
	/* No retry in here: a new consent may delete the row meanwhile, and the old token must not be sent after that. */
	const struct call_options options = { .retries = 0 };
	struct operation *revoke =
	        provider_find(attempt->provider)->revoke(core_provider_config(core, attempt->provider), attempt->token);
	call_start(core, revoke, &options, attempt_answered, attempt);
}

struct due_list {
	char ids[BATCH][ID_TEXT_SIZE];
	int count;
};

static void collect_due(void *arg, const struct revocation_row *row)
{
	struct due_list *due = arg;
	if (due->count < BATCH)
		(void)str_copy(due->ids[due->count++], ID_TEXT_SIZE, row->id);
}

/* Try what is due; sleep until the next row is, looking again at least every hour because the wall clock may have been set. */
static void revoker_work(void *arg)
{
	struct revoker *revoker = arg;
	struct core *core = revoker->core;
	struct due_list due = { .count = 0 };
	struct err err;
	int64_t now = clock_wall(core->clock), next = 0, wait = CHECK_MAX_MS;
	/* Also while the vault is sealed: a row whose time is over must go. */
	if (store_revocation_due(core->store, now, BATCH, collect_due, &due, &err) == 0) {
		for (int i = 0; i < due.count; i++) {
			/* Out of the way of the next look, should this try still be running then. */
			(void)store_revocation_reschedule(core->store, due.ids[i], now + FIRST_TRY_MS, &err);
			outbox_try(core, due.ids[i], NULL, NULL);
		}
		if (store_revocation_next(core->store, &next, &err) == 0 && next > 0)
			wait = next - now;
	}
	timer_set(revoker->timer, wait < CHECK_MIN_MS ? CHECK_MIN_MS : wait > CHECK_MAX_MS ? CHECK_MAX_MS : wait);
}

struct revoker *revoker_new(struct core *core)
{
	struct revoker *revoker = mem_alloc(sizeof *revoker);
	revoker->core = core;
	revoker->timer = timer_new(core->loop, revoker_work, revoker);
	timer_set(revoker->timer, 0);
	return revoker;
}

void revoker_free(struct revoker *revoker)
{
	if (!revoker)
		return;
	timer_free(revoker->timer);
	free(revoker);
}
