/* The method table: its rules, row by row. */
#include "ipc/method.h"

#include "ipc/errors.h"
#include "ipc/schemas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

static void test_table_check(void **state)
{
	(void)state;
	struct err err;
	if (method_table_check(&err))
		fail_msg("%s", err.message);
}

static void test_find(void **state)
{
	(void)state;
	static const char *const none[] = { "", "rpc.", "rpc.discove", "rpc.discoverx", "__proto__", "system.ping/..", "SYSTEM.PING", "a",
		                            "zzz", "connection.get " };
	for (size_t i = 0; i < method_count; i++) {
		const char *name = method_table[i]->name;
		assert_ptr_equal(method_find(name, strlen(name)), method_table[i]);
	}
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		if (method_find(none[i], strlen(none[i])))
			fail_msg("%s was found", none[i]);
	/* The name need not end in NUL, and a NUL in it is no end. */
	assert_non_null(method_find("system.pingxxx", 11));
	assert_null(method_find("system.ping\0", 12));
	char long_name[4096];
	memset(long_name, 'a', sizeof long_name);
	assert_null(method_find(long_name, sizeof long_name));
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < method_count; i++) {
		const struct method *row = method_table[i];
		assert_true(row->summary[0] && row->summary[strlen(row->summary) - 1] != '.');
		if (!schema_find(row->result))
			fail_msg("%s: no schema %s", row->name, row->result);
		/* Notices need a connection that stays open: they have no verb of their own. */
		assert_int_equal(row->verb == NULL, strncmp(row->name, "notice.", 7) == 0);
		if (row->verb)
			assert_ptr_equal(method_find_verb(row->verb), row);
		assert_non_null(strchr(row->name, '.'));
		assert_true((row->subject == SUBJECT_NONE) == (row->role == ROLE_NONE));
		if (row->subject == SUBJECT_GLOBAL)
			assert_int_equal(row->role, ROLE_ADMIN);
		if (row->mutates)
			assert_true(row->role >= ROLE_OPERATOR);
		for (const char *at = row->errors ? row->errors : ""; *(at += strspn(at, " "));) {
			char name[64] = "";
			size_t len = strcspn(at, " ");
			memcpy(name, at, len);
			at += len;
			if (!error_row_by_name(name))
				fail_msg("%s: no error %s", row->name, name);
		}
	}
	assert_null(method_find_verb("nonsense"));
	assert_null(method_find_verb(NULL));
}

/* Names that the command line keeps for itself. */
static const char *const reserved[] = { "socket", "json", "no_header", "yes", "help", "version", "wait", "no_wait" };

static void test_params(void **state)
{
	(void)state;
	for (size_t m = 0; m < method_count; m++) {
		const struct method *row = method_table[m];
		bool optional_positional = false;
		for (size_t i = 0; i < row->param_count; i++) {
			const struct param *param = &row->params[i];
			assert_ptr_equal(method_param(row, param->name), param);
			assert_true(param->help && param->help[0]);
			assert_true((param->type == PARAM_ENUM) == (param->choices != NULL));
			if (param->type == PARAM_INT || param->type == PARAM_STRING || param->type == PARAM_SECRET)
				assert_true(param->max > 0 && param->min <= param->max);
			assert_false(param->required && param->fallback);
			for (size_t r = 0; r < sizeof reserved / sizeof reserved[0]; r++)
				assert_string_not_equal(param->name, reserved[r]);
			/* Words without names must be told apart by their order. */
			assert_false(param->positional && param->required && optional_positional);
			optional_positional = optional_positional || (param->positional && !param->required);
			if (param->fallback) {
				json_t *value = json_loads(param->fallback, JSON_DECODE_ANY, NULL);
				assert_non_null(value);
				json_decref(value);
			}
		}
	}
}

/* CONTRACT.md sections 5 and 7: what lists, mutations and updates have in common. */
static void test_common_params(void **state)
{
	(void)state;
	for (size_t i = 0; i < method_count; i++) {
		const struct method *row = method_table[i];
		const char *verb = strchr(row->name, '.') + 1;
		if (strcmp(verb, "list") == 0) {
			const struct param *limit = method_param(row, "limit");
			assert_non_null(method_param(row, "cursor"));
			assert_true(limit->min == 1 && limit->max == 500);
			assert_string_equal(limit->fallback, "100");
			assert_int_equal(row->subject, SUBJECT_LIST);
		}
		if (strcmp(verb, "update") == 0)
			assert_non_null(method_param(row, "if_version"));
		if (strcmp(verb, "delete") == 0)
			assert_true(row->destroys);
		if (row->mutates)
			assert_int_equal(method_param(row, "reason")->type, PARAM_STRING);
	}
	const struct param *expires = method_param(method_find("oauth.begin", 11), "expires_in");
	assert_true(expires->min == 300 && expires->max == 259200);
	assert_string_equal(expires->fallback, "900");
}

/* Who may do what, as CONTRACT.md section 3 has it. */
static void test_roles(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum role role;
	} rows[] = {
		{ "audit.list", ROLE_ADMIN }, { "calendar.get", ROLE_VIEWER }, { "calendar.list", ROLE_VIEWER },
		{ "calendar.update", ROLE_OPERATOR }, { "connection.disconnect", ROLE_OPERATOR },
		{ "connection.explain", ROLE_VIEWER }, { "connection.get", ROLE_VIEWER },
		{ "connection.list", ROLE_VIEWER }, { "connection.pause", ROLE_OPERATOR }, { "connection.purge", ROLE_ADMIN },
		{ "connection.refresh", ROLE_OPERATOR }, { "connection.restore", ROLE_OPERATOR },
		{ "connection.resume", ROLE_OPERATOR }, { "connection.test", ROLE_OPERATOR }, { "connection.timeline", ROLE_VIEWER },
		{ "job.history", ROLE_VIEWER }, { "job.list", ROLE_VIEWER }, { "job.pause", ROLE_ADMIN },
		{ "job.resume", ROLE_ADMIN }, { "job.run", ROLE_OPERATOR }, { "job.schedule", ROLE_ADMIN },
		{ "notice.subscribe", ROLE_VIEWER }, { "notice.unsubscribe", ROLE_VIEWER },
		{ "oauth.begin", ROLE_OPERATOR }, { "oauth.cancel", ROLE_OPERATOR }, { "oauth.complete", ROLE_OPERATOR },
		{ "oauth.status", ROLE_OPERATOR }, { "rpc.discover", ROLE_NONE },
		{ "sync_error.acknowledge", ROLE_OPERATOR }, { "sync_error.describe", ROLE_VIEWER },
		{ "sync_error.get", ROLE_VIEWER }, { "sync_error.groups", ROLE_VIEWER }, { "sync_error.list", ROLE_VIEWER },
		{ "system.health", ROLE_VIEWER },
		{ "system.info", ROLE_NONE }, { "system.ping", ROLE_NONE }, { "system.reload", ROLE_ADMIN },
		{ "system.whoami", ROLE_NONE }, { "user.create", ROLE_ADMIN }, { "user.delete", ROLE_ADMIN },
		{ "user.get", ROLE_VIEWER }, { "user.list", ROLE_VIEWER }, { "user.update", ROLE_ADMIN },
		{ "workspace.create", ROLE_ADMIN }, { "workspace.delete", ROLE_ADMIN }, { "workspace.get", ROLE_VIEWER },
		{ "workspace.list", ROLE_VIEWER }, { "workspace.update", ROLE_ADMIN },
	};
	assert_int_equal(method_count, sizeof rows / sizeof rows[0]);
	for (size_t i = 0; i < method_count; i++) {
		assert_string_equal(method_table[i]->name, rows[i].name);
		assert_int_equal(method_table[i]->role, rows[i].role);
	}
	enum role role;
	assert_true(role_parse("operator", &role));
	assert_int_equal(role, ROLE_OPERATOR);
	assert_false(role_parse("none", &role));
	assert_false(role_parse("Admin", &role));
	assert_string_equal(role_name(ROLE_ADMIN), "admin");
}

/* What holds a token or a code must be marked, so that nobody logs it. */
static void test_secrets(void **state)
{
	(void)state;
	const struct method *complete = method_find("oauth.complete", 14);
	assert_int_equal(method_param(complete, "redirect_url")->type, PARAM_SECRET);
	assert_int_equal(complete->subject, SUBJECT_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_check), cmocka_unit_test(test_find),  cmocka_unit_test(test_rows),    cmocka_unit_test(test_params),
		cmocka_unit_test(test_common_params), cmocka_unit_test(test_roles), cmocka_unit_test(test_secrets),
	};
	return cmocka_run_group_tests_name("ipc/method", tests, NULL, NULL);
}
