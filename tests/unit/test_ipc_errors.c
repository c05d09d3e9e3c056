/* The error table against the contract, and error objects. */
#include "ipc/base/strutil.h"
#include "ipc/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#define SET(member_, text_) (void)str_copy(member_, sizeof(member_), text_)

/* CONTRACT.md section 5, as it stands there. */
static const struct {
	const char *name;
	int rpc, exit;
} contract[] = {
	{ "parse_error", -32700, 2 }, { "invalid_request", -32600, 2 }, { "method_not_found", -32601, 2 },
	{ "invalid_params", -32602, 64 }, { "internal", -32603, 2 }, { "denied", -32001, 2 }, { "not_found", -32002, 5 },
	{ "conflict", -32003, 2 }, { "busy", -32004, 2 }, { "limit_exceeded", -32004, 2 }, { "reauth_required", -32010, 4 },
	{ "scope_missing", -32010, 4 }, { "rate_limited", -32012, 2 }, { "provider_unavailable", -32013, 2 },
	{ "provider_rejected", -32014, 2 }, { "account_mismatch", -32014, 2 }, { "sealed", -32020, 2 },
	{ "app_misconfigured", -32021, 2 }, { "store_failed", -32023, 2 },
};

static void test_contract(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contract / sizeof contract[0]; i++) {
		const struct error_row *row = error_row_by_name(contract[i].name);
		if (!row) {
			fail_msg("%s is missing", contract[i].name);
			return;
		}
		assert_int_equal(row->rpc_code, contract[i].rpc);
		assert_int_equal(row->exit_code, contract[i].exit);
		assert_ptr_equal(error_row(row->code), row);
		assert_true(row->meaning && row->meaning[0]);
	}
	assert_null(error_row_by_name("nonsense"));
	assert_null(error_row_by_name(NULL));
}

static void test_every_code_has_a_row(void **state)
{
	(void)state;
	for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
		const struct error_row *row = error_row((enum err_code)code);
		if (code == ERR_CONFIG || code == ERR_STORE_LOCKED)
			assert_string_equal(row->name, "internal");
		else
			assert_int_equal(row->code, code);
	}
	assert_string_equal(error_row(ERR_NONE)->name, "internal");
	assert_string_equal(error_row((enum err_code)9999)->name, "internal");
}

static json_t *written(const struct err *err)
{
	struct buf text = { 0 };
	struct writer w;
	writer_init(&w, &text);
	error_write(&w, err);
	json_t *tree = json_loads(buf_text(&text), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	buf_free(&text);
	return tree;
}

static void test_least(void **state)
{
	(void)state;
	struct err err;
	(void)err_set(&err, ERR_NOT_FOUND, "no such connection");
	json_t *tree = written(&err);
	json_t *expected = json_pack("{si ss s{ss sb}}", "code", -32002, "message", "no such connection", "data", "code", "not_found",
	                             "retryable", 0);
	assert_true(json_equal(tree, expected));
	json_decref(expected);
	json_decref(tree);
}

static void test_most(void **state)
{
	(void)state;
	struct err err;
	(void)err_set(&err, ERR_RATE_LIMITED, "slow \x1b down");
	err.retry_after_ms = 1500;
	err.provider_status = 429;
	SET(err.provider_reason, "rateLimitExceeded");
	SET(err.field, "x");
	SET(err.run_id, "r");
	err.action_method = "connection.refresh";
	err.action_label = "Run now";
	SET(err.action_connection, "c1");
	json_t *tree = written(&err);
	json_t *expected = json_pack("{si ss s{ss sb si ss s{si ss} s{ss s{ss} ss} ss}}", "code", -32012, "message", "slow \x1b down", "data",
	                             "code", "rate_limited", "retryable", 1, "retry_after_ms", 1500, "field", "x", "provider", "status", 429,
	                             "reason", "rateLimitExceeded", "action", "method", "connection.refresh", "params", "id", "c1", "label",
	                             "Run now", "run_id", "r");
	assert_true(json_equal(tree, expected));
	json_decref(expected);
	json_decref(tree);
}

/* A method that is about something else names the connection by its noun. */
static void test_action_of_another_noun(void **state)
{
	(void)state;
	struct err err;
	(void)err_set(&err, ERR_REAUTH_REQUIRED, "consent again");
	err.action_method = "oauth.begin";
	err.action_label = "Reconnect";
	SET(err.action_connection, "c1");
	json_t *tree = written(&err);
	const json_t *params = json_object_get(json_object_get(json_object_get(tree, "data"), "action"), "params");
	assert_string_equal(json_string_value(json_object_get(params, "connection")), "c1");
	assert_int_equal(json_object_size(params), 1);
	json_decref(tree);
	SET(err.action_workspace, "w1");
	SET(err.action_provider, "google");
	tree = written(&err);
	params = json_object_get(json_object_get(json_object_get(tree, "data"), "action"), "params");
	assert_string_equal(json_string_value(json_object_get(params, "workspace")), "w1");
	assert_string_equal(json_string_value(json_object_get(params, "provider")), "google");
	json_decref(tree);
	err.action_method = "system.reload";
	tree = written(&err);
	params = json_object_get(json_object_get(json_object_get(tree, "data"), "action"), "params");
	assert_int_equal(json_object_size(params), 0); /* it takes none of them */
	json_decref(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract), cmocka_unit_test(test_every_code_has_a_row), cmocka_unit_test(test_least),
		cmocka_unit_test(test_most),     cmocka_unit_test(test_action_of_another_noun),
	};
	return cmocka_run_group_tests_name("ipc/errors", tests, NULL, NULL);
}
