/* Notices on the wire: told after the answer, in order and without a gap, only of what the policy shows, never held up by a reader that
 * does not read. Callers are other uids, so this needs root. */
#include "ipc/base/strutil.h"
#include "tests/support/stage.h"
#include "tests/support/wire.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char both[] = "[user root]\nrole = admin\nworkspaces = *\n[user 4001]\nrole = viewer\nworkspaces = acme\n";
static const char only_globex[] = "[user root]\nrole = admin\nworkspaces = *\n[user 4001]\nrole = viewer\nworkspaces = globex\n";

enum { BATCH = 30, BATCHES = 120 };

static struct stage stage;
static char acme[40], globex[40];

static void open_stage(void)
{
	static const struct stage_options options = { .policy = both, .without_sandbox = true };
	stage_open(&stage, &options);
	(void)str_copy(acme, sizeof acme, stage_workspace(&stage, "acme"));
	(void)str_copy(globex, sizeof globex, stage_workspace(&stage, "globex"));
}

static void close_stage(void)
{
	stage_close(&stage);
}

/* A change of a workspace by somebody else. */
static void rename_workspace(const char *id, int n)
{
	char name[32];
	(void)snprintf(name, sizeof name, "name %d", n);
	json_decref(stage_call(&stage, "workspace.update", "{s:s,s:s}", "id", id, "name", name));
}

static json_int_t subscribe(struct wire *wire, const char *params)
{
	char line[256];
	(void)snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"notice.subscribe\",\"params\":%s}\n", params);
	json_t *reply = wire_ask(wire, line);
	json_t *seq = json_object_get(json_object_get(reply, "result"), "seq");
	assert_true(json_is_integer(seq));
	json_int_t value = json_integer_value(seq);
	json_decref(reply);
	return value;
}

static void refused(struct wire *wire, const char *params, const char *code)
{
	char line[256];
	(void)snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"notice.subscribe\",\"params\":%s}\n", params);
	json_t *reply = wire_ask(wire, line);
	assert_string_equal(wire_code(reply), code);
	json_decref(reply);
}

/* The next line is this notice. */
static void expect(struct wire *wire, json_int_t seq, const char *topic, const char *id, const char *change)
{
	json_t *notice = wire_reply(wire);
	json_t *params = json_object_get(notice, "params");
	assert_string_equal(json_string_value(json_object_get(notice, "method")), "notice");
	assert_null(json_object_get(notice, "id"));
	assert_int_equal(json_integer_value(json_object_get(params, "seq")), seq);
	assert_string_equal(json_string_value(json_object_get(params, "topic")), topic);
	if (id)
		assert_string_equal(json_string_value(json_object_get(params, "id")), id);
	if (change)
		assert_string_equal(json_string_value(json_object_get(params, "change")), change);
	json_decref(notice);
}

/* Nothing is on its way: the answer to a question comes first. */
static void expect_silence(struct wire *wire)
{
	json_t *reply = wire_ask(wire, "{\"jsonrpc\":\"2.0\",\"id\":\"quiet\",\"method\":\"system.ping\"}\n");
	assert_string_equal(json_string_value(json_object_get(reply, "id")), "quiet");
	json_decref(reply);
}

static void test_order_and_numbers(void **unused)
{
	struct wire wire;
	(void)unused;
	open_stage();
	assert_true(wire_open(&wire, stage.socket, &stage.wire));
	rename_workspace(acme, 0);
	assert_int_equal(subscribe(&wire, "{\"topics\":[\"workspace\"]}"), 0);
	for (int i = 1; i <= 50; i++)
		rename_workspace(i % 2 ? acme : globex, i);
	for (int i = 1; i <= 50; i++)
		expect(&wire, i, "workspace", i % 2 ? acme : globex, "updated");
	/* One's own change: first the answer, then the notice. */
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"workspace.update\",\"params\":"
	                                "{\"id\":\"acme\",\"name\":\"mine\"}}\n");
	assert_int_equal(json_integer_value(json_object_get(reply, "id")), 2);
	json_decref(reply);
	expect(&wire, 51, "workspace", acme, "updated");
	/* Refused and failed changes are none. */
	json_decref(stage_refused(&stage, "conflict", "workspace.create", "{s:s,s:s}", "name", "x", "slug", "acme"));
	json_decref(stage_call(&stage, "workspace.delete", "{s:s,s:b}", "id", globex, "dry_run", 1));
	expect_silence(&wire);
	/* Topics add up; whoever ends them is told no more, and the numbers go on. */
	assert_int_equal(subscribe(&wire, "{\"topics\":[\"job\",\"connection\"],\"workspace\":\"acme\"}"), 51);
	json_decref(stage_call(&stage, "workspace.delete", "{s:s}", "id", globex));
	expect(&wire, 52, "workspace", globex, "deleted");
	reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"notice.unsubscribe\"}\n");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "result"), "seq")), 52);
	assert_int_equal(json_array_size(json_object_get(json_object_get(reply, "result"), "topics")), 0);
	json_decref(reply);
	rename_workspace(acme, 60);
	expect_silence(&wire);
	assert_int_equal(subscribe(&wire, "{\"topics\":[\"workspace\",\"workspace\"]}"), 52);
	rename_workspace(acme, 61);
	expect(&wire, 53, "workspace", acme, "updated");
	wire_close(&wire);
	close_stage();
}

static void write_policy(const char *text)
{
	int fd = open(stage.policy, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	json_decref(stage_call(&stage, "system.reload", NULL));
}

static void test_restricted_caller(void **unused)
{
	static const struct wire_who viewer = { 4001, 4001, { 0 }, 0 };
	struct wire wire;
	(void)unused;
	if (geteuid() != 0)
		skip();
	open_stage();
	wire_open_doors(stage.socket);
	assert_true(wire_open_as(&wire, stage.socket, &viewer, &stage.wire));
	refused(&wire, "{\"topics\":[\"workspace\"],\"workspace\":\"globex\"}", "not_found");
	refused(&wire, "{\"topics\":[\"workspace\"],\"workspace\":\"initech\"}", "not_found");
	refused(&wire, "{\"topics\":[\"weather\"]}", "invalid_params");
	refused(&wire, "{\"topics\":[]}", "invalid_params");
	refused(&wire, "{}", "invalid_params");
	(void)subscribe(&wire, "{\"topics\":[\"workspace\",\"job\"]}");
	for (int i = 1; i <= 10; i++)
		rename_workspace(i % 2 ? globex : acme, i);
	for (int i = 1; i <= 5; i++)
		expect(&wire, i, "workspace", acme, "updated");
	expect_silence(&wire);
	/* The policy changes under an open subscription. */
	write_policy(only_globex);
	rename_workspace(acme, 20);
	rename_workspace(globex, 21);
	expect(&wire, 6, "workspace", globex, "updated");
	expect_silence(&wire);
	/* What they saw until now is gone: that they hear. */
	json_decref(stage_call(&stage, "workspace.delete", "{s:s}", "id", globex));
	expect(&wire, 7, "workspace", globex, "deleted");
	wire_close(&wire);
	close_stage();
}

/* Thirty workspaces in one batch. */
static void make_workspaces(struct wire *maker, int from)
{
	json_t *batch = json_array();
	for (int i = 0; i < BATCH; i++) {
		char slug[16];
		(void)snprintf(slug, sizeof slug, "w%d", from + i);
		json_array_append_new(batch, json_pack("{s:s,s:i,s:s,s:{s:s,s:s}}", "jsonrpc", "2.0", "id", i, "method", "workspace.create",
		                                       "params", "name", slug, "slug", slug));
	}
	char *text = json_dumps(batch, JSON_COMPACT);
	assert_true(wire_text(maker, text) && wire_text(maker, "\n"));
	json_t *replies = wire_reply(maker);
	assert_int_equal(json_array_size(replies), BATCH);
	json_decref(replies);
	free(text);
	json_decref(batch);
}

/* Nobody waits for a reader that does not read, and it is told once that it has missed something. */
static void test_slow_reader(void **unused)
{
	struct wire slow, quick, maker;
	json_int_t seq = 0;
	(void)unused;
	open_stage();
	assert_true(wire_open(&slow, stage.socket, NULL));
	assert_true(wire_open(&quick, stage.socket, NULL));
	assert_true(wire_open(&maker, stage.socket, NULL));
	(void)subscribe(&slow, "{\"topics\":[\"workspace\"]}");
	(void)subscribe(&quick, "{\"topics\":[\"workspace\"]}");
	for (int made = 0; made < BATCH * BATCHES; made += BATCH) {
		make_workspaces(&maker, made);
		for (int i = 1; i <= BATCH; i++)
			expect(&quick, made + i, "workspace", NULL, "created");
	}
	for (bool over = false; !over;) {
		json_t *notice = wire_reply(&slow), *params = json_object_get(notice, "params");
		assert_int_equal(json_integer_value(json_object_get(params, "seq")), ++seq);
		over = str_equal(json_string_value(json_object_get(params, "topic")), "resync");
		json_decref(notice);
	}
	assert_true(seq < BATCH * BATCHES);
	print_message("           resync after %d of %d\n", (int)seq - 1, BATCH * BATCHES);
	rename_workspace(acme, 9);
	expect(&slow, seq + 1, "workspace", acme, "updated");
	expect_silence(&slow);
	wire_close(&slow);
	wire_close(&quick);
	wire_close(&maker);
	close_stage();
}

/* Clients that vanish while notices are on their way to them harm nobody. */
static void test_vanishing_clients(void **unused)
{
	enum { CLIENTS = 20 };
	struct wire wires[CLIENTS];
	(void)unused;
	open_stage();
	for (int i = 0; i < CLIENTS; i++) {
		assert_true(wire_open(&wires[i], stage.socket, NULL));
		(void)subscribe(&wires[i], "{\"topics\":[\"workspace\"]}");
	}
	for (int i = 0; i < CLIENTS; i++) {
		rename_workspace(acme, i);
		if (i % 2)
			wire_close(&wires[i]);
	}
	rename_workspace(acme, 99);
	for (int i = 0; i < CLIENTS; i += 2) {
		for (int seq = 1; seq <= CLIENTS + 1; seq++)
			expect(&wires[i], seq, "workspace", acme, "updated");
		wire_close(&wires[i]);
	}
	close_stage();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_numbers),
		cmocka_unit_test(test_restricted_caller),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_vanishing_clients),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
