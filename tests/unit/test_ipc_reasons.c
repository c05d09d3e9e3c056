/* The table of reasons against the contract. */
#include "ipc/errors.h"
#include "ipc/method.h"
#include "ipc/reasons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* CONTRACT.md section 6: reason, state, whether it is retried at all. */
static const struct {
	const char *code, *state;
	enum retry_kind retry;
} contract[] = {
	{ "grant_revoked", "reauth_required", RETRY_NEVER },
	{ "grant_expired_testing", "reauth_required", RETRY_NEVER },
	{ "grant_incomplete", "", RETRY_NEVER },
	{ "scope_missing", "degraded", RETRY_NEVER },
	{ "app_misconfigured", "blocked", RETRY_SLOW },
	{ "provider_down", "degraded", RETRY_BACKOFF },
	{ "rate_user", "degraded", RETRY_BACKOFF },
	{ "rate_project", "degraded", RETRY_BACKOFF },
	{ "usage_limit", "degraded", RETRY_HOURS },
	{ "calendar_gone", "degraded", RETRY_DAILY },
	{ "calendar_forbidden", "degraded", RETRY_DAILY },
	{ "cursor_expired", "", RETRY_NOW },
	{ "undecryptable", "blocked", RETRY_NEVER },
	{ "overdue", "degraded", RETRY_NOW },
	{ "provider_rejected", "failing", RETRY_BACKOFF },
	{ "grant_missing", "reauth_required", RETRY_NEVER },
	{ "refresh_race_lost", "", RETRY_NOW },
	{ "interrupted", "", RETRY_NOW },
};

static void test_contract(void **state)
{
	(void)state;
	assert_int_equal(sizeof contract / sizeof contract[0], REASON_COUNT - 1);
	for (size_t i = 0; i < REASON_COUNT - 1; i++) {
		const struct reason_row *row = reason_row_by_code(contract[i].code);
		if (!row) {
			fail_msg("%s is missing", contract[i].code);
			return;
		}
		assert_string_equal(row->state, contract[i].state);
		assert_int_equal(row->retry, contract[i].retry);
		assert_ptr_equal(reason_row(row->reason), row);
	}
	assert_null(reason_row_by_code("nonsense"));
	assert_null(reason_row_by_code(""));
	assert_null(reason_row_by_code(NULL));
}

static void test_rows_are_whole(void **state)
{
	(void)state;
	for (int i = REASON_NONE; i < REASON_COUNT; i++)
		assert_int_equal(reason_row((enum reason)i)->reason, i);
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		const struct reason_row *row = reason_row((enum reason)i);
		assert_true(row->message[0] && row->message[strlen(row->message) - 1] == '.');
		assert_int_equal(error_row(row->error)->code, row->error);
		assert_true((row->action_method == NULL) == (row->action_label == NULL));
		if (row->action_method)
			assert_non_null(method_find(row->action_method, strlen(row->action_method)));
		if (strcmp(row->state, "reauth_required") == 0)
			assert_int_equal(error_row(row->error)->exit_code, 4);
	}
}

/* connection.list offers exactly these to filter by. */
static void test_filter_offers_them(void **state)
{
	(void)state;
	const struct method *method = method_find("connection.list", strlen("connection.list"));
	char expected[1024] = "";
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		size_t len = strlen(expected);
		(void)snprintf(expected + len, sizeof expected - len, "%s%s", len ? "|" : "", reason_row((enum reason)i)->code);
	}
	assert_string_equal(method_param(method, "reason")->choices, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_filter_offers_them),
	};
	return cmocka_run_group_tests_name("ipc/reasons", tests, NULL, NULL);
}
