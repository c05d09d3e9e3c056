/* connection.test: decrypt, token, userinfo, calendar list, free/busy, each timed. The first two are needed by all that follow; the
 * others are tried whatever the one before said. */
#include "daemon/sync/refresh.h"

#include "daemon/call.h"
#include "daemon/health.h"
#include "daemon/oauth/grant.h"
#include "daemon/oauth/tokens.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/calendars.h"
#include "store/connections.h"

#include <stdlib.h>
#include <string.h>

enum { FREE_BUSY_CALENDARS = 10 };
#define FREE_BUSY_SPAN_MS ((int64_t)24 * 3600 * 1000)

struct test_run {
	struct core *core;
	char connection_id[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE], provider[32];
	struct test_outcome outcome;
	int64_t step_start; /* boot ms */
	test_done_fn *fn;
	void *arg;
};

static const char *const step_names[TEST_STEPS] = { "decrypt", "token", "userinfo", "calendar_list", "free_busy" };

static void test_finish(struct test_run *run)
{
	struct test_outcome *outcome = &run->outcome;
	outcome->ok = outcome->count == TEST_STEPS;
	for (int i = 0; i < outcome->count; i++)
		outcome->ok &= outcome->steps[i].ok;
	run->fn(run->arg, outcome);
	free(run);
}

static void step_begin(struct test_run *run)
{
	run->step_start = clock_boot(run->core->clock);
}

/* Note how the current step went; err NULL: well. */
static void step_end(struct test_run *run, const struct err *err)
{
	struct test_step *step = &run->outcome.steps[run->outcome.count];
	step->name = step_names[run->outcome.count++];
	step->ok = err == NULL;
	step->ms = clock_boot(run->core->clock) - run->step_start;
	if (err)
		step->err = *err;
}

static void test_next_operation(struct test_run *run);

/* Free/busy answers 200 even when a calendar failed: that is a failure of the step. */
static bool busy_fault(const struct free_busy_result *result, struct err *err)
{
	for (size_t i = 0; i < result->count; i++)
		if (result->calendars[i].error[0])
			return err_set(err, ERR_PROVIDER_REJECTED, "free/busy of a calendar: %s", result->calendars[i].error) != 0;
	return false;
}

static void test_answered(void *arg, struct operation *operation, const struct failure *failure)
{
	struct test_run *run = arg;
	struct err err = { 0 };
	bool bad = failure != NULL;
	if (failure)
		failure_to_err(failure, run->connection_id, &err);
	else if (strcmp(operation->class->name, "free_busy") == 0)
		bad = busy_fault(provider_find(run->provider)->free_busy_result(operation), &err);
	step_end(run, bad ? &err : NULL);
	test_next_operation(run);
}

struct id_collection {
	char *ids[FREE_BUSY_CALENDARS];
	size_t count;
};

static void collect_calendar(void *arg, const struct calendar_row *row)
{
	struct id_collection *collection = arg;
	if (collection->count < FREE_BUSY_CALENDARS && row->active && str_equal(row->state, "ok"))
		collection->ids[collection->count++] = mem_strdup(row->external_id);
}

static struct operation *free_busy_operation(struct test_run *run, struct err *err)
{
	struct id_collection collection = { 0 };
	struct operation *operation = NULL;
	int64_t now = clock_wall(run->core->clock);
	if (store_calendar_of_connection(run->core->store, run->connection_id, collect_calendar, &collection, err) == 0) {
		if (collection.count == 0)
			collection.ids[collection.count++] = mem_strdup("primary");
		operation = provider_find(run->provider)->free_busy(core_provider_config(run->core, run->provider),
		                                                    (const char *const *)collection.ids, collection.count, now,
		                                                    now + FREE_BUSY_SPAN_MS);
	}
	for (size_t i = 0; i < collection.count; i++)
		free(collection.ids[i]);
	return operation;
}

static struct operation *make_operation(struct test_run *run, struct err *err)
{
	const struct provider *provider = provider_find(run->provider);
	const struct provider_config *config = core_provider_config(run->core, run->provider);
	if (run->outcome.count == 2)
		return provider->userinfo(config);
	if (run->outcome.count == 3)
		return provider->calendar_list(config, NULL);
	return free_busy_operation(run, err);
}

static void test_next_operation(struct test_run *run)
{
	struct err err;
	if (run->outcome.count == TEST_STEPS) {
		test_finish(run);
		return;
	}
	step_begin(run);
	struct operation *operation = make_operation(run, &err);
	if (!operation) {
		step_end(run, &err);
		test_finish(run);
		return;
	}
	const struct token_source tokens = tokens_source(run->core->tokens, run->grant_id);
	const struct call_options options = { .tokens = &tokens, .retries = 1 };
	call_start(run->core, operation, &options, test_answered, run);
}

static void test_got_token(void *arg, struct secret *token, int64_t generation, const struct failure *failure)
{
	struct test_run *run = arg;
	struct err err;
	(void)token;
	(void)generation;
	if (failure) {
		failure_to_err(failure, run->connection_id, &err);
		step_end(run, &err);
		test_finish(run);
		return;
	}
	step_end(run, NULL);
	test_next_operation(run);
}

static int try_decrypt(struct test_run *run, struct err *err)
{
	struct grant grant;
	struct secret *secret = NULL;
	if (grant_load(run->core, run->grant_id, &grant, err) != 0)
		return -1;
	/* A grant that the provider refused keeps its token, so that this step tells the key apart from the consent. */
	int status = grant.refresh_token.bytes ? grant_open_refresh(run->core, &grant, &secret, err)
	                                       : err_set(err, ERR_REAUTH_REQUIRED, "there is no token; connect again");
	if (status == 0)
		status = health_ok_grant(run->core->store, grant.id, "decrypt", err);
	secret_unref(secret);
	grant_clear(&grant);
	return status;
}

static void copy_connection(void *arg, const struct connection_row *row)
{
	struct test_run *run = arg;
	(void)str_copy(run->grant_id, sizeof run->grant_id, row->grant_id ? row->grant_id : "");
	(void)str_copy(run->provider, sizeof run->provider, row->provider);
}

int connection_test_run(struct core *core, const char *connection_id, test_done_fn *fn, void *arg, struct err *err)
{
	struct test_run *run = mem_alloc(sizeof *run);
	struct err step_err;
	run->core = core;
	run->fn = fn;
	run->arg = arg;
	(void)str_copy(run->connection_id, sizeof run->connection_id, connection_id);
	int status = store_connection_get(core->store, connection_id, copy_connection, run, err);
	if (status == 0 && run->grant_id[0] == '\0')
		status = err_set(err, ERR_CONFLICT, "the connection is disconnected");
	if (status == 0 && vault_is_sealed(core->vault))
		status = err_set(err, ERR_SEALED, "the key that seals tokens is missing or wrong");
	if (status != 0) {
		free(run);
		return -1;
	}
	step_begin(run);
	if (try_decrypt(run, &step_err) != 0) {
		step_end(run, &step_err);
		test_finish(run);
		return 0;
	}
	step_end(run, NULL);
	step_begin(run);
	tokens_get(core->tokens, run->grant_id, -1, test_got_token, run);
	return 0;
}
