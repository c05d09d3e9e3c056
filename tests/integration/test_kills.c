/* kill -9 at random moments under load: every acknowledged change is there, none is there by half, interrupted runs are resolved, and
 * service is back within a second (SAFETY.md REL-1). */
#include "ipc/base/clock.h"
#include "tests/support/stage.h"
#include "tests/support/web.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A sanitized daemon is several times slower, and so are its starts. */
#ifdef __SANITIZE_ADDRESS__
enum { KILLS = 50, LIVES_MS = 200, SERVICE_MS = 10000, CHECK_EVERY = 25 };
#else
enum { KILLS = 500, LIVES_MS = 60, SERVICE_MS = 1000, CHECK_EVERY = 100 };
#endif
enum { REPLY_MS = 5000, ACCOUNTS = 4 };

static const char *const emails[ACCOUNTS] = { "ada.lovelace@example.com", "alan.turing@example.com",
	                                      "edsger.dijkstra@example.com", "ken.thompson@example.com" };

/* What the daemon has promised. */
struct promises {
	int workspaces;                    /* slugs k0 … are there */
	int next_workspace;                /* numbers are used once, also by those that were not acknowledged */
	bool acknowledged[200000];
	char *connections[ACCOUNTS];
	json_int_t generation[ACCOUNTS];
	int refreshes, connects;
};

struct killer {
	pid_t pid;
	int after_ms;
};

static void *kill_later(void *arg)
{
	struct killer *killer = arg;
	(void)poll(NULL, 0, killer->after_ms);
	(void)kill(killer->pid, SIGKILL);
	return NULL;
}

/* One call; NULL when the daemon has gone. */
static json_t *ask(struct stage *stage, const char *method, json_t *params)
{
	json_t *reply = NULL;
	struct err err;
	if (!stage->client && client_sync_open(&stage->client, stage->socket, &err) != 0)
		stage->client = NULL;
	if (!stage->client || client_sync_call(stage->client, method, params, REPLY_MS, &reply, &err) != 0)
		reply = NULL;
	json_decref(params);
	return reply;
}

static bool make_workspace(struct stage *stage, struct promises *promises)
{
	char slug[32];
	int number = promises->next_workspace++;
	(void)snprintf(slug, sizeof slug, "k%d", number);
	json_t *reply = ask(stage, "workspace.create", json_pack("{s:s,s:s,s:s}", "name", slug, "slug", slug, "time_zone", "UTC"));
	if (json_object_get(reply, "result")) {
		promises->acknowledged[number] = true;
		promises->workspaces++;
	}
	json_decref(reply);
	return reply != NULL;
}

static bool refresh(struct stage *stage, struct promises *promises, int i)
{
	json_t *reply = ask(stage, "connection.refresh", json_pack("{s:s}", "id", promises->connections[i]));
	json_t *token = json_object_get(json_object_get(reply, "result"), "token");
	if (token) {
		promises->generation[i] = json_integer_value(json_object_get(token, "generation"));
		promises->refreshes++;
	}
	json_decref(reply);
	return reply != NULL;
}

static bool connect_account(struct stage *stage, struct promises *promises, int i)
{
	struct web_reply page;
	json_t *reply = ask(stage, "oauth.begin", json_pack("{s:s,s:s}", "workspace", "home", "provider", "google"));
	const char *url = json_string_value(json_object_get(json_object_get(reply, "result"), "authorization_url"));
	bool alive = false;
	if (url) {
		char *callback = stage_consent(stage, url, emails[i], "allow", NULL);
		web_fetch(&page, callback, "application/json", NULL);
		json_t *answer = json_loadb(buf_text(&page.body), page.body.len, 0, NULL);
		const char *id = json_string_value(json_object_get(json_object_get(answer, "connection"), "id"));
		if (page.status == 200 && id) {
			if (promises->connections[i])
				assert_string_equal(promises->connections[i], id);
			else
				promises->connections[i] = strdup(id);
			promises->connects++;
		}
		alive = page.status != 0;
		json_decref(answer);
		web_reply_free(&page);
		free(callback);
	}
	json_decref(reply);
	return alive;
}

static void work_until_dead(struct stage *stage, struct promises *promises)
{
	for (;;) {
		int what = rand_r(&(unsigned){ (unsigned)promises->next_workspace * 2654435761u }) % 8, i = what % ACCOUNTS;
		bool alive = make_workspace(stage, promises);
		if (alive && promises->connections[i] && what < 6)
			alive = refresh(stage, promises, i);
		else if (alive)
			alive = connect_account(stage, promises, i);
		if (!alive)
			return;
	}
}

static void check_promises(struct stage *stage, const struct promises *promises, int from)
{
	char slug[32];
	for (int n = from; n < promises->next_workspace; n++) {
		(void)snprintf(slug, sizeof slug, "k%d", n);
		json_t *reply = stage_reply(stage, "workspace.get", json_pack("{s:s}", "id", slug));
		if (promises->acknowledged[n] && !json_object_get(reply, "result"))
			fail_msg("%s was acknowledged and is gone", slug);
		json_decref(reply);
	}
	for (int i = 0; i < ACCOUNTS; i++) {
		if (!promises->connections[i])
			continue;
		json_t *connection = stage_call(stage, "connection.get", "{s:s}", "id", promises->connections[i]);
		json_t *token = json_object_get(connection, "token");
		assert_true(json_integer_value(json_object_get(token, "generation")) >= promises->generation[i]);
		assert_true(json_is_true(json_object_get(token, "present")));
		assert_string_not_equal(json_string_value(json_object_get(connection, "state")), "reauth_required");
		json_decref(connection);
	}
}

static int only_row(void *arg, int count, char **values, char **names)
{
	(void)names;
	assert_int_equal(count, 1);
	(void)snprintf(arg, 64, "%s", values[0]);
	return 0;
}

static void check_file(struct stage *stage)
{
	sqlite3 *db;
	char path[160], said[64] = "";
	assert_int_equal(stage_stop_daemon(stage, SIGTERM), 0);
	(void)snprintf(path, sizeof path, "%s/almanac.db", stage->state_dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA integrity_check", only_row, said, NULL), SQLITE_OK);
	assert_string_equal(said, "ok");
	assert_int_equal(sqlite3_exec(db, "SELECT count(*) FROM pragma_foreign_key_check", only_row, said, NULL), SQLITE_OK);
	assert_string_equal(said, "0");
	sqlite3_close(db);
	stage_start_daemon(stage);
}

static void kill_once(struct stage *stage, struct promises *promises, unsigned *seed)
{
	struct killer killer = { .pid = stage->daemon, .after_ms = 1 + rand_r(seed) % LIVES_MS };
	pthread_t thread;
	int from = promises->next_workspace;
	assert_int_equal(pthread_create(&thread, NULL, kill_later, &killer), 0);
	work_until_dead(stage, promises);
	pthread_join(thread, NULL);
	assert_int_equal(stage_wait_daemon(stage, REPLY_MS), -SIGKILL);
	int64_t began = clock_boot(&clock_system);
	stage_start_daemon(stage);
	json_decref(stage_call(stage, "system.ping", NULL));
	assert_in_range(clock_boot(&clock_system) - began, 0, SERVICE_MS);
	check_promises(stage, promises, from);
}

static void test_kills_under_load(void **unused)
{
	static struct promises promises;
	struct stage stage;
	unsigned seed = 20261122;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "home");
	for (int kill_number = 1; kill_number <= KILLS; kill_number++) {
		kill_once(&stage, &promises, &seed);
		if (kill_number % CHECK_EVERY == 0)
			check_file(&stage);
	}
	check_promises(&stage, &promises, 0);
	print_message("%d kills: %d workspaces, %d connects, %d refreshes acknowledged, none lost\n", KILLS, promises.workspaces,
	              promises.connects, promises.refreshes);
	assert_true(promises.connects > KILLS / 10 && promises.refreshes > KILLS / 4);
	for (int i = 0; i < ACCOUNTS; i++)
		free(promises.connections[i]);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kills_under_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
