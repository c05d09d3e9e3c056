/* A connection's life by RPC, without a provider: pause, resume, trash, restore, purge, what is told of it, and the jobs. */
#include "tests/unit/test_rpc_client.h"

#include "daemon/health.h"
#include "daemon/jobs/scheduler.h"
#include "daemon/vault/secret.h"
#include "ipc/base/timefmt.h"
#include "store/connections.h"
#include "store/grants.h"
#include "store/jobs.h"
#include "store/workspaces.h"

#include <jansson.h>

#define HOUR ((int64_t)3600 * 1000)

struct scene {
	struct world *world;
	struct client client;
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE];
	char grant[ID_TEXT_SIZE], id[ID_TEXT_SIZE], sibling[ID_TEXT_SIZE];
};

static struct store *store_of(const struct scene *scene)
{
	return scene->world->app.core.store;
}

/* A row as a consent leaves it, without sealed tokens that would open. */
static void make_grant(struct scene *scene)
{
	struct err err;
	store_new_id(store_of(scene), scene->grant);
	const struct grant_row row = {
		.id = scene->grant, .provider = "google", .client_id = "client", .subject = "s-1", .email = "ada@example.com",
		.scopes = "openid", .live = true, .key_id = "k", .data_key = { "d", 1 }, .refresh_token = { "r", 1 },
		.access_token = { "a", 1 }, .fingerprint = "0123456789abcdef", .access_expires_at = store_now(store_of(scene)) + HOUR,
	};
	assert_int_equal(store_grant_insert(store_of(scene), &row, &err), 0);
}

static void make_connection(struct scene *scene, const char *workspace_id, char id[ID_TEXT_SIZE])
{
	static const enum job_kind kinds[] = { JOB_TOKEN_REFRESH, JOB_CALENDAR_SYNC, JOB_FULL_SYNC };
	struct err err;
	const struct connection_new row = {
		.workspace_id = workspace_id, .provider = "google", .account_email = "ada@example.com", .subject = "s-1",
		.grant_id = scene->grant, .required_scopes = "openid",
	};
	assert_int_equal(store_connection_create(store_of(scene), &row, id, &err), 0);
	assert_int_equal(store_connection_set_synced(store_of(scene), id, NULL, &err), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(store_job_put(store_of(scene), kinds[i], id, store_now(store_of(scene)) + HOUR, "consent", &err), 0);
	assert_int_equal(health_update(store_of(scene), id, &err), 0);
}

static int setup(void **state)
{
	struct scene *scene = mem_alloc(sizeof *scene);
	struct err err;
	scene->world = world_open();
	struct core *core = &scene->world->app.core;
	core->google.client_id = "client";
	core->google.scopes = "openid";
	core->schedule = (struct schedule){
		.token_refresh = HOUR / 4, .calendar_sync = HOUR, .full_sync = 24 * HOUR, .cleanup = 168 * HOUR, .trash = 720 * HOUR,
		.history = 2160 * HOUR, .concurrency = 4,
	};
	assert_int_equal(store_workspace_create(core->store, "Acme", "acme", "UTC", scene->acme, &err), 0);
	assert_int_equal(store_workspace_create(core->store, "Globex", "globex", "UTC", scene->globex, &err), 0);
	make_grant(scene);
	make_connection(scene, scene->acme, scene->id);
	make_connection(scene, scene->globex, scene->sibling);
	assert_int_equal(scheduler_open(&scene->world->app.scheduler, core, &err), 0);
	scheduler_pause(scene->world->app.scheduler, 0);
	world_tick(scene->world);
	world_listen(scene->world);
	scene->client = client_open(scene->world);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	client_close(&scene->client);
	scheduler_close(scene->world->app.scheduler);
	world_close(scene->world);
	free(scene);
	return 0;
}

/* The reply; params are stolen. */
static json_t *ask(struct scene *scene, const char *method, json_t *params)
{
	static char line[65536];
	json_t *request = json_pack("{s:s,s:i,s:s,s:o}", "jsonrpc", "2.0", "id", 1, "method", method, "params", params);
	char *text = json_dumps(request, JSON_COMPACT);
	client_send(&scene->client, text);
	client_send(&scene->client, "\n");
	free(text);
	json_decref(request);
	assert_true(client_read(&scene->client, line, sizeof line));
	json_t *reply = json_loads(line, 0, NULL);
	assert_non_null(reply);
	return reply;
}

/* The result, which must be one. */
static json_t *call(struct scene *scene, const char *method, json_t *params)
{
	json_t *reply = ask(scene, method, params);
	json_t *result = json_incref(json_object_get(reply, "result"));
	if (!result)
		fail_msg("%s: %s", method, json_dumps(reply, 0));
	json_decref(reply);
	return result;
}

static json_t *call_id(struct scene *scene, const char *method, const char *id)
{
	return call(scene, method, json_pack("{s:s}", "id", id));
}

static void refused(struct scene *scene, const char *code, const char *method, json_t *params)
{
	json_t *reply = ask(scene, method, params);
	const json_t *data = json_object_get(json_object_get(reply, "error"), "data");
	assert_string_equal(json_string_value(json_object_get(data, "code")), code);
	json_decref(reply);
}

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static void expect_state(struct scene *scene, const char *id, const char *state, bool active)
{
	json_t *connection = call_id(scene, "connection.get", id);
	assert_string_equal(text(connection, "state"), state);
	assert_int_equal(json_is_true(json_object_get(connection, "active")), active);
	json_decref(connection);
}

/* What the timeline told last. */
static void expect_told(struct scene *scene, const char *id, const char *kind, const char *needle)
{
	json_t *timeline = call(scene, "connection.timeline", json_pack("{s:s,s:i}", "id", id, "limit", 10));
	size_t i;
	json_t *row;
	bool told = false;
	json_array_foreach(json_object_get(timeline, "items"), i, row)
		told |= strcmp(text(row, "kind"), kind) == 0 && strstr(text(row, "text"), needle) && text(row, "actor")[0];
	assert_true(told);
	json_decref(timeline);
}

/* As connection.disconnect leaves it, without the provider. */
static void disconnect(struct scene *scene, const char *id, bool last)
{
	struct err err;
	assert_int_equal(store_connection_detach(store_of(scene), id, &err), 0);
	if (last)
		assert_int_equal(store_grant_shred(store_of(scene), scene->grant, &err), 0);
	assert_int_equal(health_update(store_of(scene), id, &err), 0);
	world_tick(scene->world);
}

static void test_pause_and_resume(void **state)
{
	struct scene *scene = *state;
	char until[TIME_TEXT_SIZE];
	struct err err;
	expect_state(scene, scene->id, "connected", true);
	time_format(until, store_now(store_of(scene)) + HOUR);
	json_decref(call(scene, "connection.pause",
	                 json_pack("{s:s,s:s,s:s}", "id", scene->id, "until", until, "reason", "moving house")));
	expect_state(scene, scene->id, "paused", false);
	expect_told(scene, scene->id, "paused", "moving house");
	json_t *why = call_id(scene, "connection.explain", scene->id), *pause = json_object_get(why, "pause");
	assert_string_equal(text(pause, "until"), until);
	assert_string_equal(text(pause, "reason"), "moving house");
	assert_true(text(pause, "by")[0]);
	assert_string_equal(text(json_object_get(why, "action"), "method"), "connection.resume");
	assert_string_equal(text(json_array_get(json_object_get(why, "next"), 0), "what"), "resume");
	assert_string_equal(text(json_object_get(why, "would_be"), "if"), "it is resumed");
	json_decref(why);
	/* Neither trouble nor its end, nor a consent, ends a pause. */
	const struct health_trouble trouble = { .reason = REASON_PROVIDER_DOWN, .operation = "token" };
	assert_int_equal(health_trouble(store_of(scene), scene->id, &trouble, &err), 0);
	expect_state(scene, scene->id, "paused", false);
	assert_int_equal(store_connection_attach(store_of(scene), scene->id, scene->grant, NULL, NULL, NULL, &err), 0);
	assert_int_equal(health_update(store_of(scene), scene->id, &err), 0);
	expect_state(scene, scene->id, "paused", false);
	json_decref(call_id(scene, "connection.resume", scene->id));
	expect_state(scene, scene->id, "degraded", true);
	expect_told(scene, scene->id, "resumed", "resumed");
	json_decref(call_id(scene, "connection.resume", scene->id));
	refused(scene, "invalid_params", "connection.pause", json_pack("{s:s,s:s}", "id", scene->id, "until", "2020-01-01T00:00:00Z"));
	disconnect(scene, scene->id, false);
	refused(scene, "conflict", "connection.pause", json_pack("{s:s}", "id", scene->id));
}

/* Out of the trash: with the consent that a sibling still uses, or to wait for a new one. */
static void test_restore(void **state)
{
	struct scene *scene = *state;
	refused(scene, "conflict", "connection.restore", json_pack("{s:s}", "id", scene->id));
	disconnect(scene, scene->id, false);
	json_t *why = call_id(scene, "connection.explain", scene->id);
	assert_string_equal(text(json_object_get(why, "action"), "method"), "connection.restore");
	assert_string_equal(text(json_array_get(json_object_get(why, "next"), 0), "what"), "purge");
	json_decref(why);
	json_decref(call_id(scene, "connection.restore", scene->id));
	expect_state(scene, scene->id, "connected", true);
	expect_told(scene, scene->id, "restored", "still in force");
	json_t *jobs = call(scene, "job.list", json_pack("{s:s}", "connection", scene->id));
	assert_int_equal(json_integer_value(json_object_get(jobs, "total")), 3);
	json_decref(jobs);

	disconnect(scene, scene->id, false);
	disconnect(scene, scene->sibling, true);
	json_decref(call_id(scene, "connection.restore", scene->id));
	expect_state(scene, scene->id, "reauth_required", true);
	expect_told(scene, scene->id, "restored", "a new consent is needed");
	json_t *connection = call_id(scene, "connection.get", scene->id);
	assert_string_equal(text(json_array_get(json_object_get(connection, "reasons"), 0), "code"), "grant_missing");
	json_decref(connection);
	/* It can be thrown away again. */
	disconnect(scene, scene->id, false);
	expect_state(scene, scene->id, "disconnected", false);
}

static void test_purge(void **state)
{
	struct scene *scene = *state;
	json_t *effects = call(scene, "connection.purge", json_pack("{s:s,s:b}", "id", scene->id, "dry_run", 1));
	assert_true(json_is_true(json_object_get(effects, "dry_run")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(effects, "effects"), "connections")), 1);
	json_decref(effects);
	refused(scene, "conflict", "connection.purge", json_pack("{s:s}", "id", scene->id));
	disconnect(scene, scene->id, false);
	json_t *gone = call_id(scene, "connection.purge", scene->id);
	assert_true(json_is_true(json_object_get(gone, "deleted")));
	json_decref(gone);
	refused(scene, "not_found", "connection.explain", json_pack("{s:s}", "id", scene->id));
	refused(scene, "not_found", "connection.timeline", json_pack("{s:s}", "id", scene->id));
	expect_state(scene, scene->sibling, "connected", true);
}

static void put_job(struct scene *scene, enum job_kind kind, int64_t in_ms)
{
	struct err err;
	assert_int_equal(store_job_put(store_of(scene), kind, scene->id, store_now(store_of(scene)) + in_ms, "interval", &err), 0);
}

/* Late work is told until it is done, or planned anew. */
static void test_overdue(void **state)
{
	static const struct {
		enum job_kind kind;
		const char *operation;
	} work[] = { { JOB_TOKEN_REFRESH, "token" }, { JOB_CALENDAR_SYNC, "calendar_list" }, { JOB_FULL_SYNC, "calendar_list" } };
	struct scene *scene = *state;
	struct err err;
	for (size_t i = 0; i < 3; i++) {
		const struct health_trouble late = { .reason = REASON_OVERDUE, .operation = job_kind_name(work[i].kind) };
		put_job(scene, work[i].kind, -2 * HOUR);
		assert_int_equal(health_trouble(store_of(scene), scene->id, &late, &err), 0);
		expect_state(scene, scene->id, "degraded", true);
		assert_int_equal(health_ok(store_of(scene), scene->id, "userinfo", &err), 0);
		expect_state(scene, scene->id, "degraded", true);
		assert_int_equal(health_ok(store_of(scene), scene->id, work[i].operation, &err), 0);
		expect_state(scene, scene->id, "connected", true);
		put_job(scene, work[i].kind, -2 * HOUR);
		assert_int_equal(health_trouble(store_of(scene), scene->id, &late, &err), 0);
		put_job(scene, work[i].kind, HOUR);
		assert_int_equal(health_update(store_of(scene), scene->id, &err), 0);
		expect_state(scene, scene->id, "connected", true);
	}
}

static void test_errors(void **state)
{
	struct scene *scene = *state;
	struct err err;
	const struct health_trouble down = { .reason = REASON_PROVIDER_DOWN, .operation = "token", .provider_status = 503 };
	const struct health_trouble rate = { .reason = REASON_RATE_USER, .operation = "calendar_list", .provider_reason = "x" };
	const struct health_trouble client = { .reason = REASON_APP_MISCONFIGURED, .operation = "token" };
	assert_int_equal(health_trouble_grant(store_of(scene), scene->grant, &down, &err), 0);
	assert_int_equal(health_trouble(store_of(scene), scene->id, &rate, &err), 0);
	assert_int_equal(health_trouble(store_of(scene), scene->sibling, &client, &err), 0);
	json_t *list = call(scene, "sync_error.list", json_pack("{s:s}", "class", "provider"));
	assert_int_equal(json_array_size(json_object_get(list, "items")), 2);
	json_decref(list);
	list = call(scene, "sync_error.list", json_pack("{s:s,s:s}", "workspace", "acme", "code", "rate_user"));
	json_t *error = json_array_get(json_object_get(list, "items"), 0);
	assert_string_equal(text(error, "class"), "rate");
	json_t *known = call_id(scene, "sync_error.acknowledge", text(error, "id"));
	assert_true(text(known, "acknowledged_by")[0]);
	assert_true(json_is_null(json_object_get(known, "resolved_at")));
	json_decref(known);
	json_decref(list);
	json_t *groups = call(scene, "sync_error.groups", json_object()), *items = json_object_get(groups, "items");
	assert_int_equal(json_array_size(items), 3);
	assert_string_equal(text(json_array_get(items, 0), "code"), "app_misconfigured");
	assert_string_equal(text(json_array_get(items, 1), "code"), "provider_down");
	assert_int_equal(json_array_size(json_object_get(json_array_get(items, 1), "members")), 2);
	json_decref(groups);
	groups = call(scene, "sync_error.groups", json_pack("{s:s}", "workspace", "acme"));
	assert_int_equal(json_array_size(json_object_get(groups, "items")), 2);
	json_decref(groups);
	assert_int_equal(health_ok_grant(store_of(scene), scene->grant, "token", &err), 0);
	list = call(scene, "sync_error.list", json_pack("{s:b,s:s}", "open", 0, "connection", scene->id));
	assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
	json_decref(list);
	refused(scene, "not_found", "sync_error.get", json_pack("{s:s}", "id", scene->id));
	json_t *words = call(scene, "sync_error.describe", json_pack("{s:s}", "code", "grant_expired_testing"));
	assert_non_null(strstr(text(words, "fix"), "Publish"));
	json_decref(words);
	refused(scene, "invalid_params", "sync_error.describe", json_pack("{s:s}", "code", "boredom"));
}

static void test_jobs(void **state)
{
	struct scene *scene = *state;
	char run_id[ID_TEXT_SIZE];
	int64_t until;
	json_t *job = call(scene, "job.schedule",
	                   json_pack("{s:s,s:s,s:i}", "kind", "calendar_sync", "connection", scene->id, "interval_seconds", 7200));
	assert_int_equal(json_integer_value(json_object_get(job, "interval_seconds")), 7200);
	json_decref(job);
	job = call(scene, "job.schedule",
	           json_pack("{s:s,s:s,s:i}", "kind", "calendar_sync", "connection", scene->id, "interval_seconds", 0));
	assert_int_equal(json_integer_value(json_object_get(job, "interval_seconds")), 3600);
	json_decref(job);
	refused(scene, "invalid_params", "job.schedule",
	        json_pack("{s:s,s:s,s:i}", "kind", "calendar_sync", "connection", scene->id, "interval_seconds", 59));
	refused(scene, "invalid_params", "job.run", json_pack("{s:s}", "kind", "full_sync"));
	refused(scene, "invalid_params", "job.run", json_pack("{s:s,s:s}", "kind", "cleanup", "connection", scene->id));
	json_t *preview = call(scene, "job.run", json_pack("{s:s,s:b}", "kind", "cleanup", "dry_run", 1));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(preview, "effects"), "connections")), 0);
	json_decref(preview);
	json_t *run = call(scene, "job.run", json_pack("{s:s}", "kind", "cleanup"));
	(void)str_copy(run_id, sizeof run_id, text(run, "run_id"));
	json_decref(run);
	json_t *history = call(scene, "job.history", json_pack("{s:s}", "kind", "cleanup"));
	json_t *row = json_array_get(json_object_get(history, "items"), 0);
	assert_string_equal(text(row, "id"), run_id);
	assert_string_equal(text(row, "cause"), "manual");
	assert_string_equal(text(row, "state"), "ok");
	json_decref(history);
	scheduler_resume(scene->world->app.scheduler);
	json_decref(call(scene, "job.pause", json_object()));
	assert_true(scheduler_is_paused(scene->world->app.scheduler, &until));
	assert_int_equal(until, 0);
	json_decref(call(scene, "job.resume", json_object()));
	assert_false(scheduler_is_paused(scene->world->app.scheduler, &until));
	json_t *health = call(scene, "system.health", json_object());
	assert_string_equal(text(json_object_get(json_object_get(health, "providers"), "google"), "breaker"), "closed");
	assert_true(json_is_integer(json_object_get(json_object_get(health, "jobs"), "late")));
	json_decref(health);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_pause_and_resume), TEST(test_restore), TEST(test_purge), TEST(test_overdue), TEST(test_errors), TEST(test_jobs),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests_name("rpc/life", tests, NULL, NULL);
}
