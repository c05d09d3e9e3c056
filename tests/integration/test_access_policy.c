/* The policy at work: who gets in, groups, and rules that change under open connections (CONTRACT.md sections 3 and 7). Needs
 * root, for callers of other uids. */
#include "tests/support/process.h"
#include "tests/support/stage.h"
#include "tests/support/wire.h"

#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define RULE(who_, role_, workspaces_) "[" who_ "]\nrole = " role_ "\nworkspaces = " workspaces_ "\n"

static const struct wire_who stranger = { 4009, 4009, { 0 }, 0 };
static const struct wire_who alice = { 4001, 4001, { 0 }, 0 };

static const char ping[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}";
static const char list_users[] = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"user.list\"}";
static const char get_acme[] = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"workspace.get\",\"params\":{\"id\":\"acme\"}}";
static const char make_user[] = "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"user.create\",\"params\":{\"workspace\":\"acme\","
                                "\"email\":\"x@example.com\"}}";

/* In place of the old one at once, as an administrator should. */
static void put_policy(const struct stage *stage, const char *text)
{
	char fresh[128];
	(void)snprintf(fresh, sizeof fresh, "%s.new", stage->policy);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(rename(fresh, stage->policy), 0);
}

static void open_stage(struct stage *stage, const struct stage_options *options)
{
	stage_open(stage, options);
	wire_open_doors(stage->socket);
}

static void expect_code(struct wire *wire, const char *line, const char *code)
{
	json_t *reply = wire_ask(wire, line);
	assert_non_null(reply);
	assert_string_equal(wire_code(reply), code);
	json_decref(reply);
}

struct awaited {
	struct wire *wire;
	const char *line, *code;
};

static bool answers_so(void *arg)
{
	const struct awaited *awaited = arg;
	json_t *reply = wire_ask(awaited->wire, awaited->line);
	bool so = strcmp(wire_code(reply), awaited->code) == 0;
	json_decref(reply);
	return so;
}

static void await_code(struct wire *wire, const char *line, const char *code)
{
	struct awaited awaited = { wire, line, code };
	assert_true(process_until(answers_so, &awaited, 10000));
}

/* Exactly one denied response with a null id, then the end; whatever the client sends meanwhile. */
static void expect_turned_away(struct stage *stage, const struct wire_who *who, bool talks)
{
	struct wire wire;
	assert_true(wire_open_as(&wire, stage->socket, who, &stage->wire));
	for (int i = 0; talks && i < 20; i++)
		(void)wire_text(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}\n");
	json_t *reply = wire_reply(&wire);
	assert_non_null(reply);
	assert_string_equal(wire_code(reply), "denied");
	assert_int_equal(wire_number(reply), -32001);
	assert_true(json_is_null(json_object_get(reply, "id")));
	assert_true(wire_ended(&wire, 10000));
	json_decref(reply);
	wire_close(&wire);
}

static void test_strangers_are_turned_away(void **unused)
{
	static const struct stage_options options = { .without_sandbox = true, .policy = RULE("user 4001", "viewer", "*") };
	static const struct wire_who nobody = { 65534, 65534, { 4001 }, 1 };
	struct stage stage;
	(void)unused;
	open_stage(&stage, &options);
	for (int i = 0; i < 50; i++)
		expect_turned_away(&stage, &stranger, i % 2);
	expect_turned_away(&stage, &nobody, false);
	/* Root stays in, whatever the file says. */
	json_decref(stage_call(&stage, "workspace.list", NULL));
	stage_close(&stage);
}

static void test_without_a_file_only_root(void **unused)
{
	static const struct stage_options options = { .without_sandbox = true };
	static const struct stage_options empty = { .without_sandbox = true, .policy = "" };
	struct stage stage;
	(void)unused;
	open_stage(&stage, &options);
	expect_turned_away(&stage, &stranger, false);
	json_t *who = stage_call(&stage, "system.whoami", NULL), *grant = json_array_get(json_object_get(who, "grants"), 0);
	assert_string_equal(json_string_value(json_object_get(grant, "role")), "admin");
	assert_string_equal(json_string_value(json_object_get(grant, "workspaces")), "*");
	json_decref(who);
	stage_close(&stage);
	open_stage(&stage, &empty);
	expect_turned_away(&stage, &stranger, false);
	json_decref(stage_call(&stage, "workspace.list", NULL));
	stage_close(&stage);
}

/* The grants of a caller as "role:slug-or-* role:…" of the workspaces acme and globex. */
static void expect_grants(struct stage *stage, const struct wire_who *who, const char *acme, const char *globex, const char *wanted)
{
	struct wire wire;
	char seen[256] = "";
	size_t i, k;
	json_t *grant, *id;
	assert_true(wire_open_as(&wire, stage->socket, who, &stage->wire));
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.whoami\"}");
	json_t *result = json_object_get(reply, "result");
	assert_int_equal(json_integer_value(json_object_get(result, "uid")), who->uid);
	assert_int_equal(json_integer_value(json_object_get(result, "gid")), who->gid);
	assert_int_equal(json_array_size(json_object_get(result, "groups")), who->group_count);
	json_array_foreach(json_object_get(result, "grants"), i, grant) {
		json_t *workspaces = json_object_get(grant, "workspaces");
		const char *role = json_string_value(json_object_get(grant, "role"));
		if (json_is_string(workspaces))
			(void)snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s:* ", role);
		json_array_foreach(workspaces, k, id) {
			const char *text = json_string_value(id);
			const char *slug = strcmp(text, acme) == 0 ? "acme" : strcmp(text, globex) == 0 ? "globex" : "?";
			(void)snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s:%s ", role, slug);
		}
	}
	assert_string_equal(seen, wanted);
	json_decref(reply);
	wire_close(&wire);
}

static void test_groups_count_the_supplementary_ones_too(void **unused)
{
	static const struct stage_options options = {
		.without_sandbox = true,
		.policy = RULE("group 5001", "operator", "acme") RULE("group 5002", "admin", "globex, acme") RULE("user 4001", "viewer", "*"),
	};
	static const struct {
		struct wire_who who;
		const char *grants;
	} rows[] = {
		{ { 4100, 5001, { 0 }, 0 }, "operator:acme " },
		{ { 4100, 4100, { 77, 5001 }, 2 }, "operator:acme " },
		{ { 4100, 5001, { 5002 }, 1 }, "admin:acme admin:globex " },
		{ { 4001, 4001, { 0 }, 0 }, "viewer:* " },
		{ { 4001, 4001, { 5001 }, 1 }, "operator:acme viewer:* " },
		{ { 4001, 5002, { 77, 78, 79, 5001 }, 4 }, "admin:acme admin:globex viewer:* " },
	};
	/* A number is a uid in one place and a gid in the other, never both. */
	static const struct wire_who uid_like_group = { 5001, 4100, { 4001 }, 1 };
	struct stage stage;
	(void)unused;
	open_stage(&stage, &options);
	const char *acme = stage_workspace(&stage, "acme"), *globex = stage_workspace(&stage, "globex");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect_grants(&stage, &rows[i].who, acme, globex, rows[i].grants);
	expect_turned_away(&stage, &uid_like_group, false);
	stage_close(&stage);
}

static void test_names_of_the_system(void **unused)
{
	static const struct stage_options options = { .without_sandbox = true, .policy = RULE("user daemon", "admin", "*") };
	const struct passwd *entry = getpwnam("daemon");
	struct stage stage;
	struct wire wire;
	(void)unused;
	if (!entry || entry->pw_uid == 0) {
		skip();
		return;
	}
	const struct wire_who who = { entry->pw_uid, entry->pw_gid, { 0 }, 0 };
	open_stage(&stage, &options);
	assert_true(wire_open_as(&wire, stage.socket, &who, &stage.wire));
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.whoami\"}");
	assert_string_equal(json_string_value(json_object_get(json_object_get(reply, "result"), "user")), "daemon");
	json_decref(reply);
	wire_close(&wire);
	stage_close(&stage);
}

static void test_rights_change_at_the_next_request(void **unused)
{
	static const struct stage_options options = { .without_sandbox = true, .policy = RULE("user 4001", "viewer", "acme") };
	struct stage stage;
	struct wire wire;
	(void)unused;
	open_stage(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	assert_true(wire_open_as(&wire, stage.socket, &alice, &stage.wire));
	expect_code(&wire, make_user, "denied");

	put_policy(&stage, RULE("user 4001", "admin", "acme"));
	expect_code(&wire, make_user, "denied");
	json_decref(stage_call(&stage, "system.reload", NULL));
	expect_code(&wire, make_user, "");

	put_policy(&stage, RULE("user 4001", "viewer", "globex"));
	assert_int_equal(kill(stage.daemon, SIGHUP), 0);
	await_code(&wire, get_acme, "not_found");
	expect_code(&wire, make_user, "denied");
	/* A slug that names nothing yet begins to count with its workspace. */
	json_t *reloaded = stage_call(&stage, "system.reload", NULL);
	assert_int_equal(json_array_size(json_object_get(reloaded, "warnings")), 1);
	json_decref(reloaded);
	(void)stage_workspace(&stage, "globex");
	expect_code(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"workspace.get\",\"params\":{\"id\":\"globex\"}}", "");

	/* Without any rule nothing at all is left, not even a ping. */
	put_policy(&stage, "");
	json_decref(stage_call(&stage, "system.reload", NULL));
	expect_code(&wire, list_users, "denied");
	expect_code(&wire, ping, "denied");
	wire_close(&wire);
	expect_turned_away(&stage, &alice, false);
	stage_close(&stage);
}

static void test_bad_policies_keep_the_old_rules(void **unused)
{
	static const struct stage_options options = { .without_sandbox = true, .policy = RULE("user 4001", "admin", "acme") };
	static const struct {
		const char *text, *place; /* what follows the path in the message */
	} bad[] = {
		{ "[user 4001]\nrole = king\nworkspaces = *\n", ":2: " },
		{ "[user 4001]\nrole = admin\n", ":1: " },
		{ "[user 4001]\nworkspaces = *\n", ":1: " },
		{ "[user 4001]\nrole = admin\nworkspaces = Acme!\n", ":3: " },
		{ "\n\n[user 4001]\nrole = admin\nworkspaces = *\ncolour = red\n", ":6: " },
		{ "[user no-such-user-here]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "[group no-such-group-here]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "[user 4294967295]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "[user 65534]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "[user -1]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "[user +0]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "[user 0x0]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "[robot 1]\nrole = admin\nworkspaces = *\n", ":1: " },
		{ "role = admin\n", ":1: " },
		{ "[user 4001]\nrole = admin\nrole = viewer\nworkspaces = *\n", ":3: " },
		{ "[user 4001]\nrole admin\n", ":2: " },
		{ "[user 4001\nrole = admin\n", ":1: " },
		{ "[user 40\xff]\nrole = admin\n", ":1: " },
		{ "[user 4001]\nrole = admin\x01\n", ":2: " },
	};
	struct stage stage;
	struct wire wire;
	(void)unused;
	open_stage(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	assert_true(wire_open_as(&wire, stage.socket, &alice, &stage.wire));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char place[160];
		put_policy(&stage, bad[i].text);
		json_t *error = stage_refused(&stage, "app_misconfigured", "system.reload", NULL);
		const char *message = json_string_value(json_object_get(error, "message"));
		(void)snprintf(place, sizeof place, "%s%s", stage.policy, bad[i].place);
		if (!strstr(message, place))
			fail_msg("policy %zu: %s does not name %s", i, message, place);
		assert_int_equal(json_integer_value(json_object_get(error, "code")), -32021);
		json_decref(error);
		expect_code(&wire, get_acme, "");
	}
	/* By a signal, too; and a file that others may write is none. */
	assert_int_equal(kill(stage.daemon, SIGHUP), 0);
	expect_code(&wire, get_acme, "");
	put_policy(&stage, RULE("user 4001", "viewer", "globex"));
	assert_int_equal(chmod(stage.policy, 0622), 0);
	json_decref(stage_refused(&stage, "app_misconfigured", "system.reload", NULL));
	assert_int_equal(unlink(stage.policy), 0);
	json_decref(stage_refused(&stage, "app_misconfigured", "system.reload", NULL));
	expect_code(&wire, get_acme, "");
	put_policy(&stage, RULE("user 4001", "viewer", "globex"));
	json_decref(stage_call(&stage, "system.reload", NULL));
	expect_code(&wire, get_acme, "not_found");
	wire_close(&wire);
	stage_close(&stage);
}

/* A storm of reloads: each answer fits one of the two policies, and nobody is thrown out. */
static void test_a_storm_of_reloads(void **unused)
{
	static const char *const policies[] = { RULE("user 4001", "viewer", "acme"), RULE("user 4001", "admin", "globex") };
	static const struct stage_options options = { .without_sandbox = true, .policy = RULE("user 4001", "viewer", "acme") };
	struct stage stage;
	struct wire wire;
	(void)unused;
	open_stage(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	(void)stage_workspace(&stage, "globex");
	assert_true(wire_open_as(&wire, stage.socket, &alice, &stage.wire));
	pid_t before = stage.daemon;
	for (int i = 0; i < 300; i++) {
		put_policy(&stage, policies[i % 2]);
		assert_int_equal(kill(stage.daemon, SIGHUP), 0);
		json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"workspace.list\"}");
		json_t *items = json_object_get(json_object_get(reply, "result"), "items");
		assert_int_equal(json_array_size(items), 1);
		json_decref(reply);
	}
	await_code(&wire, get_acme, "not_found");
	json_t *info = stage_call(&stage, "system.info", NULL);
	assert_int_equal(json_integer_value(json_object_get(info, "pid")), before);
	json_decref(info);
	wire_close(&wire);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers_are_turned_away),
		cmocka_unit_test(test_without_a_file_only_root),
		cmocka_unit_test(test_groups_count_the_supplementary_ones_too),
		cmocka_unit_test(test_names_of_the_system),
		cmocka_unit_test(test_rights_change_at_the_next_request),
		cmocka_unit_test(test_bad_policies_keep_the_old_rules),
		cmocka_unit_test(test_a_storm_of_reloads),
	};
	if (geteuid() != 0) {
		print_message("skipped: callers of other uids need root\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
