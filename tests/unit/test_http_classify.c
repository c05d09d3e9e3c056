/* What an outcome means: verdicts, waits, words; and the texts that tell of time. */
#include "daemon/http/classify.h"

#include "daemon/http/retry_after.h"
#include "ipc/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct failure of_status(int status)
{
	struct failure failure;
	const struct http_response response = { .result = HTTP_OK, .status = status, .retry_after_ms = 5000 };
	classify_response(&response, &failure);
	return failure;
}

static void test_every_status_has_its_verdict(void **state)
{
	(void)state;
	for (int status = 100; status < 600; status++) {
		struct failure failure = of_status(status);
		assert_int_equal(failure.status, status);
		if (status >= 200 && status < 300) {
			assert_int_equal(failure.verdict, VERDICT_OK);
			assert_int_equal(failure.reason, REASON_NONE);
			assert_int_equal(failure.retry_after_ms, 0);
			continue;
		}
		assert_int_equal(failure.retry_after_ms, 5000);
		assert_true(failure.message[0] != '\0');
		if (status == 401)
			assert_int_equal(failure.verdict, VERDICT_AUTH);
		else if (status == 408 || status == 429 || status >= 500)
			assert_int_equal(failure.verdict, VERDICT_RETRY);
		else
			assert_int_equal(failure.verdict, VERDICT_PERMANENT);
		enum reason reason = status == 429                   ? REASON_RATE_USER
		                     : status == 408 || status >= 500 ? REASON_PROVIDER_DOWN
		                                                      : REASON_PROVIDER_REJECTED;
		assert_int_equal(failure.reason, reason);
	}
}

static void test_transport_errors_are_retried(void **state)
{
	(void)state;
	for (int result = HTTP_ERR_RESOLVE; result <= HTTP_ERR_CANCELLED; result++) {
		struct failure failure;
		const struct http_response response = { .result = (enum http_result)result, .status = 200 };
		classify_response(&response, &failure);
		assert_int_equal(failure.verdict, VERDICT_RETRY);
		assert_int_equal(failure.reason, REASON_PROVIDER_DOWN);
		assert_int_equal(failure.status, 0);
		assert_non_null(strstr(failure.message, http_result_text((enum http_result)result)));
	}
}

static void test_provider_words_are_made_harmless(void **state)
{
	(void)state;
	struct failure failure = { 0 };
	classify_set_reason(&failure, "rateLimitExceeded", 17);
	assert_string_equal(failure.provider_reason, "rateLimitExceeded");
	classify_set_reason(&failure, "in\x1b[2Jva\0lid <b>\n", 16);
	assert_string_equal(failure.provider_reason, "in2Jvalidb");
	char longer[200];
	memset(longer, 'a', sizeof longer);
	classify_set_reason(&failure, longer, sizeof longer);
	assert_int_equal(strlen(failure.provider_reason), 63);
	classify_set_reason(&failure, "", 0);
	assert_string_equal(failure.provider_reason, "");
}

static void test_backoff_doubles_to_its_cap(void **state)
{
	(void)state;
	static const int64_t limits[] = { 1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 512000, 900000, 900000 };
	for (int attempt = 0; attempt < 12; attempt++) {
		assert_int_equal(classify_backoff_ms(attempt, 0, limits[attempt]), limits[attempt]);
		assert_int_equal(classify_backoff_ms(attempt, 0, limits[attempt] + 1), 0);
		assert_int_equal(classify_backoff_ms(attempt, 0, 0), 0);
	}
	assert_int_equal(classify_backoff_ms(1000000, 0, 900000), 900000);
	assert_int_equal(classify_backoff_ms(0, 30000, 500), 30000);
	assert_int_equal(classify_backoff_ms(10, 30000, 800000), 800000);
	int64_t negative = classify_backoff_ms(3, 0, INT64_MIN + 5);
	assert_in_range(negative, 0, 8000);
	assert_true(classify_backoff_ms(-1, 0, 1000) <= 1000);
}

static void test_failure_becomes_what_a_caller_is_told(void **state)
{
	(void)state;
	struct failure failure = of_status(429);
	struct err err;
	classify_set_reason(&failure, "rateLimitExceeded", 17);
	failure_to_err(&failure, "01890000-0000-7000-8000-000000000001", &err);
	const struct reason_row *row = reason_row(REASON_RATE_USER);
	assert_int_equal(err.code, row->error);
	assert_int_equal(err.provider_status, 429);
	assert_string_equal(err.provider_reason, "rateLimitExceeded");
	assert_int_equal(err.retry_after_ms, 5000);
	assert_string_equal(err.action_connection, "01890000-0000-7000-8000-000000000001");
	assert_ptr_equal(err.action_method, row->action_method);
	assert_string_equal(err.message, "the provider answered with HTTP status 429");

	const struct failure revoked = { .reason = REASON_GRANT_REVOKED };
	failure_to_err(&revoked, NULL, &err);
	row = reason_row(REASON_GRANT_REVOKED);
	assert_string_equal(err.message, row->message);
	assert_non_null(err.action_method);
	assert_string_equal(err.action_connection, "");
	const struct failure none = { 0 };
	failure_to_err(&none, NULL, &err);
	assert_int_equal(err.code, ERR_INTERNAL);
}

static void test_retry_after_in_all_forms(void **state)
{
	(void)state;
	static const int64_t now = 784111777000; /* Sun, 06 Nov 1994 08:49:37 GMT */
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "", 0 },
		{ "0", 1000 },
		{ "1", 1000 },
		{ "7", 7000 },
		{ "3600", 3600000 },
		{ "3601", 3600000 },
		{ "1000000000000", 3600000 },
		{ "99999999999999999999999999999999999", 3600000 },
		{ "-1", 0 },
		{ "+5", 0 },
		{ "1.5", 0 },
		{ "5 ", 0 },
		{ "soon", 0 },
		{ "Sun, 06 Nov 1994 08:50:07 GMT", 30000 },
		{ "Sunday, 06-Nov-94 08:50:07 GMT", 30000 },
		{ "Sun Nov  6 08:50:07 1994", 30000 },
		{ "Sun, 06 Nov 1994 08:49:30 GMT", 1000 },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 1000 },
		{ "Sun, 06 Nov 2094 08:49:30 GMT", 3600000 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (retry_after_parse(cases[i].text, now) != cases[i].ms)
			fail_msg("Retry-After \"%s\": %lld", cases[i].text, (long long)retry_after_parse(cases[i].text, now));
	}
}

static void test_request_and_response_own_what_they_hold(void **state)
{
	(void)state;
	struct http_request *request = http_request_new(HTTP_POST, "https://a.example/", HTTP_REPLY_TOKEN_MAX);
	assert_int_equal(request->timeout_ms, HTTP_TIMEOUT_MS);
	assert_int_equal(request->reply_max, HTTP_REPLY_TOKEN_MAX);
	secret_buf_add_text(&request->body, "grant_type=refresh_token");
	request->bearer = secret_new("t", 1);
	http_request_free(request);
	http_request_free(NULL);
	struct http_response response = { .status = 200 };
	secret_buf_add_text(&response.body, "{}");
	http_response_clear(&response);
	assert_null(response.body.data);
	assert_int_equal(response.status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_status_has_its_verdict),
		cmocka_unit_test(test_transport_errors_are_retried),
		cmocka_unit_test(test_provider_words_are_made_harmless),
		cmocka_unit_test(test_backoff_doubles_to_its_cap),
		cmocka_unit_test(test_failure_becomes_what_a_caller_is_told),
		cmocka_unit_test(test_retry_after_in_all_forms),
		cmocka_unit_test(test_request_and_response_own_what_they_hold),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
