/* The driver: token, commit, send, classify, retry; with an operation of its own that asks for GET /probe. */
#include "daemon/call.h"

#include "daemon/provider/step.h"
#include "ipc/base/mem.h"
#include "store/workspaces.h"
#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define PROBE "/probe"

static int operations; /* not freed yet */

/* Sends `steps` requests, one after the other. */
struct probe {
	struct operation operation;
	int steps, at;
};

static struct step probe_next(struct operation *operation, const struct http_response *response)
{
	struct probe *probe = (struct probe *)operation;
	struct failure failure;
	if (response) {
		classify_response(response, &failure);
		if (failure.verdict != VERDICT_OK)
			return step_fail(&failure);
		probe->at++;
	}
	return probe->at == probe->steps ? step_done() : step_send(http_request_new(HTTP_GET, "https://google.test" PROBE, 1000));
}

static void probe_free(struct operation *operation)
{
	operations--;
	free(operation);
}

static const struct operation_class probe_class = {
	.name = "probe", .needs_token = true, .repeatable = true, .next = probe_next, .free = probe_free
};
static const struct operation_class open_class = { .name = "open", .repeatable = true, .next = probe_next, .free = probe_free };
static const struct operation_class once_class = { .name = "once", .next = probe_next, .free = probe_free };

static struct operation *probe(const struct operation_class *class, int steps)
{
	struct probe *probe = mem_alloc(sizeof *probe);
	probe->operation.class = class;
	probe->steps = steps;
	operations++;
	return &probe->operation;
}

static int open_world(void **state)
{
	static struct world world;
	operations = 0;
	world_open(&world);
	*state = &world;
	return 0;
}

static int close_world(void **state)
{
	world_close(*state);
	assert_int_equal(operations, 0);
	return 0;
}

struct ending {
	bool done;
	int told;
	struct failure failure;
};

static void take(void *arg, struct operation *operation, const struct failure *failure)
{
	struct ending *ending = arg;
	assert_non_null(operation);
	ending->done = true;
	ending->told++;
	if (failure)
		ending->failure = *failure;
}

/* A source whose n-th token is "token-n"; it fails when told to. */
struct source {
	int given;
	int64_t last_stale;
	bool fails;
};

static void give(void *self, const char *grant_id, int64_t stale_generation, token_fn *fn, void *arg)
{
	struct source *source = self;
	const struct failure failure = { .reason = REASON_GRANT_REVOKED, .verdict = VERDICT_PERMANENT };
	char text[32];
	assert_string_equal(grant_id, "grant");
	source->last_stale = stale_generation;
	if (source->fails) {
		fn(arg, NULL, -1, &failure);
		return;
	}
	(void)snprintf(text, sizeof text, "token-%d", ++source->given);
	struct secret *token = secret_new(text, strlen(text));
	fn(arg, token, 6 + source->given, NULL);
	secret_unref(token);
}

static void start(struct world *world, const struct operation_class *class, int steps, struct source *source, int retries,
                  struct ending *ending)
{
	const struct token_source tokens = { .get = give, .self = source, .grant_id = "grant" };
	const struct call_options options = { .tokens = source ? &tokens : NULL, .retries = retries };
	*ending = (struct ending){ .done = false };
	call_start(&world->core, probe(class, steps), &options, take, ending);
}

static void run(struct world *world, const struct operation_class *class, int steps, struct source *source, int retries,
                struct ending *ending)
{
	start(world, class, steps, source, retries, ending);
	world_until(world, &ending->done, WORLD_HOUR);
	assert_int_equal(ending->told, 1);
	assert_int_equal(world->core.calls, 0);
}

/* Something to commit in the present tick. */
static void write_something(struct world *world, const char *slug)
{
	char id[ID_TEXT_SIZE];
	struct err err;
	assert_int_equal(store_workspace_create(world->core.store, slug, slug, "UTC", id, &err), 0);
	assert_true(world_has_open_tick(world));
}

static int sent_too_early;

static void look_at_the_tick(void *arg, const struct fake_request *request, struct fake_reply *out)
{
	(void)request;
	(void)out;
	sent_too_early += world_has_open_tick(arg);
}

static void test_sent_after_the_commit(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct source source = { 0 };
	sent_too_early = 0;
	fake_script(world->fake, &(struct fake_rule){ .path = PROBE, .answer = look_at_the_tick, .arg = world });
	write_something(world, "acme");
	start(world, &probe_class, 3, &source, 0, &ending);
	assert_int_equal(world->core.calls, 1);
	assert_int_equal(fake_count(world->fake, NULL), 0);
	world_until(world, &ending.done, WORLD_SECOND);
	assert_int_equal(fake_count(world->fake, PROBE), 3);
	assert_int_equal(sent_too_early, 0);
	assert_int_equal(ending.failure.reason, REASON_NONE);
	assert_string_equal(fake_last(world->fake, PROBE)->bearer, "token-1");
	assert_int_equal(source.last_stale, -1);
}

static void test_failed_commit_sends_nothing(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_always(world->fake, PROBE, 200, NULL);
	write_something(world, "acme");
	start(world, &open_class, 2, NULL, 1, &ending);
	world_fail_commits(world, 1);
	world_until(world, &ending.done, WORLD_SECOND);
	assert_int_equal(ending.told, 1);
	assert_int_equal(ending.failure.error, ERR_STORE_FAILED);
	assert_int_equal(ending.failure.reason, REASON_INTERRUPTED);
	assert_true(ending.failure.noted);
	assert_int_equal(fake_count(world->fake, NULL), 0);
}

static void test_undone_unit_sends_nothing(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct err err, why = { .code = ERR_CONFLICT, .message = "no" };
	fake_always(world->fake, PROBE, 200, NULL);
	assert_int_equal(store_unit_begin(world->core.store, &err), 0);
	start(world, &open_class, 1, NULL, 1, &ending);
	assert_int_equal(store_unit_end(world->core.store, false, &why, &err), 0);
	world_until(world, &ending.done, WORLD_SECOND);
	assert_int_equal(ending.failure.error, ERR_CONFLICT);
	assert_string_equal(ending.failure.message, "no");
	assert_int_equal(fake_count(world->fake, NULL), 0);
}

static void test_one_new_token(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct source source = { 0 };
	fake_once(world->fake, PROBE, 401, NULL);
	fake_always(world->fake, PROBE, 200, NULL);
	run(world, &probe_class, 1, &source, 0, &ending);
	assert_int_equal(ending.failure.reason, REASON_NONE);
	assert_int_equal(source.given, 2);
	assert_int_equal(source.last_stale, 7); /* the generation of the token that was refused */
	assert_int_equal(fake_count(world->fake, PROBE), 2);
	assert_string_equal(fake_last(world->fake, PROBE)->bearer, "token-2");
	/* And not a second one, in whatever step. */
	fake_always(world->fake, PROBE, 401, NULL);
	run(world, &probe_class, 3, &source, 5, &ending);
	assert_int_equal(ending.failure.status, 401);
	assert_int_equal(source.given, 4);
	assert_int_equal(fake_count(world->fake, PROBE), 4);
	/* Without a token there is none to renew. */
	run(world, &open_class, 1, NULL, 1, &ending);
	assert_int_equal(ending.failure.status, 401);
	assert_int_equal(fake_count(world->fake, PROBE), 5);
}

static void test_no_token(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct source source = { .fails = true };
	run(world, &probe_class, 1, &source, 1, &ending);
	assert_int_equal(ending.failure.reason, REASON_GRANT_REVOKED);
	assert_int_equal(fake_count(world->fake, NULL), 0);
}

static void test_retries(void **state)
{
	static const struct {
		struct fake_rule rule;
		const struct operation_class *class;
		int retries;
		size_t requests;
		enum reason reason;
	} rows[] = {
		{ { .status = 503 }, &open_class, 1, 2, REASON_PROVIDER_DOWN },
		{ { .status = 503 }, &open_class, 0, 1, REASON_PROVIDER_DOWN },
		{ { .status = 503 }, &open_class, 4, 5, REASON_PROVIDER_DOWN },
		{ { .status = 503 }, &once_class, 1, 1, REASON_PROVIDER_DOWN },
		{ { .result = HTTP_ERR_TIMEOUT }, &open_class, 1, 2, REASON_PROVIDER_DOWN },
		{ { .result = HTTP_ERR_TIMEOUT }, &once_class, 1, 1, REASON_PROVIDER_DOWN },
		{ { .status = 429 }, &open_class, 1, 2, REASON_RATE_USER },
		{ { .status = 429, .retry_after_ms = 10000 }, &open_class, 1, 2, REASON_RATE_USER },
		{ { .status = 429, .retry_after_ms = 10001 }, &open_class, 1, 1, REASON_RATE_USER },
		{ { .status = 404 }, &open_class, 1, 1, REASON_PROVIDER_REJECTED },
		{ { .status = 302 }, &open_class, 1, 1, REASON_PROVIDER_REJECTED },
	};
	struct world *world = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct ending ending;
		struct fake_rule rule = rows[i].rule;
		size_t before = fake_count(world->fake, PROBE);
		int64_t began = world->boot;
		rule.path = PROBE;
		fake_script(world->fake, &rule);
		run(world, rows[i].class, 1, NULL, rows[i].retries, &ending);
		assert_int_equal(fake_count(world->fake, PROBE) - before, rows[i].requests);
		assert_int_equal(ending.failure.reason, rows[i].reason);
		if (rows[i].requests > 1)
			assert_true(world->boot - began >= rule.retry_after_ms);
		assert_true(world->boot - began <= (1 << rows[i].retries) * WORLD_SECOND + rule.retry_after_ms);
	}
}

static void test_every_step_has_its_retries(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_always(world->fake, PROBE, 200, NULL);
	fake_script(world->fake, &(struct fake_rule){ .path = PROBE, .status = 503, .uses = 1 });
	fake_script(world->fake, &(struct fake_rule){ .path = PROBE, .status = 200, .uses = 1 });
	fake_script(world->fake, &(struct fake_rule){ .path = PROBE, .status = 503, .uses = 1 });
	run(world, &open_class, 3, NULL, 1, &ending);
	assert_int_equal(ending.failure.reason, REASON_NONE);
	assert_int_equal(fake_count(world->fake, PROBE), 5);
}

static void test_nothing_is_sent_once_the_transport_is_closed(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct http_transport transport = world->core.transport;
	fake_always(world->fake, PROBE, 200, NULL);
	world->core.transport = (struct http_transport){ .send = NULL };
	run(world, &open_class, 2, NULL, 1, &ending);
	assert_int_equal(ending.failure.reason, REASON_INTERRUPTED);
	assert_int_equal(ending.failure.error, ERR_BUSY);
	assert_int_equal(fake_count(world->fake, NULL), 0);
	world->core.transport = transport;
}

static void test_stopping(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_always(world->fake, PROBE, 503, NULL);
	world->core.stopping = true;
	run(world, &open_class, 1, NULL, 1, &ending);
	assert_int_equal(fake_count(world->fake, PROBE), 1);
	world->core.stopping = false;
	fake_always(world->fake, PROBE, 200, NULL);
	fake_script(world->fake, &(struct fake_rule){ .path = PROBE, .hang = true, .uses = 1 });
	start(world, &open_class, 1, NULL, 1, &ending);
	world_run(world);
	fake_transport_close(world->fake);
	assert_true(ending.done);
	assert_int_equal(ending.failure.reason, REASON_INTERRUPTED);
	assert_int_equal(ending.failure.error, ERR_BUSY);
	assert_true(ending.failure.noted);
}

static void test_done_without_asking(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	start(world, &open_class, 0, NULL, 1, &ending);
	world_run(world);
	assert_true(ending.done);
	assert_int_equal(ending.failure.reason, REASON_NONE);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, close_world)
	const struct CMUnitTest tests[] = {
		TEST(test_sent_after_the_commit),
		TEST(test_failed_commit_sends_nothing),
		TEST(test_undone_unit_sends_nothing),
		TEST(test_one_new_token),
		TEST(test_no_token),
		TEST(test_retries),
		TEST(test_every_step_has_its_retries),
		TEST(test_nothing_is_sent_once_the_transport_is_closed),
		TEST(test_stopping),
		TEST(test_done_without_asking),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
