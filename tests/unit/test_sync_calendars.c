/* The calendar list: counts, cursor, 410, the sweep of a full list, and what a failure does. */
#include "daemon/sync/calendars.h"

#include "daemon/oauth/disconnect.h"
#include "ipc/base/strutil.h"
#include "tests/support/world_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char acme[ID_TEXT_SIZE], a[ID_TEXT_SIZE];

#define CAL(id_, name_) "{\"id\":\"" id_ "\",\"summary\":\"" name_ "\",\"accessRole\":\"reader\"}"
#define LIST(items_, cursor_) "{\"items\":[" items_ "],\"nextSyncToken\":\"" cursor_ "\"}"

static int open_world(void **state)
{
	static struct world world;
	world_open(&world);
	world_workspace(&world, "acme", acme);
	fake_once(world.fake, GOOGLE_CALENDARS, 200, LIST(CAL("x", "X") "," CAL("y", "Y") "," CAL("z", "Z"), "c1"));
	world_connect(&world, acme, "alice", a);
	*state = &world;
	return 0;
}

struct ending {
	bool done;
	int told;
	struct calendar_sync_result result;
	struct failure failure;
};

static void take(void *arg, const struct calendar_sync_result *result)
{
	struct ending *ending = arg;
	ending->done = true;
	ending->told++;
	ending->result = *result;
	if (result->failure)
		ending->failure = *result->failure;
}

static void start(struct world *world, bool full, struct ending *ending)
{
	struct err err;
	*ending = (struct ending){ .done = false };
	assert_int_equal(calendar_sync_start(&world->core, a, full, take, ending, &err), 0);
}

static void expect_counts(struct world *world, bool full, int64_t added, int64_t changed, int64_t gone)
{
	static struct ending ending;
	start(world, full, &ending);
	world_until(world, &ending.done, WORLD_MINUTE);
	assert_int_equal(ending.told, 1);
	assert_null(ending.result.failure);
	assert_int_equal(ending.result.added, added);
	assert_int_equal(ending.result.changed, changed);
	assert_int_equal(ending.result.gone, gone);
}

static void expect_calendars(struct world *world, const char *expected)
{
	char text[256];
	world_text(world, "SELECT group_concat(c, ' ') FROM (SELECT external_id || '=' || summary || '/' || state AS c FROM "
	                  "calendars WHERE connection_id = :a ORDER BY external_id)",
	           a, text, sizeof text);
	assert_string_equal(text, expected);
}

static void expect_cursor(struct world *world, const char *expected)
{
	char text[64];
	world_text(world, "SELECT sync_cursor FROM connections WHERE id = :a", a, text, sizeof text);
	assert_string_equal(text, expected);
}

static bool last_asked_with(const struct world *world, const char *text)
{
	return strstr(fake_last(world->fake, GOOGLE_CALENDARS)->url, text) != NULL;
}

static void test_incremental(void **state)
{
	struct world *world = *state;
	expect_calendars(world, "x=X/ok y=Y/ok z=Z/ok");
	expect_cursor(world, "c1");
	world_advance(world, WORLD_MINUTE);
	fake_once(world->fake, GOOGLE_CALENDARS, 200,
	          LIST("{\"id\":\"x\",\"deleted\":true}," CAL("y", "Why") "," CAL("w", "W") "," CAL("z", "Z"), "c2"));
	expect_counts(world, false, 1, 1, 1);
	assert_true(last_asked_with(world, "syncToken=c1"));
	expect_calendars(world, "w=W/ok x=X/gone y=Why/ok z=Z/ok");
	expect_cursor(world, "c2");
	assert_int_equal(world_number(world, "SELECT last_sync FROM connections WHERE id = :a", a), world->wall);
	assert_int_equal(world_number(world, "SELECT calendars FROM connections WHERE id = :a", a), 3);
	/* Nothing new; what is gone goes once; and it comes back. */
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST("{\"id\":\"x\",\"deleted\":true},{\"id\":\"v\",\"deleted\":true}", "c3"));
	expect_counts(world, false, 0, 0, 0);
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST(CAL("x", "X"), "c4"));
	expect_counts(world, false, 0, 1, 0);
	expect_calendars(world, "w=W/ok x=X/ok y=Why/ok z=Z/ok");
	world_expect_state(world, a, "connected", "");
}

static void test_full_sweeps(void **state)
{
	struct world *world = *state;
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST(CAL("z", "Z") "," CAL("w", "W"), "c9"));
	expect_counts(world, true, 1, 0, 2);
	assert_false(last_asked_with(world, "syncToken"));
	expect_calendars(world, "w=W/ok x=X/gone y=Y/gone z=Z/ok");
	expect_cursor(world, "c9");
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST("", "c10"));
	expect_counts(world, true, 0, 0, 2);
	expect_calendars(world, "w=W/gone x=X/gone y=Y/gone z=Z/gone");
	assert_int_equal(world_number(world, "SELECT calendars FROM connections WHERE id = :a", a), 0);
}

static void test_pages(void **state)
{
	struct world *world = *state;
	fake_once(world->fake, GOOGLE_CALENDARS, 200, "{\"items\":[" CAL("x", "X") "],\"nextPageToken\":\"p2\"}");
	fake_once(world->fake, GOOGLE_CALENDARS, 500, NULL);
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST(CAL("y", "Y"), "c2"));
	expect_counts(world, true, 0, 0, 1);
	assert_true(last_asked_with(world, "pageToken=p2"));
	expect_calendars(world, "x=X/ok y=Y/ok z=Z/gone");
}

static void test_cursor_expired(void **state)
{
	struct world *world = *state;
	fake_once(world->fake, GOOGLE_CALENDARS, 410, "{\"error\":{\"errors\":[{\"reason\":\"fullSyncRequired\"}],\"code\":410}}");
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST(CAL("x", "Ex"), "c5"));
	expect_counts(world, false, 0, 1, 2);
	assert_false(last_asked_with(world, "syncToken"));
	expect_calendars(world, "x=Ex/ok y=Y/gone z=Z/gone");
	expect_cursor(world, "c5");
	world_expect_state(world, a, "connected", "");
}

static void test_failures(void **state)
{
	static const struct {
		struct fake_rule rule;
		const char *conn_state, *reasons;
	} rows[] = {
		{ { .status = 503 }, "degraded", "provider_down/calendar_list" },
		{ { .status = 429 }, "degraded", "rate_user/calendar_list" },
		{ { .status = 200, .body = "{\"items\":[]}" }, "degraded", "provider_down/calendar_list" },
		{ { .status = 403, .body = "{\"error\":{\"errors\":[{\"reason\":\"quotaExceeded\"}],\"code\":403}}" }, "degraded",
		  "usage_limit/calendar_list" },
		{ { .status = 403, .body = "{\"error\":{\"errors\":[{\"reason\":\"insufficientPermissions\"}],\"code\":403}}" },
		  "reauth_required", "scope_missing/calendar_list" },
		{ { .status = 418 }, "failing", "provider_rejected/calendar_list" },
	};
	struct world *world = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static struct ending ending;
		struct fake_rule rule = rows[i].rule;
		rule.path = GOOGLE_CALENDARS;
		rule.uses = 2;
		fake_script(world->fake, &rule);
		start(world, false, &ending);
		world_until(world, &ending.done, WORLD_MINUTE);
		assert_non_null(ending.result.failure);
		world_expect_state(world, a, rows[i].conn_state, rows[i].reasons);
		expect_calendars(world, "x=X/ok y=Y/ok z=Z/ok");
		expect_cursor(world, "c1");
		fake_forget(world->fake);
		fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST("", "c1"));
		expect_counts(world, false, 0, 0, 0);
		world_expect_state(world, a, "connected", "");
	}
}

static void test_expired_token_on_the_way(void **state)
{
	struct world *world = *state;
	fake_once(world->fake, GOOGLE_CALENDARS, 401, NULL);
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST("", "c2"));
	expect_counts(world, false, 0, 0, 0);
	assert_string_equal(fake_last(world->fake, GOOGLE_CALENDARS)->bearer, "at-alice-2");
	assert_int_equal(world_number(world, "SELECT generation FROM grants", NULL), 2);
	world_expect_state(world, a, "connected", "");
}

static void test_dead_grant_is_noted_once(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	fake_once(world->fake, GOOGLE_CALENDARS, 401, NULL);
	fake_once(world->fake, GOOGLE_TOKEN, 400, "{\"error\":\"invalid_grant\"}");
	start(world, false, &ending);
	world_until(world, &ending.done, WORLD_MINUTE);
	assert_int_equal(ending.failure.reason, REASON_GRANT_REVOKED);
	world_expect_state(world, a, "reauth_required", "grant_revoked/token");
	start(world, false, &ending);
	world_until(world, &ending.done, WORLD_MINUTE);
	assert_int_equal(ending.failure.reason, REASON_GRANT_REVOKED);
	world_expect_state(world, a, "reauth_required", "grant_revoked/token");
	assert_int_equal(world_number(world, "SELECT count FROM sync_errors", NULL), 1);
}

static void test_unit_is_undone(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	world_sql(world,
	          "CREATE TEMP TRIGGER refuse BEFORE INSERT ON calendars WHEN NEW.external_id = 'w' BEGIN "
	          "SELECT RAISE(ABORT, 'no'); END",
	          NULL);
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST(CAL("x", "Changed") "," CAL("w", "W"), "c2"));
	start(world, true, &ending);
	world_until(world, &ending.done, WORLD_MINUTE);
	assert_int_equal(ending.failure.error, ERR_INTERNAL);
	expect_calendars(world, "x=X/ok y=Y/ok z=Z/ok");
	expect_cursor(world, "c1");
	world_sql(world, "DROP TRIGGER refuse", NULL);
	fake_once(world->fake, GOOGLE_CALENDARS, 200, LIST(CAL("x", "X") "," CAL("w", "W"), "c2"));
	expect_counts(world, true, 1, 0, 2);
}

static void test_not_connected(void **state)
{
	struct world *world = *state;
	struct ending ending;
	struct err err;
	world_sql(world, "UPDATE connections SET grant_id = NULL", NULL);
	assert_int_equal(calendar_sync_start(&world->core, a, false, take, &ending, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(calendar_sync_start(&world->core, acme, false, take, &ending, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void ignore_disconnect(void *arg, const struct disconnect_outcome *outcome)
{
	(void)outcome;
	*(bool *)arg = true;
}

static void test_disconnected_meanwhile(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	static bool disconnected;
	struct err err;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_CALENDARS, .hang = true, .uses = 1 });
	start(world, false, &ending);
	world_run(world);
	assert_int_equal(disconnect_run(&world->core, a, false, ignore_disconnect, &disconnected, &err), 0);
	world_until(world, &disconnected, WORLD_MINUTE);
	fake_once(world->fake, GOOGLE_CALENDARS, 503, NULL);
	fake_once(world->fake, GOOGLE_CALENDARS, 503, NULL);
	fake_let_go(world->fake, GOOGLE_CALENDARS);
	world_until(world, &ending.done, WORLD_MINUTE);
	assert_int_equal(ending.failure.error, ERR_CONFLICT);
	world_expect_state(world, a, "disconnected", "");
	expect_cursor(world, "");
}

static void test_late_list_of_a_disconnected_one(void **state)
{
	struct world *world = *state;
	static struct ending ending;
	static bool disconnected;
	struct err err;
	fake_script(world->fake, &(struct fake_rule){ .path = GOOGLE_CALENDARS, .hang = true, .uses = 1 });
	start(world, false, &ending);
	world_run(world);
	assert_int_equal(disconnect_run(&world->core, a, false, ignore_disconnect, &disconnected, &err), 0);
	world_until(world, &disconnected, WORLD_MINUTE);
	fake_let_go(world->fake, GOOGLE_CALENDARS);
	world_until(world, &ending.done, WORLD_MINUTE);
	assert_int_equal(ending.failure.error, ERR_CONFLICT);
	assert_int_equal(ending.result.added, 0);
	expect_calendars(world, "x=X/ok y=Y/ok z=Z/ok");
	expect_cursor(world, "");
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_world, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_incremental),
		TEST(test_full_sweeps),
		TEST(test_pages),
		TEST(test_cursor_expired),
		TEST(test_failures),
		TEST(test_expired_token_on_the_way),
		TEST(test_dead_grant_is_noted_once),
		TEST(test_unit_is_undone),
		TEST(test_not_connected),
		TEST(test_disconnected_meanwhile),
		TEST(test_late_list_of_a_disconnected_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
