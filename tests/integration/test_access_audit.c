/* What is written down: a row of the audit for every mutation and none for a read, who may see which, and a dry run that changes
 * nothing (CONTRACT.md sections 5 and 7). Needs root, for callers of other uids. */
#include "ipc/base/strutil.h"
#include "ipc/method.h"
#include "tests/support/stage.h"
#include "tests/support/two_workspaces.h"
#include "tests/support/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char policy[] = "[user 4003]\nrole = admin\nworkspaces = acme\n"
                             "[user 4001]\nrole = viewer\nworkspaces = acme\n"
                             "[user 4004]\nrole = admin\nworkspaces = *\n";
static const struct wire_who viewer = { 4001, 4001, { 0 }, 0 }, admin = { 4003, 4003, { 0 }, 0 }, boss = { 4004, 4004, { 0 }, 0 };

static struct stage stage;
static struct two_workspaces two;

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static json_int_t audit_total(void)
{
	json_t *audit = stage_call(&stage, "audit.list", "{s:i}", "limit", 1);
	json_int_t total = json_integer_value(json_object_get(audit, "total"));
	json_decref(audit);
	return total;
}

/* The newest row; owned by the caller. */
static json_t *audit_newest(void)
{
	json_t *audit = stage_call(&stage, "audit.list", "{s:i}", "limit", 1);
	json_t *row = json_incref(json_array_get(json_object_get(audit, "items"), 0));
	json_decref(audit);
	assert_non_null(row);
	return row;
}

/* Everything that a dry run could have touched. */
static char *snapshot(void)
{
	static const char *const lists[] = { "workspace.list", "user.list", "connection.list", "calendar.list" };
	struct buf all = { 0 };
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		json_t *list = stage_call(&stage, lists[i], NULL);
		char *part = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
		buf_add_text(&all, part);
		free(part);
		json_decref(list);
	}
	return all.data;
}

static void test_reads_leave_no_row(void **unused)
{
	(void)unused;
	json_int_t before = audit_total();
	char *was = snapshot();
	for (size_t i = 0; i < method_count; i++)
		if (!method_table[i]->mutates)
			json_decref(stage_reply(&stage, method_table[i]->name,
			                        two_workspaces_params(&two, method_table[i], SIDE_ACME, true)));
	assert_int_equal(audit_total(), before);
	char *is = snapshot();
	assert_string_equal(was, is);
	free(was);
	free(is);
}

static void test_dry_runs_change_nothing(void **unused)
{
	int tried = 0;
	(void)unused;
	json_int_t before = audit_total();
	char *was = snapshot();
	for (size_t i = 0; i < method_count; i++) {
		if (!method_table[i]->destroys)
			continue;
		json_t *reply = stage_reply(&stage, method_table[i]->name,
		                            two_workspaces_params(&two, method_table[i], SIDE_ACME, false));
		json_t *result = json_object_get(reply, "result");
		assert_true(json_is_true(json_object_get(result, "dry_run")));
		assert_true(json_object_size(json_object_get(result, "effects")) > 0);
		json_decref(reply);
		tried++;
	}
	assert_true(tried >= 3);
	char *is = snapshot();
	assert_string_equal(was, is);
	assert_int_equal(audit_total(), before);
	assert_int_equal(stage_count(&stage, "revoke"), 0);
	free(was);
	free(is);
}

/* Each mutation, as somebody who may, with a reason of its own. Those that destroy come last, lest the others miss what is gone. */
static void check_mutation(struct wire *wire, const struct method *method)
{
	char reason[64];
	(void)snprintf(reason, sizeof reason, "because of %s", method->name);
	json_t *params = two_workspaces_params(&two, method, SIDE_GLOBEX, true);
	json_object_del(params, "dry_run");
	json_object_set_new(params, "reason", json_string(reason));
	json_t *request = json_pack("{s:s,s:i,s:s,s:o}", "jsonrpc", "2.0", "id", 1, "method", method->name, "params", params);
	char *line = json_dumps(request, JSON_COMPACT);
	json_int_t before = audit_total();
	json_t *reply = wire_ask(wire, line);
	bool failed = json_object_get(reply, "error") != NULL;
	assert_int_equal(audit_total(), before + 1);
	json_t *row = audit_newest();
	assert_string_equal(text(row, "method"), method->name);
	assert_string_equal(text(row, "reason"), reason);
	assert_int_equal(json_integer_value(json_object_get(row, "uid")), boss.uid);
	assert_string_equal(text(row, "actor"), "uid:4004");
	/* "accepted": the row stands before the work of an operation is over. */
	if (failed)
		assert_true(str_equal(text(row, "outcome"), "failed") || str_equal(text(row, "outcome"), "accepted"));
	else
		assert_true(str_equal(text(row, "outcome"), "ok") || str_equal(text(row, "outcome"), "accepted"));
	if (method->subject != SUBJECT_GLOBAL && method->subject != SUBJECT_JOB)
		assert_string_equal(text(row, "workspace_id"), two.of[SIDE_GLOBEX].workspace);
	char *shown = json_dumps(row, JSON_COMPACT);
	assert_null(strstr(shown, "state="));
	free(shown);
	free(line);
	json_decref(row);
	json_decref(reply);
	json_decref(request);
}

static void test_every_mutation_leaves_a_row(void **unused)
{
	struct wire wire;
	(void)unused;
	assert_true(wire_open_as(&wire, stage.socket, &boss, &stage.wire));
	for (int destroys = 0; destroys <= 1; destroys++)
		for (size_t i = 0; i < method_count; i++)
			if (method_table[i]->mutates && method_table[i]->destroys == destroys)
				check_mutation(&wire, method_table[i]);
	wire_close(&wire);
}

static void test_refusals_leave_a_row(void **unused)
{
	struct wire wire;
	(void)unused;
	assert_true(wire_open_as(&wire, stage.socket, &viewer, &stage.wire));
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"workspace.create\",\"params\":{\"name\":\"x\","
	                                "\"slug\":\"sneaky\",\"reason\":\"to see\"}}");
	assert_string_equal(wire_code(reply), "denied");
	json_t *row = audit_newest();
	assert_string_equal(text(row, "method"), "workspace.create");
	assert_string_equal(text(row, "outcome"), "denied");
	assert_int_equal(json_integer_value(json_object_get(row, "uid")), viewer.uid);
	json_decref(row);
	json_decref(reply);
	/* Reads that are refused are no news. */
	json_int_t before = audit_total();
	json_decref(wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"audit.list\"}"));
	assert_int_equal(audit_total(), before);
	wire_close(&wire);
}

/* Admins of a workspace see what is of it; the rest, and what is of no workspace, is for admins of all. */
static void test_who_sees_which_rows(void **unused)
{
	struct wire wire;
	size_t i;
	json_t *row;
	(void)unused;
	assert_true(wire_open_as(&wire, stage.socket, &admin, &stage.wire));
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"audit.list\",\"params\":{\"limit\":500}}");
	json_t *items = json_object_get(json_object_get(reply, "result"), "items");
	assert_true(json_array_size(items) >= 3);
	json_array_foreach(items, i, row)
		assert_string_equal(text(row, "workspace_id"), two.of[SIDE_ACME].workspace);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "result"), "total")), json_array_size(items));
	json_decref(reply);
	/* root sees the same rows, and more. */
	json_t *all = stage_call(&stage, "audit.list", "{s:i}", "limit", 500);
	size_t of_acme = 0, of_none = 0;
	json_array_foreach(json_object_get(all, "items"), i, row) {
		of_acme += str_equal(text(row, "workspace_id"), two.of[SIDE_ACME].workspace);
		of_none += json_is_null(json_object_get(row, "workspace_id"));
	}
	json_t *own = stage_call(&stage, "audit.list", "{s:s,s:i}", "workspace", "acme", "limit", 500);
	assert_int_equal(json_array_size(json_object_get(own, "items")), of_acme);
	assert_true(of_none > 0);
	json_decref(own);
	json_decref(all);
	wire_close(&wire);
}

static int open_world(void **unused)
{
	static const struct stage_options options = { .policy = policy };
	(void)unused;
	stage_open(&stage, &options);
	wire_open_doors(stage.socket);
	two_workspaces_make(&two, &stage);
	return 0;
}

static void test_close(void **unused)
{
	(void)unused;
	two_workspaces_free(&two);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_leave_no_row),
		cmocka_unit_test(test_dry_runs_change_nothing),
		cmocka_unit_test(test_every_mutation_leaves_a_row),
		cmocka_unit_test(test_refusals_leave_a_row),
		cmocka_unit_test(test_who_sees_which_rows),
		cmocka_unit_test(test_close),
	};
	if (geteuid() != 0) {
		print_message("skipped: callers of other uids need root\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, open_world, NULL);
}
