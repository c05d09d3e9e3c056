/* The protocol describes itself truly: rpc.discover is an OpenRPC document, and what every method answers fits the schema that it
 * declares, to the last member. */
#include "ipc/base/strutil.h"
#include "ipc/method.h"
#include "tests/support/json_schema.h"
#include "tests/support/launch.h"
#include "tests/support/stage.h"
#include "tests/support/two_workspaces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct stage stage;
static struct two_workspaces two;
static json_t *document;
static char why[512];

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static const json_t *described(const char *method)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(document, "methods"), i, row)
		if (str_equal(text(row, "name"), method))
			return row;
	return NULL;
}

/* Members of an object are among these, blank-separated, or extensions (x-…). */
static void check_members(const char *what, const json_t *object, const char *allowed)
{
	const char *name;
	json_t *member;
	assert_true(json_is_object(object));
	json_object_foreach((json_t *)(uintptr_t)object, name, member) {
		char padded[64];
		(void)snprintf(padded, sizeof padded, " %s ", name);
		if (!strstr(allowed, padded) && !str_starts_with(name, "x-"))
			fail_msg("%s has a member %s", what, name);
	}
}

static void check_sound(const char *what, const json_t *schema)
{
	if (!json_schema_is_sound(document, schema, why, sizeof why))
		fail_msg("%s: %s", what, why);
}

static void check_params(const char *method, const json_t *params)
{
	bool optional_seen = false;
	size_t i;
	json_t *param;
	json_array_foreach(params, i, param) {
		check_members(method, param, " name description summary required schema deprecated ");
		assert_true(text(param, "name")[0] && text(param, "summary")[0]);
		assert_true(json_is_boolean(json_object_get(param, "required")));
		bool required = json_is_true(json_object_get(param, "required"));
		if (required && optional_seen)
			fail_msg("%s: a required parameter after an optional one", method);
		optional_seen |= !required;
		check_sound(method, json_object_get(param, "schema"));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(text(param, "name"), text(json_array_get(params, k), "name"));
	}
}

static void check_errors(const char *method, const json_t *errors)
{
	size_t i;
	json_t *error;
	json_array_foreach(errors, i, error) {
		check_members(method, error, " code message data ");
		assert_true(json_is_integer(json_object_get(error, "code")) && text(error, "message")[0]);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(json_integer_value(json_object_get(error, "code")),
			                     json_integer_value(json_object_get(json_array_get(errors, k), "code")));
	}
}

static void test_an_openrpc_document(void **unused)
{
	const char *name;
	json_t *schema, *row;
	size_t i;
	(void)unused;
	check_members("the document", document, " openrpc info externalDocs servers methods components ");
	assert_true(str_starts_with(text(document, "openrpc"), "1.3."));
	json_t *info = json_object_get(document, "info"), *methods = json_object_get(document, "methods");
	check_members("info", info, " title description termsOfService contact license version ");
	assert_true(text(info, "title")[0] && text(info, "version")[0]);
	assert_int_equal(json_array_size(methods), method_count);
	json_array_foreach(methods, i, row) {
		assert_string_equal(text(row, "name"), method_table[i]->name);
		check_members(text(row, "name"), row, " name description summary servers tags paramStructure params result errors "
		                                      "links examples deprecated externalDocs ");
		assert_string_equal(text(row, "paramStructure"), "by-name");
		assert_true(json_is_array(json_object_get(row, "params")));
		check_params(text(row, "name"), json_object_get(row, "params"));
		check_errors(text(row, "name"), json_object_get(row, "errors"));
		check_members(text(row, "name"), json_object_get(row, "result"), " name description summary required schema deprecated ");
		assert_true(text(json_object_get(row, "result"), "name")[0] != '\0');
		check_sound(text(row, "name"), json_object_get(json_object_get(row, "result"), "schema"));
	}
	json_object_foreach(json_object_get(json_object_get(document, "components"), "schemas"), name, schema)
		check_sound(name, schema);
}

static void test_the_program_prints_the_same(void **unused)
{
	struct buf out = { 0 };
	const struct launch launch = { .args = { "--print-openrpc" } };
	(void)unused;
	assert_int_equal(launch_run(&launch, &out, 10000), 0);
	json_t *printed = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_equal(printed, document));
	json_decref(printed);
	buf_free(&out);
}

/* ---- What is answered ---- */

static json_t *ask(const struct method *method, json_t *params)
{
	const json_t *row = described(method->name);
	json_t *reply = stage_reply(&stage, method->name, params);
	const json_t *schema = json_object_get(json_object_get(row, "result"), "schema"), *result = json_object_get(reply, "result");
	if (result && !json_schema_check(document, schema, result, why, sizeof why)) {
		char *shown = json_dumps(result, JSON_COMPACT);
		fail_msg("%s: %s in %.1500s", method->name, why, shown);
	}
	json_int_t code = json_integer_value(json_object_get(json_object_get(reply, "error"), "code"));
	bool declared = false;
	size_t i;
	json_t *error;
	json_array_foreach(json_object_get(row, "errors"), i, error)
		declared |= json_integer_value(json_object_get(error, "code")) == code;
	if (!result && !declared) {
		char *shown = json_dumps(reply, JSON_COMPACT);
		fail_msg("%s: an error that is not declared: %s", method->name, shown);
	}
	return reply;
}

/* The pasted address of a consent that was given. */
static json_t *complete_params(void)
{
	json_t *begun = stage_call(&stage, "oauth.begin", "{s:s,s:s}", "workspace", "acme", "provider", "google");
	char *callback = stage_consent(&stage, text(begun, "authorization_url"), "ada.lovelace@example.com", "allow", NULL);
	json_t *params = json_pack("{s:s}", "redirect_url", callback);
	free(callback);
	json_decref(begun);
	return params;
}

/* A connection in the trash. */
static json_t *trash_params(void)
{
	char *id = stage_connect(&stage, "acme", "tony.hoare@example.com", NULL);
	json_decref(stage_call(&stage, "connection.disconnect", "{s:s}", "id", id));
	json_t *params = json_pack("{s:s}", "id", id);
	free(id);
	return params;
}

static json_t *tour_params(const struct method *method)
{
	if (str_equal(method->name, "oauth.complete"))
		return complete_params();
	if (str_equal(method->name, "connection.restore") || str_equal(method->name, "connection.purge"))
		return trash_params();
	return two_workspaces_params(&two, method, SIDE_ACME, true);
}

static void visit(const struct method *method, bool dry_run)
{
	json_t *params = tour_params(method);
	if (!dry_run)
		json_object_del(params, "dry_run");
	json_t *reply = ask(method, params);
	if (!json_object_get(reply, "result")) {
		char *shown = json_dumps(reply, JSON_COMPACT);
		fail_msg("%s: no result to look at: %s", method->name, shown);
	}
	json_decref(reply);
}

static void test_every_result_fits(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < method_count; i++)
		visit(method_table[i], true);
}

/* The same for connections that are not well: partly consented, disconnected, with errors and reasons. */
static void test_ailing_connections_fit(void **unused)
{
	static const struct {
		const char *path;
		int status;
	} faults[] = { { "/calendar/v3", 503 }, { "/calendar/v3", 403 }, { "/token", 503 }, { "/token", 400 } };
	static const char *const looks[] = { "connection.refresh", "connection.test", "connection.get", "connection.list",
		                             "system.health",      "workspace.get",   "calendar.list",  "connection.disconnect" };
	(void)unused;
	free(stage_connect(&stage, "acme", "grace.hopper@example.com", "https://www.googleapis.com/auth/calendar.readonly"));
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		json_decref(stage_control(&stage, "{s:s,s:{s:s},s:{s:i}}", "op", "fault", "match", "path", faults[i].path, "action", "status",
		                          faults[i].status));
		for (size_t k = 0; k < sizeof looks / sizeof looks[0]; k++) {
			const struct method *method = method_find(looks[k], strlen(looks[k]));
			json_decref(ask(method, two_workspaces_params(&two, method, SIDE_ACME, true)));
		}
		json_decref(stage_control(&stage, "{s:s}", "op", "clear_faults"));
	}
}

static void test_refusals_are_declared(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < method_count; i++)
		json_decref(ask(method_table[i], two_workspaces_params(&two, method_table[i], SIDE_ABSENT, true)));
}

/* Last, for little is left after it. */
static void test_every_destruction_fits(void **unused)
{
	(void)unused;
	json_t *list = stage_call(&stage, "connection.list", "{s:s}", "workspace", "acme"), *item;
	size_t i;
	json_array_foreach(json_object_get(list, "items"), i, item)
		json_decref(stage_call(&stage, "connection.disconnect", "{s:s}", "id", text(item, "id")));
	json_decref(list);
	for (i = 0; i < method_count; i++)
		if (method_table[i]->destroys)
			visit(method_table[i], false);
}

static int open_world(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
	two_workspaces_make(&two, &stage);
	document = stage_call(&stage, "rpc.discover", NULL);
	return 0;
}

static void test_close(void **unused)
{
	(void)unused;
	json_decref(document);
	two_workspaces_free(&two);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_openrpc_document),
		cmocka_unit_test(test_the_program_prints_the_same),
		cmocka_unit_test(test_every_result_fits),
		cmocka_unit_test(test_ailing_connections_fit),
		cmocka_unit_test(test_refusals_are_declared),
		cmocka_unit_test(test_every_destruction_fits),
		cmocka_unit_test(test_close),
	};
	return cmocka_run_group_tests(tests, open_world, NULL);
}
