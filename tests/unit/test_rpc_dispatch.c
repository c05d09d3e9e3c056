/* From a request to its answer without a socket: order of checks, who may see and do what, the audit, dry runs, and calls that
 * are answered later. */
#include "tests/unit/test_rpc_world.h"

#include "daemon/rpc/caller.h"
#include "daemon/rpc/desk.h"
#include "daemon/rpc/dispatch.h"
#include "daemon/vault/secret.h"
#include "store/connections.h"
#include "store/workspaces.h"

enum { ROOT = 0, VIEWER = 70001, OPERATOR = 70002, ADMIN = 70003, NOBODY = 70009 };

#define ABSENT "01890000-0000-7000-8000-000000000000"

/* One caller after the other at one desk. */
struct scene {
	struct world *world;
	struct desk desk;
	struct outlet outlet;
	struct caller caller;
	char acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE];          /* workspaces */
	char in_acme[ID_TEXT_SIZE], in_globex[ID_TEXT_SIZE];    /* connections */
};

static void settled(struct outlet *outlet)
{
	(void)outlet;
}

static struct rpc_call *begin_call(struct scene *scene, json_t *tree)
{
	struct err err;
	struct rpc_call *call = desk_call_new(&scene->desk, &scene->outlet);
	call->caller = &scene->caller;
	assert_int_equal(message_request(tree, false, 0, &call->request, &err), 0);
	return call;
}

/* The answer as text, valid until the next call. */
static const char *ask(struct scene *scene, uid_t uid, const char *method, const char *params)
{
	static char answer[65536];
	struct buf frame = { 0 };
	struct err err;
	json_t *tree;
	bool batch;
	size_t count;
	if (scene->caller.peer.uid != uid) {
		caller_free(&scene->caller);
		scene->caller = (struct caller){ .peer = { .uid = uid, .gid = 70000 } };
	}
	buf_printf(&frame, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method, params);
	assert_int_equal(message_parse(frame.data, frame.len, &tree, &batch, &count, &err), 0);
	dispatch_call(begin_call(scene, tree));
	json_decref(tree);
	buf_free(&frame);
	world_tick(scene->world);
	desk_settle(&scene->desk, NULL);
	(void)str_copy(answer, sizeof answer, buf_text(&scene->outlet.buf));
	buf_truncate(&scene->outlet.buf, 0);
	scene->outlet.safe = 0;
	return answer;
}

static void assert_has(const char *answer, const char *text)
{
	if (!strstr(answer, text))
		fail_msg("expected %s in %s", text, answer);
}

#define EXPECT(code_, uid_, method_, params_) assert_has(ask(scene, uid_, method_, params_), "\"data\":{\"code\":\"" code_ "\"")

static const char *with_id(const char *id)
{
	static char params[64];
	(void)snprintf(params, sizeof params, "{\"id\":\"%s\"}", id);
	return params;
}

static void take_id(const char *answer, char id[ID_TEXT_SIZE])
{
	const char *at = strstr(answer, "\"result\":{\"id\":\"");
	assert_non_null(at);
	memcpy(id, at + strlen("\"result\":{\"id\":\""), ID_TEXT_SIZE - 1);
	id[ID_TEXT_SIZE - 1] = '\0';
}

static void make_connection(struct scene *scene, const char *workspace, const char *email, char id[ID_TEXT_SIZE])
{
	const struct connection_new row = {
		.workspace_id = workspace, .provider = "google", .account_email = email, .subject = email, .required_scopes = "a b"
	};
	struct err err;
	assert_int_equal(store_connection_create(scene->world->app.core.store, &row, id, &err), 0);
}

static int setup(void **state)
{
	struct scene *scene = mem_alloc(sizeof *scene);
	struct err err;
	scene->world = world_open();
	scene->outlet.settled = settled;
	scene->caller.peer.uid = NOBODY;
	desk_init(&scene->desk, &scene->world->app);
	assert_int_equal(dispatch_open(&err), 0);
	world_policy(scene->world, "[user 70001]\nrole = viewer\nworkspaces = acme\n"
	                           "[user 70002]\nrole = operator\nworkspaces = acme\n"
	                           "[user 70003]\nrole = admin\nworkspaces = acme\n");
	take_id(ask(scene, ROOT, "workspace.create", "{\"name\":\"Acme\",\"slug\":\"acme\"}"), scene->acme);
	take_id(ask(scene, ROOT, "workspace.create", "{\"name\":\"Globex\",\"slug\":\"globex\"}"), scene->globex);
	make_connection(scene, scene->acme, "a@example.com", scene->in_acme);
	make_connection(scene, scene->globex, "g@example.com", scene->in_globex);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;
	caller_free(&scene->caller);
	buf_free(&scene->outlet.buf);
	desk_close(&scene->desk);
	world_close(scene->world);
	free(scene);
	return 0;
}

static void test_order_of_checks(void **state)
{
	struct scene *scene = *state;
	EXPECT("method_not_found", NOBODY, "no.such", "{}");
	EXPECT("denied", NOBODY, "system.ping", "{\"x\":1}");
	EXPECT("invalid_params", VIEWER, "system.ping", "{\"x\":1}");
	EXPECT("denied", OPERATOR, "workspace.create", "{\"x\":1}");
	EXPECT("invalid_params", ADMIN, "workspace.create", "{\"x\":1}");
	EXPECT("denied", ADMIN, "workspace.create", "{\"name\":\"x\",\"slug\":\"x\"}");
	EXPECT("denied", ADMIN, "system.reload", "{}");
}

/* What is hidden answers byte for byte like what is not there. */
static void assert_hidden(struct scene *scene, uid_t uid, const char *method, const char *hidden, const char *absent)
{
	char *answer = mem_strdup(ask(scene, uid, method, hidden));
	assert_has(answer, "\"code\":\"not_found\"");
	assert_string_equal(answer, ask(scene, uid, method, absent));
	free(answer);
}

static void test_objects(void **state)
{
	struct scene *scene = *state;
	char hidden[128];
	assert_has(ask(scene, VIEWER, "connection.get", with_id(scene->in_acme)), "\"account_email\":\"a@example.com\"");
	assert_has(ask(scene, ROOT, "connection.get", with_id(scene->in_globex)), "\"account_email\":\"g@example.com\"");
	EXPECT("not_found", ROOT, "connection.get", with_id(ABSENT));
	EXPECT("denied", VIEWER, "connection.disconnect", with_id(scene->in_acme));
	(void)snprintf(hidden, sizeof hidden, "{\"id\":\"%s\"}", scene->in_globex);
	assert_hidden(scene, VIEWER, "connection.get", hidden, with_id(ABSENT));
	assert_hidden(scene, OPERATOR, "connection.disconnect", hidden, with_id(ABSENT));
	assert_hidden(scene, ADMIN, "workspace.update", "{\"id\":\"globex\",\"name\":\"x\"}", "{\"id\":\"nowhere\",\"name\":\"x\"}");
	(void)snprintf(hidden, sizeof hidden, "{\"workspace\":\"%s\"}", scene->globex);
	assert_hidden(scene, VIEWER, "connection.list", hidden, "{\"workspace\":\"" ABSENT "\"}");
	(void)snprintf(hidden, sizeof hidden, "{\"connection\":\"%s\"}", scene->in_globex);
	assert_hidden(scene, VIEWER, "calendar.list", hidden, "{\"connection\":\"" ABSENT "\"}");
	EXPECT("denied", OPERATOR, "user.create", "{\"workspace\":\"acme\",\"email\":\"u@example.com\"}");
}

static void test_lists_are_filtered(void **state)
{
	struct scene *scene = *state;
	const char *answer = ask(scene, VIEWER, "connection.list", "{}");
	assert_has(answer, "a@example.com");
	assert_null(strstr(answer, "g@example.com"));
	assert_has(answer, "\"next_cursor\":null,\"total\":1");
	assert_has(ask(scene, ROOT, "connection.list", "{\"limit\":1}"), "\"total\":2");
	assert_null(strstr(ask(scene, VIEWER, "workspace.list", "{}"), "globex"));
	assert_has(ask(scene, VIEWER, "system.health", "{}"), "\"connections\":{\"total\":1,");
	EXPECT("invalid_params", ROOT, "connection.list", "{\"cursor\":\"zzz\"}");
}

static void test_reload_takes_rights_away(void **state)
{
	struct scene *scene = *state;
	char id[ID_TEXT_SIZE];
	struct err err;
	assert_has(ask(scene, ADMIN, "system.whoami", "{}"), "\"role\":\"admin\",\"workspaces\":[\"");
	world_policy(scene->world, "[user 70003]\nrole = viewer\nworkspaces = *\n");
	assert_has(ask(scene, ADMIN, "system.whoami", "{}"), "\"grants\":[{\"role\":\"viewer\",\"workspaces\":\"*\"}]");
	EXPECT("denied", ADMIN, "user.create", "{\"workspace\":\"acme\",\"email\":\"u@example.com\"}");
	world_policy(scene->world, "[user 70001]\nrole = viewer\nworkspaces = later\n");
	EXPECT("not_found", VIEWER, "workspace.get", "{\"id\":\"later\"}");
	/* The session that is open sees a workspace that somebody else makes. */
	assert_int_equal(store_workspace_create(scene->world->app.core.store, "x", "later", "UTC", id, &err), 0);
	assert_has(ask(scene, VIEWER, "workspace.get", "{\"id\":\"later\"}"), "\"slug\":\"later\"");
}

static void test_audit(void **state)
{
	struct scene *scene = *state;
	(void)ask(scene, ADMIN, "user.create", "{\"workspace\":\"acme\",\"email\":\"u@example.com\",\"reason\":\"new here\"}");
	const char *row = ask(scene, ADMIN, "audit.list", "{\"limit\":1}");
	assert_has(row, "\"uid\":70003,\"actor\":\"uid:70003\"");
	assert_has(row, "\"method\":\"user.create\",\"object_type\":\"user\",\"object_id\":\"");
	assert_has(row, "\"outcome\":\"ok\",\"reason\":\"new here\",\"details\":{\"workspace\":\"acme\",\"email\":\"u@example.com\"}");
	EXPECT("conflict", ADMIN, "user.create", "{\"workspace\":\"acme\",\"email\":\"U@example.com\"}");
	assert_has(ask(scene, ADMIN, "audit.list", "{\"limit\":1}"),
	           "\"outcome\":\"failed\",\"reason\":null,\"details\":{\"error\":\"conflict\"");
	EXPECT("denied", VIEWER, "user.create", "{\"workspace\":\"acme\",\"email\":\"v@example.com\"}");
	assert_has(ask(scene, ROOT, "audit.list", "{\"limit\":1}"), "\"uid\":70001");
	assert_has(ask(scene, ROOT, "audit.list", "{\"limit\":1}"), "\"outcome\":\"denied\"");
}

/* A consent that was declined: an operation that is over at once. What it noted stays, and the pasted address is no one's. */
static void test_declined_consent(void **state)
{
	struct scene *scene = *state;
	struct provider_config *google = &scene->world->app.core.google;
	char attempt[64], params[256];
	*google = (struct provider_config){ .client_id = "id", .client_secret = secret_new("s", 1), .scopes = "a",
		                            .auth_url = "http://localhost/a", .redirect_uri = "http://localhost/r" };
	(void)str_copy(scene->world->app.public_url, sizeof scene->world->app.public_url, "http://localhost");
	const char *answer = ask(scene, OPERATOR, "oauth.begin", "{\"workspace\":\"acme\",\"provider\":\"google\"}");
	assert_has(answer, "\"short_url\":\"http://localhost/c/");
	(void)snprintf(attempt, sizeof attempt, "{\"attempt_id\":\"%.36s\"}",
	               strstr(answer, "\"attempt_id\":\"") + strlen("\"attempt_id\":\""));
	(void)snprintf(params, sizeof params, "{\"redirect_url\":\"http://x/?error=access_denied&state=%.43s\"}",
	               strstr(answer, "\"state\":\"") + strlen("\"state\":\""));
	assert_has(ask(scene, VIEWER, "oauth.complete", params), "\"code\":\"denied\"");
	assert_has(ask(scene, OPERATOR, "oauth.status", attempt), "\"state\":\"created\"");
	EXPECT("provider_rejected", OPERATOR, "oauth.complete", params);
	assert_has(ask(scene, OPERATOR, "oauth.status", attempt),
	           "\"state\":\"failed\",\"connection_id\":null,\"error\":{\"code\":\"access_denied\"");
	answer = ask(scene, ROOT, "audit.list", "{\"limit\":2}");
	assert_has(answer, "\"method\":\"oauth.complete\",\"object_type\":\"attempt\",\"object_id\":\"0");
	assert_has(answer, "\"outcome\":\"failed\"");
	assert_null(strstr(answer, "access_denied"));
	EXPECT("conflict", OPERATOR, "oauth.cancel", attempt);
	secret_unref(google->client_secret);
}

static void test_dry_run(void **state)
{
	struct scene *scene = *state;
	assert_has(ask(scene, ROOT, "workspace.delete", "{\"id\":\"acme\",\"dry_run\":true}"),
	           "\"dry_run\":true,\"effects\":{\"connections\":1,");
	assert_has(ask(scene, ROOT, "audit.list", "{\"limit\":1}"), "\"method\":\"workspace.create\"");
	(void)ask(scene, ROOT, "workspace.create", "{\"name\":\"x\",\"slug\":\"empty\"}");
	assert_has(ask(scene, ROOT, "workspace.delete", "{\"id\":\"empty\"}"), "\"deleted\":true}");
	EXPECT("not_found", ROOT, "workspace.delete", "{\"id\":\"empty\"}");
}

static void test_zones(void **state)
{
	struct scene *scene = *state;
	assert_has(ask(scene, ROOT, "workspace.create", "{\"name\":\"x\",\"slug\":\"z\",\"time_zone\":\"Mars/Olympus\"}"),
	           "\"field\":\"time_zone\"");
	assert_has(ask(scene, ROOT, "workspace.create", "{\"name\":\"x\",\"slug\":\"z\",\"time_zone\":\"Europe/Berlin\"}"),
	           "\"time_zone\":\"Europe/Berlin\"");
}

static void test_begin_checks_belonging(void **state)
{
	struct scene *scene = *state;
	char params[160];
	(void)snprintf(params, sizeof params, "{\"workspace\":\"acme\",\"provider\":\"google\",\"connection\":\"%s\"}",
	               scene->in_globex);
	assert_hidden(scene, OPERATOR, "oauth.begin", params,
	              "{\"workspace\":\"acme\",\"provider\":\"google\",\"connection\":\"" ABSENT "\"}");
}

/* A call that an operation has taken over, as connection.refresh does. */
static struct rpc_call *start_pending(struct scene *scene)
{
	json_t *tree = json_pack("{s:s,s:i,s:s}", "jsonrpc", "2.0", "id", 7, "method", "system.ping");
	struct rpc_call *call = begin_call(scene, tree);
	json_decref(tree);
	assert_ptr_equal(rpc_pending(call).call, call);
	return call;
}

static void finish(struct rpc_call *call)
{
	writer_text(rpc_result(call), "done");
	rpc_finish(call);
}

static void test_late_answer_waits_for_its_commit(void **state)
{
	struct scene *scene = *state;
	struct rpc_call *call = start_pending(scene);
	desk_settle(&scene->desk, NULL);
	assert_int_equal(scene->outlet.buf.len, 0);
	finish(call);
	desk_settle(&scene->desk, NULL);
	assert_int_equal(scene->outlet.buf.len, 0);
	world_tick(scene->world);
	desk_settle(&scene->desk, NULL);
	assert_string_equal(buf_text(&scene->outlet.buf), "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"done\"}\n");
	assert_int_equal(scene->outlet.waiting, 0);
}

static void test_late_answer_of_a_lost_commit(void **state)
{
	struct scene *scene = *state;
	struct store *store = scene->world->app.core.store;
	struct rpc_call *call = start_pending(scene);
	struct err err, why;
	(void)err_set(&why, ERR_STORE_FAILED, "gone");
	assert_int_equal(store_unit_begin(store, &err), 0);
	finish(call);
	assert_int_equal(store_unit_end(store, false, &why, &err), 0);
	world_tick(scene->world);
	desk_settle(&scene->desk, NULL);
	assert_has(buf_text(&scene->outlet.buf), "\"id\":7,\"error\":{\"code\":-32023,\"message\":\"gone\"");
}

static void test_deadline(void **state)
{
	struct scene *scene = *state;
	struct rpc_call *call = start_pending(scene);
	timer_set(call->deadline, 0);
	world_turn(scene->world);
	desk_settle(&scene->desk, NULL);
	assert_has(buf_text(&scene->outlet.buf), "\"id\":7,\"error\":{\"code\":-32004");
	assert_has(buf_text(&scene->outlet.buf), "\"run_id\":\"0");
	assert_int_equal(scene->outlet.waiting, 0);
	buf_truncate(&scene->outlet.buf, 0);
	scene->outlet.safe = 0;
	finish(call);
	world_tick(scene->world);
	desk_settle(&scene->desk, NULL);
	assert_int_equal(scene->outlet.buf.len, 0);
}

static void test_client_leaves(void **state)
{
	struct scene *scene = *state;
	struct rpc_call *early = start_pending(scene), *late = start_pending(scene), *last = start_pending(scene);
	finish(early);
	desk_abandon_all(&scene->desk, &scene->outlet);
	assert_int_equal(scene->outlet.waiting, 0);
	finish(late);
	world_tick(scene->world);
	desk_settle(&scene->desk, NULL);
	assert_int_equal(scene->outlet.buf.len, 0);
	desk_close(&scene->desk);
	finish(last);
	desk_init(&scene->desk, &scene->world->app);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_order_of_checks),
		TEST(test_objects),
		TEST(test_lists_are_filtered),
		TEST(test_reload_takes_rights_away),
		TEST(test_audit),
		TEST(test_declined_consent),
		TEST(test_dry_run),
		TEST(test_zones),
		TEST(test_begin_checks_belonging),
		TEST(test_late_answer_waits_for_its_commit),
		TEST(test_late_answer_of_a_lost_commit),
		TEST(test_deadline),
		TEST(test_client_leaves),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
