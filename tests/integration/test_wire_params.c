/* Parameters that are wrong, for the whole method table: -32602 with data.field naming the parameter, and nothing done. */
#include "ipc/base/strutil.h"
#include "ipc/method.h"
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
static int checks;

static void expect_field(const struct method *method, json_t *params, const char *field, const char *what)
{
	char *sent = json_dumps(params, JSON_COMPACT);
	json_t *reply = stage_reply(&stage, method->name, params), *error = json_object_get(reply, "error");
	json_t *data = json_object_get(error, "data");
	const char *got = json_string_value(json_object_get(data, "field"));
	const char *message = json_string_value(json_object_get(error, "message"));
	if (json_integer_value(json_object_get(error, "code")) != -32602 ||
	    !str_equal(json_string_value(json_object_get(data, "code")), "invalid_params") || !str_equal(got, field)) {
		char *text = json_dumps(reply, JSON_COMPACT);
		fail_msg("%s, %s of %s: %.300s gives %.600s", method->name, what, field, sent, text);
	}
	if (!str_starts_with(message, field))
		fail_msg("%s", message);
	assert_non_null(strstr(message, what[0] == 'n' ? "no such parameter" : what[0] == 'm' ? "required" : "expected"));
	assert_true(json_is_false(json_object_get(data, "retryable")));
	free(sent);
	json_decref(reply);
	checks++;
}

static json_t *good_params(const struct method *method)
{
	return two_workspaces_params(&two, method, SIDE_ACME, true);
}

static json_t *with(const struct method *method, const char *name, json_t *value)
{
	json_t *params = good_params(method);
	json_object_set_new(params, name, value);
	return params;
}

static json_t *long_text(size_t len)
{
	char *text = malloc(len);
	memset(text, 'a', len);
	json_t *value = json_stringn(text, len);
	free(text);
	return value;
}

/* Values of other types than the parameter's, and texts and numbers that it cannot be. */
static void check_param(const struct method *method, const struct param *param)
{
	bool number = param->type == PARAM_INT, flag = param->type == PARAM_BOOL, list = param->type == PARAM_STRINGS;
	bool free_text = param->type == PARAM_STRING || param->type == PARAM_SECRET;
	json_t *const wrong[] = {
		json_object(),
		json_pack("[i]", 1),
		json_real(1.0),
		json_real(100.0),
		number ? json_string("1") : json_integer(1),
		flag ? json_string("true") : json_true(),
		free_text ? json_integer(0) : json_string("' OR 1=1--"),
		free_text ? json_false() : json_string("../../x"),
		free_text ? json_array() : json_string(""),
		flag || number || list ? json_string("x") : long_text(16385),
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		expect_field(method, with(method, param->name, wrong[i]), param->name, "value");
	if (number && param->max < INT64_MAX)
		expect_field(method, with(method, param->name, json_integer(param->max + 1)), param->name, "value");
	if (number) {
		expect_field(method, with(method, param->name, json_integer(param->min - 1)), param->name, "value");
		expect_field(method, with(method, param->name, json_integer(INT64_MIN)), param->name, "value");
	}
	if (free_text && param->max > 0 && param->max < 16384)
		expect_field(method, with(method, param->name, long_text((size_t)param->max + 1)), param->name, "value");
	if (param->required) {
		json_t *params = good_params(method);
		json_object_del(params, param->name);
		expect_field(method, params, param->name, "missing");
		expect_field(method, with(method, param->name, json_null()), param->name, "value");
	}
}

static void test_every_parameter_of_every_method(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < method_count; i++) {
		const struct method *method = method_table[i];
		for (size_t k = 0; k < method->param_count; k++)
			check_param(method, &method->params[k]);
		expect_field(method, with(method, "no_such", json_true()), "no_such", "name");
		expect_field(method, json_pack("[s]", "x"), "params", "value");
		expect_field(method, json_array(), "params", "value");
		expect_field(method, json_string("x"), "params", "value");
		expect_field(method, json_null(), "params", "value");
	}
	print_message("           %d bad parameters refused by name\n", checks);
}

static void test_values_of_their_own(void **unused)
{
	static const struct {
		const char *method, *field, *value;
	} rows[] = {
		{ "workspace.create", "slug", "Acme" },
		{ "workspace.create", "slug", "-a" },
		{ "workspace.create", "slug", "a-" },
		{ "workspace.create", "slug", "a_b" },
		{ "workspace.create", "slug", "0190a0a0-0000-7000-8000-000000000001" },
		{ "workspace.create", "name", "" },
		{ "workspace.create", "time_zone", "Mars/Olympus" },
		{ "workspace.create", "time_zone", "../../etc/passwd" },
		{ "workspace.create", "time_zone", "/etc/localtime" },
		{ "workspace.create", "time_zone", "Europe" },
		{ "workspace.create", "time_zone", "localtime" },
		{ "workspace.update", "time_zone", "Europe/Nowhere" },
		{ "user.create", "email", "no at sign" },
		{ "user.create", "email", "a@b\r\nBcc: c@d" },
		{ "user.create", "email", "a@b@c" },
		{ "user.create", "email", "@b" },
		{ "user.get", "id", "0190A0A0-0000-7000-8000-000000000001" },
		{ "connection.list", "state", "great" },
		{ "connection.list", "sort", "id; DROP TABLE" },
		{ "connection.list", "cursor", "nonsense" },
		{ "oauth.begin", "provider", "yahoo" },
		{ "oauth.complete", "redirect_url", "http://127.0.0.1/" },
		{ "oauth.complete", "redirect_url", "http://127.0.0.1/?code=x" },
		{ "oauth.complete", "redirect_url", "http://127.0.0.1/?state=a&state=b" },
		{ "oauth.complete", "redirect_url", "http://127.0.0.1/?state=%zz" },
	};
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct method *method = method_find(rows[i].method, strlen(rows[i].method));
		assert_non_null(method);
		expect_field(method, with(method, rows[i].field, json_string(rows[i].value)), rows[i].field, "value");
	}
}

/* A message must not tell what was sent: it may be a secret, or markup. */
static void test_messages_repeat_nothing(void **unused)
{
	static const char marker[] = "mArKeR<script>";
	(void)unused;
	for (size_t i = 0; i < method_count; i++) {
		for (size_t k = 0; k < method_table[i]->param_count; k++) {
			json_t *params = with(method_table[i], method_table[i]->params[k].name, json_string(marker));
			json_t *reply = stage_reply(&stage, method_table[i]->name, params);
			json_t *error = json_object_get(reply, "error");
			char *text = error ? json_dumps(error, JSON_COMPACT) : NULL;
			if (text && strstr(text, "mArKeR"))
				fail_msg("%s repeats %s: %s", method_table[i]->name, method_table[i]->params[k].name, text);
			free(text);
			json_decref(reply);
		}
	}
}

static int open_world(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
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
		cmocka_unit_test(test_every_parameter_of_every_method),
		cmocka_unit_test(test_values_of_their_own),
		cmocka_unit_test(test_messages_repeat_nothing),
		cmocka_unit_test(test_close),
	};
	return cmocka_run_group_tests(tests, open_world, NULL);
}
