/* connection.refresh and connection.test: what each verdict and each step says. */
#include "daemon/sync/refresh.h"

#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char acme[ID_TEXT_SIZE], a[ID_TEXT_SIZE];

static int open_world(void **state)
{
	static struct world world;
	world_open(&world);
	world_workspace(&world, "acme", acme);
	world_connect(&world, acme, "alice", a);
	*state = &world;
	return 0;
}

struct ending {
	bool done;
	int told;
	struct refresh_outcome refresh;
	struct test_outcome test;
};

static void take_refresh(void *arg, const struct refresh_outcome *outcome)
{
	struct ending *ending = arg;
	ending->done = true;
	ending->told++;
	ending->refresh = *outcome;
}

static void take_test(void *arg, const struct test_outcome *outcome)
{
	struct ending *ending = arg;
	ending->done = true;
	ending->told++;
	ending->test = *outcome;
}

static void refresh(struct world *world, struct ending *ending)
{
	struct err err;
	*ending = (struct ending){ .done = false };
	assert_int_equal(refresh_run(&world->core, a, take_refresh, ending, &err), 0);
	world_until(world, &ending->done, WORLD_MINUTE);
	assert_int_equal(ending->told, 1);
}

static void test_refresh(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	world_advance(world, WORLD_MINUTE);
	world->google.items = "[{\"id\":\"home@example.com\",\"summary\":\"House\",\"accessRole\":\"owner\",\"primary\":true},"
			      "{\"id\":\"new@example.com\",\"summary\":\"New\",\"accessRole\":\"owner\"},"
			      "{\"id\":\"team@example.com\",\"deleted\":true}]";
	refresh(world, &ending);
	assert_int_equal(ending.refresh.token_err.code, ERR_NONE);
	assert_int_equal(ending.refresh.sync_err.code, ERR_NONE);
	assert_int_equal(ending.refresh.generation, 2);
	assert_int_equal(ending.refresh.expires_at, world->wall + WORLD_HOUR);
	assert_int_equal(ending.refresh.counts.added, 1);
	assert_int_equal(ending.refresh.counts.changed, 1);
	assert_int_equal(ending.refresh.counts.gone, 1);
	assert_string_equal(fake_last(world->fake, GOOGLE_CALENDARS)->bearer, "at-alice-2");
}

static void test_refresh_fails_at_the_token(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	size_t lists = fake_count(world->fake, GOOGLE_CALENDARS);
	fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
	refresh(world, &ending);
	assert_int_equal(ending.refresh.token_err.code, ERR_REAUTH_REQUIRED);
	assert_string_equal(ending.refresh.token_err.action_method, "oauth.begin");
	assert_string_equal(ending.refresh.token_err.action_connection, a);
	assert_string_equal(ending.refresh.token_err.provider_reason, "invalid_grant");
	assert_int_equal(fake_count(world->fake, GOOGLE_CALENDARS), lists);
}

static void test_refresh_while_the_provider_is_down(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .status = 503, .uses = 2 });
	refresh(world, &ending);
	assert_int_equal(ending.refresh.token_err.code, ERR_PROVIDER_UNAVAILABLE);
	assert_int_equal(ending.refresh.token_err.provider_status, 503);
	/* By hand it is tried now, whatever was before. */
	refresh(world, &ending);
	assert_int_equal(ending.refresh.token_err.code, ERR_NONE);
	world_expect_state(world, a, "connected", "");
}

static void test_refresh_fails_at_the_list(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_CALENDARS, .status = 500, .uses = 2 });
	refresh(world, &ending);
	assert_int_equal(ending.refresh.token_err.code, ERR_NONE);
	assert_int_equal(ending.refresh.generation, 2);
	assert_int_equal(ending.refresh.sync_err.code, ERR_PROVIDER_UNAVAILABLE);
	world_expect_state(world, a, "degraded", "provider_down/calendar_list");
}

static void test_refresh_of_what_does_not_open(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	world_sql(world, "UPDATE grants SET key_id = 'lost'", NULL);
	refresh(world, &ending);
	assert_int_equal(ending.refresh.token_err.code, ERR_SEALED);
}

static void test_refresh_that_is_not_saved(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct err err;
	ending = (struct ending){ .done = false };
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_TOKEN, .hang = true, .uses = 1 });
	assert_int_equal(refresh_run(&world->core, a, take_refresh, &ending, &err), 0);
	world_run(world);
	world_fail_commits(world, 1);
	fake_let_go(world->fake, GOOGLE_TOKEN);
	world_until(world, &ending.done, WORLD_SECOND);
	assert_int_equal(ending.refresh.token_err.code, ERR_STORE_FAILED);
	world_advance(world, 2 * WORLD_SECOND);
	assert_int_equal(world_number(world, "SELECT generation FROM grants", NULL), 2);
}

static void test_wrong_connections(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	struct err err;
	assert_int_equal(refresh_run(&world->core, acme, take_refresh, &ending, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(connection_test_run(&world->core, acme, take_test, &ending, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	world_sql(world, "UPDATE connections SET grant_id = NULL", NULL);
	assert_int_equal(refresh_run(&world->core, a, take_refresh, &ending, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(connection_test_run(&world->core, a, take_test, &ending, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
}

static const char *const names[] = { "decrypt", "token", "userinfo", "calendar_list", "free_busy" };

/* Runs the test; all `count` steps but the failing one (-1: none) must be well. */
static const struct test_outcome *try_steps(struct world *world, int count, int failing)
{
	static struct ending ending;
	struct err err;
	ending = (struct ending){ .done = false };
	assert_int_equal(connection_test_run(&world->core, a, take_test, &ending, &err), 0);
	world_until(world, &ending.done, 5 * WORLD_MINUTE);
	assert_int_equal(ending.told, 1);
	assert_int_equal(ending.test.count, count);
	assert_int_equal(ending.test.ok, failing < 0);
	for (int i = 0; i < count; i++) {
		assert_string_equal(ending.test.steps[i].name, names[i]);
		assert_int_equal(ending.test.steps[i].ok, i != failing);
		assert_int_equal(ending.test.steps[i].err.code == ERR_NONE, i != failing);
	}
	return &ending.test;
}

static void test_steps(void **state)
{
	struct world *world = *state;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_FREE_BUSY, .status = 200, .delay_ms = 250, .uses = 1,
	                                              .body = "{\"calendars\":{\"home@example.com\":{\"busy\":[]},"
	                                                      "\"team@example.com\":{\"busy\":[]}}}" });
	const struct test_outcome *outcome = try_steps(world, TEST_STEPS, -1);
	assert_int_equal(outcome->steps[4].ms, 250);
	assert_int_equal(outcome->steps[3].ms, 0);
	assert_non_null(strstr(fake_last(world->fake, GOOGLE_FREE_BUSY)->body, "team@example.com"));
	assert_int_equal(world_number(world, "SELECT count(*) FROM sync_errors", NULL), 0);
}

static void test_one_step_fails(void **state)
{
	struct world *world = *state;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_USERINFO, .status = 500, .uses = 2 });
	assert_int_equal(try_steps(world, TEST_STEPS, 2)->steps[2].err.code, ERR_PROVIDER_UNAVAILABLE);
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_CALENDARS, .result = HTTP_ERR_TLS, .uses = 2 });
	assert_int_equal(try_steps(world, TEST_STEPS, 3)->steps[3].err.code, ERR_PROVIDER_UNAVAILABLE);
	fake_once(world->fake, GOOGLE_FREE_BUSY, 200,
	          "{\"calendars\":{\"home@example.com\":{\"errors\":[{\"reason\":\"notFound\"}]},\"team@example.com\":{\"busy\":[]}}}");
	const struct test_outcome *outcome = try_steps(world, TEST_STEPS, 4);
	assert_int_equal(outcome->steps[4].err.code, ERR_PROVIDER_REJECTED);
	assert_non_null(strstr(outcome->steps[4].err.message, "notFound"));
}

static void test_no_token(void **state)
{
	struct world *world = *state;
	world_advance(world, 2 * WORLD_HOUR);
	fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
	assert_int_equal(try_steps(world, 2, 1)->steps[1].err.code, ERR_REAUTH_REQUIRED);
	/* A refused token still opens: key and consent are told apart. */
	assert_int_equal(try_steps(world, 2, 1)->steps[1].err.code, ERR_REAUTH_REQUIRED);
	world_connect(world, acme, "alice", a);
	try_steps(world, TEST_STEPS, -1);
}

static void test_key_lost_and_found(void **state)
{
	struct world *world = *state;
	char key_id[64];
	world_text(world, "SELECT key_id FROM grants", NULL, key_id, sizeof key_id);
	world_sql(world, "UPDATE grants SET key_id = 'lost'", NULL);
	assert_int_equal(try_steps(world, 1, 0)->steps[0].err.code, ERR_SEALED);
	world_expect_state(world, a, "blocked", "undecryptable/decrypt");
	world_sql(world, "UPDATE grants SET key_id = :a", key_id);
	try_steps(world, TEST_STEPS, -1);
	world_expect_state(world, a, "connected", "");
}

static void test_many_calendars(void **state)
{
	struct world *world = *state;
	static char items[8192];
	size_t len = 0;
	for (int i = 0; i < 60; i++)
		len += (size_t)snprintf(items + len, sizeof items - len, "%s{\"id\":\"c%d\",\"summary\":\"C\",\"accessRole\":\"reader\"}",
		                        i ? "," : "[", i);
	(void)snprintf(items + len, sizeof items - len, "]");
	world->google.items = items;
	world_connect(world, acme, "alice", a);
	assert_int_equal(world_number(world, "SELECT calendars FROM connections", NULL), 60);
	try_steps(world, TEST_STEPS, -1);
	/* A connection without calendars is asked for the account's own. */
	world_sql(world, "DELETE FROM calendars", NULL);
	try_steps(world, TEST_STEPS, -1);
	assert_non_null(strstr(fake_last(world->fake, GOOGLE_FREE_BUSY)->body, "\"primary\""));
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_refresh),
		TEST(test_refresh_fails_at_the_token),
		TEST(test_refresh_while_the_provider_is_down),
		TEST(test_refresh_fails_at_the_list),
		TEST(test_refresh_of_what_does_not_open),
		TEST(test_refresh_that_is_not_saved),
		TEST(test_wrong_connections),
		TEST(test_steps),
		TEST(test_one_step_fails),
		TEST(test_no_token),
		TEST(test_key_lost_and_found),
		TEST(test_many_calendars),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
