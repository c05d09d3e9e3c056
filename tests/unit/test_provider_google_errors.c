/* Google's error replies: every row of PROVIDERS.md 1.7 and 2.12, from fixtures, and what must not leak out of them. */
#include "tests/unit/test_provider_common.h"

#include "daemon/provider/google/errors.h"

#define DOWN REASON_PROVIDER_DOWN, VERDICT_RETRY
#define REJECTED REASON_PROVIDER_REJECTED, VERDICT_PERMANENT
#define MISCONFIGURED REASON_APP_MISCONFIGURED, VERDICT_PERMANENT
#define EXCHANGE GOOGLE_CALL_EXCHANGE
#define REFRESH GOOGLE_CALL_REFRESH
#define REVOKE GOOGLE_CALL_REVOKE
#define ACCOUNT GOOGLE_CALL_ACCOUNT
#define CALENDAR GOOGLE_CALL_CALENDAR

static const struct row {
	const char *fixture; /* error_….json */
	int status;
	enum google_call call;
	enum reason reason;
	enum verdict verdict;
	const char *word;
} rows[] = {
	{ "invalid_grant", 400, REFRESH, REASON_GRANT_REVOKED, VERDICT_PERMANENT, "invalid_grant" },
	{ "invalid_grant", 400, EXCHANGE, REJECTED, "invalid_grant" },
	{ "invalid_grant", 503, REFRESH, DOWN, "invalid_grant" },
	{ "invalid_grant", 400, ACCOUNT, REJECTED, "invalid_grant" },
	{ "invalid_rapt", 400, REFRESH, REASON_GRANT_REVOKED, VERDICT_PERMANENT, "invalid_grant" },
	{ "admin_policy", 400, REFRESH, REASON_GRANT_REVOKED, VERDICT_PERMANENT, "admin_policy_enforced" },
	{ "admin_policy", 400, EXCHANGE, REJECTED, "admin_policy_enforced" },
	{ "invalid_client", 401, REFRESH, MISCONFIGURED, "invalid_client" },
	{ "invalid_client", 401, EXCHANGE, MISCONFIGURED, "invalid_client" },
	{ "invalid_client", 400, REVOKE, MISCONFIGURED, "invalid_client" },
	{ "unauthorized_client", 401, REFRESH, MISCONFIGURED, "unauthorized_client" },
	{ "unauthorized_client", 400, EXCHANGE, MISCONFIGURED, "unauthorized_client" },
	{ "redirect_uri", 400, EXCHANGE, MISCONFIGURED, "redirect_uri_mismatch" },
	{ "deleted_client", 401, REFRESH, MISCONFIGURED, "deleted_client" },
	{ "org_internal", 403, REFRESH, MISCONFIGURED, "org_internal" },
	{ "invalid_request", 400, REFRESH, REJECTED, "invalid_request" },
	{ "invalid_request", 401, REFRESH, REJECTED, "invalid_request" },
	{ "invalid_token", 400, REVOKE, REJECTED, "invalid_token" },
	{ "internal_failure", 400, REFRESH, DOWN, "internal_failure" },
	{ "server_error", 400, EXCHANGE, DOWN, "server_error" },
	{ "unavailable", 400, REFRESH, DOWN, "temporarily_unavailable" },
	{ "auth_error", 401, ACCOUNT, REASON_COUNT, VERDICT_AUTH, "authError" },
	{ "scope", 401, ACCOUNT, REASON_COUNT, VERDICT_AUTH, "insufficientPermissions" },
	{ "invalid_request", 401, ACCOUNT, REASON_COUNT, VERDICT_AUTH, "invalid_request" },
	{ "user_rate", 403, ACCOUNT, REASON_RATE_USER, VERDICT_RETRY, "userRateLimitExceeded" },
	{ "rate", 403, ACCOUNT, REASON_RATE_USER, VERDICT_RETRY, "rateLimitExceeded" },
	{ "rate", 429, CALENDAR, REASON_RATE_USER, VERDICT_RETRY, "rateLimitExceeded" },
	{ "rate_user_minute", 403, ACCOUNT, REASON_RATE_USER, VERDICT_RETRY, "rateLimitExceeded" },
	{ "rate_project_minute", 429, ACCOUNT, REASON_RATE_PROJECT, VERDICT_RETRY, "rateLimitExceeded" },
	{ "rate_project_day", 403, ACCOUNT, REASON_RATE_PROJECT, VERDICT_PERMANENT, "rateLimitExceeded" },
	{ "daily", 403, ACCOUNT, REASON_RATE_PROJECT, VERDICT_PERMANENT, "dailyLimitExceeded" },
	{ "quota", 403, CALENDAR, REASON_USAGE_LIMIT, VERDICT_PERMANENT, "quotaExceeded" },
	{ "quota", 429, ACCOUNT, REASON_USAGE_LIMIT, VERDICT_PERMANENT, "quotaExceeded" },
	{ "calendar_usage", 403, ACCOUNT, REASON_USAGE_LIMIT, VERDICT_PERMANENT, "calendarUsageLimitsExceeded" },
	{ "scope", 403, ACCOUNT, REASON_SCOPE_MISSING, VERDICT_PERMANENT, "insufficientPermissions" },
	{ "not_configured", 403, ACCOUNT, MISCONFIGURED, "accessNotConfigured" },
	{ "service_disabled", 403, ACCOUNT, MISCONFIGURED, "SERVICE_DISABLED" },
	{ "not_found", 404, CALENDAR, REASON_CALENDAR_GONE, VERDICT_PERMANENT, "notFound" },
	{ "not_found", 404, ACCOUNT, REJECTED, "notFound" },
	{ "access_level", 403, CALENDAR, REASON_CALENDAR_FORBIDDEN, VERDICT_PERMANENT, "requiredAccessLevel" },
	{ "forbidden", 403, CALENDAR, REASON_CALENDAR_FORBIDDEN, VERDICT_PERMANENT, "forbidden" },
	{ "forbidden", 403, ACCOUNT, REJECTED, "forbidden" },
	{ "organizer", 403, CALENDAR, REJECTED, "forbiddenForNonOrganizer" },
	{ "duplicate", 409, CALENDAR, REJECTED, "duplicate" },
	{ "full_sync", 410, ACCOUNT, REASON_CURSOR_EXPIRED, VERDICT_PERMANENT, "fullSyncRequired" },
	{ "updated_min", 410, CALENDAR, REASON_CURSOR_EXPIRED, VERDICT_PERMANENT, "updatedMinTooLongAgo" },
	{ "deleted", 410, CALENDAR, REJECTED, "deleted" },
	{ "condition", 412, CALENDAR, REJECTED, "conditionNotMet" },
	{ "range_empty", 400, ACCOUNT, REJECTED, "timeRangeEmpty" },
	{ "range_long", 400, ACCOUNT, REJECTED, "timeRangeTooLong" },
	{ "backend", 500, ACCOUNT, DOWN, "backendError" },
	{ "quota", 503, ACCOUNT, DOWN, "quotaExceeded" },
};

static struct failure failure_of(struct http_response response, enum google_call call)
{
	struct failure failure;
	assert_true(google_failure(&response, call, &failure));
	http_response_clear(&response);
	return failure;
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		char name[64];
		(void)snprintf(name, sizeof name, "error_%s.json", row->fixture);
		struct failure failure = failure_of(reply_from(row->status, name), row->call);
		if (row->reason != REASON_COUNT && failure.reason != row->reason)
			fail_msg("%s, %d: %s", row->fixture, row->status, reason_row(failure.reason)->code);
		if (failure.verdict != row->verdict)
			fail_msg("%s, %d: verdict %d", row->fixture, row->status, (int)failure.verdict);
		assert_string_equal(failure.provider_reason, row->word);
		assert_int_equal(failure.status, row->status);
		assert_true(failure.message[0] != '\0');
	}
}

/* error_subtype says more than error does. */
static void test_subtype(void **state)
{
	(void)state;
	struct failure failure = failure_of(reply_from(400, "error_invalid_rapt.json"), REFRESH);
	assert_non_null(strstr(failure.message, "session length"));
	failure = failure_of(reply_from(400, "error_invalid_grant.json"), REFRESH);
	assert_string_equal(failure.message, reason_row(REASON_GRANT_REVOKED)->message);
}

static void test_daily_limits_wait(void **state)
{
	(void)state;
	assert_int_equal(failure_of(reply_from(403, "error_daily.json"), ACCOUNT).retry_after_ms, 4 * 3600 * 1000);
	assert_int_equal(failure_of(reply_from(403, "error_rate_project_day.json"), ACCOUNT).retry_after_ms, 4 * 3600 * 1000);
	struct http_response response = reply_from(403, "error_rate.json");
	response.retry_after_ms = 7000;
	assert_int_equal(failure_of(response, ACCOUNT).retry_after_ms, 7000);
}

/* Bad input 53, and other words that nobody should see. */
static void test_foreign_text_stays_out(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"{\"error\":\"GOCSPX-5ecret\"}",
		"{\"error\":\"ya29.a0AfB\"}",
		"{\"error\":\"invalid_grant\\u0000\"}",
		"{\"error\":\"\\u001b[2J\"}",
		"{\"error\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
		"{\"error\":\"\"}",
		"{\"error\":17}",
		"{\"error\":{\"errors\":[{\"reason\":\"v3rifier\"}],\"status\":\"x y\"}}",
		"{\"error\":{\"errors\":{\"reason\":\"notFound\"},\"details\":\"x\"}}",
		"{\"error\":{\"errors\":[17],\"details\":[null,[]]}}",
		"{\"error\":\"invalid_grant\",\"error\":\"invalid_client\"}",
		"{}", "[]", "", "{", "<html>",
	};
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct failure failure = failure_of(reply_of(400, bodies[i]), REFRESH);
		assert_string_equal(failure.provider_reason, "");
		assert_int_equal(failure.reason, REASON_PROVIDER_REJECTED);
		assert_int_equal(failure.verdict, VERDICT_PERMANENT);
	}
	struct failure failure = failure_of(reply_from(401, "error_echo.json"), REFRESH);
	assert_string_equal(failure.provider_reason, "");
	assert_null(strstr(failure.message, "GOCSPX"));
}

static void test_pages_instead_of_json(void **state)
{
	(void)state;
	struct failure failure = failure_of(reply_from(502, "error_page.html"), ACCOUNT);
	assert_int_equal(failure.reason, REASON_PROVIDER_DOWN);
	assert_int_equal(failure.verdict, VERDICT_RETRY);
	failure = failure_of(reply_from(403, "error_page.html"), ACCOUNT);
	assert_int_equal(failure.reason, REASON_PROVIDER_REJECTED);
	failure = failure_of(reply_of(429, ""), ACCOUNT);
	assert_int_equal(failure.reason, REASON_RATE_USER);
	failure = failure_of(reply_of(401, ""), ACCOUNT);
	assert_int_equal(failure.verdict, VERDICT_AUTH);
	failure = failure_of(reply_of(401, ""), REFRESH);
	assert_int_equal(failure.verdict, VERDICT_PERMANENT);
	/* A redirect's body is not looked at. */
	failure = failure_of(reply_from(302, "error_invalid_grant.json"), REFRESH);
	assert_int_equal(failure.reason, REASON_PROVIDER_REJECTED);
}

static void test_transport(void **state)
{
	(void)state;
	for (int result = HTTP_ERR_RESOLVE; result <= HTTP_ERR_BROKEN; result++) {
		struct http_response response = reply_from(400, "error_invalid_grant.json");
		response.result = (enum http_result)result;
		assert_int_equal(failure_of(response, REFRESH).reason, REASON_PROVIDER_DOWN);
	}
}

static void test_success(void **state)
{
	(void)state;
	struct failure failure;
	assert_false(google_failure(&(struct http_response){ .status = 200 }, ACCOUNT, &failure));
	assert_false(google_failure(&(struct http_response){ .status = 204 }, REVOKE, &failure));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_subtype),
		cmocka_unit_test(test_daily_limits_wait),
		cmocka_unit_test(test_foreign_text_stays_out),
		cmocka_unit_test(test_pages_instead_of_json),
		cmocka_unit_test(test_transport),
		cmocka_unit_test(test_success),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
