/* Google: the authorization URL, exchange, refresh, revoke and userinfo. */
#include "tests/unit/test_provider_common.h"

static const char form[] = "application/x-www-form-urlencoded";

/* The decoded value of a query parameter; the caller frees it. NULL: not there, or there twice. */
static char *query_value(const char *url, const char *name)
{
	struct buf value = { 0 };
	size_t name_len = strlen(name), seen = 0;
	for (const char *at = strchr(url, '?'); at; at = strchr(at, '&')) {
		if (strncmp(++at, name, name_len) != 0 || at[name_len] != '=')
			continue;
		seen++;
		for (const char *c = at + name_len + 1; *c && *c != '&'; c++) {
			if (*c == '%') {
				char hex[3] = { c[1], c[1] ? c[2] : '\0', '\0' };
				assert_int_equal(strspn(hex, "0123456789ABCDEF"), 2);
				buf_add_char(&value, (char)strtoul(hex, NULL, 16));
				c += 2;
			} else {
				buf_add_char(&value, *c);
			}
		}
	}
	char *text = seen == 1 ? mem_strdup(buf_text(&value)) : NULL;
	buf_free(&value);
	return text;
}

static void expect_query(const char *url, const char *name, const char *expected)
{
	char *value = query_value(url, name);
	if (!value)
		fail_msg("%s is missing, or there twice", name);
	assert_string_equal(value, expected);
	free(value);
}

static void test_authorization_url(void **state)
{
	(void)state;
	const struct provider_config *config = config_plain();
	struct buf url = { 0 };
	google()->authorization_url(config, &url, "st-A_t.e~1", "Ch4l-lenge_", "ada+tag@example.com&x=\r\n");
	assert_true(strncmp(buf_text(&url), "https://accounts.google.com/o/oauth2/v2/auth?", 45) == 0);
	expect_query(buf_text(&url), "client_id", config->client_id);
	expect_query(buf_text(&url), "redirect_uri", config->redirect_uri);
	expect_query(buf_text(&url), "response_type", "code");
	expect_query(buf_text(&url), "scope", config->scopes);
	expect_query(buf_text(&url), "access_type", "offline");
	expect_query(buf_text(&url), "prompt", "consent");
	expect_query(buf_text(&url), "state", "st-A_t.e~1");
	expect_query(buf_text(&url), "code_challenge", "Ch4l-lenge_");
	expect_query(buf_text(&url), "code_challenge_method", "S256");
	expect_query(buf_text(&url), "login_hint", "ada+tag@example.com&x=\r\n");
	assert_null(strstr(buf_text(&url), "include_granted_scopes"));
	assert_null(strstr(buf_text(&url), "secret"));
	for (const char *c = buf_text(&url); *c; c++)
		assert_true(*c > 0x20 && *c < 0x7f);
	buf_free(&url);
}

static void test_authorization_url_variants(void **state)
{
	(void)state;
	struct provider_config config = *config_plain();
	struct buf url = { 0 };
	config.auth_url = "http://127.0.0.1:9/auth?tenant=a";
	google()->authorization_url(&config, &url, "s", "c", NULL);
	assert_true(strncmp(buf_text(&url), "http://127.0.0.1:9/auth?tenant=a&client_id=", 43) == 0);
	assert_null(strstr(buf_text(&url), "login_hint"));
	buf_free(&url);
}

static struct operation *new_exchange(const char *code, const char *verifier)
{
	struct secret *c = secret_new(code, strlen(code));
	struct secret *v = verifier ? secret_new(verifier, strlen(verifier)) : NULL;
	struct operation *operation = google()->exchange(config_plain(), c, v);
	secret_unref(c);
	secret_unref(v);
	return operation;
}

static struct operation *new_with(struct operation *(*make)(const struct provider_config *, const struct secret *),
                                  const char *text)
{
	struct secret *secret = secret_new(text, strlen(text));
	struct operation *operation = make(config_plain(), secret);
	secret_unref(secret);
	return operation;
}

static void test_exchange(void **state)
{
	(void)state;
	static const char body[] = "client_id=123-abc.apps.googleusercontent.com&client_secret=GOCSPX-5ecret%2F%2B%26%3D"
				   "&grant_type=authorization_code&code=4%2F0Ab-c%25d&code_verifier=v3rifier-._%7E"
				   "&redirect_uri=https%3A%2F%2Fcalendars.example.com%2Fapi%2Fcalendars%2Fgoogle%2Fcallback";
	struct operation *op = new_exchange("4/0Ab-c%d", "v3rifier-._~");
	assert_false(op->class->needs_token);
	assert_false(op->class->repeatable);
	expect_post(next(op, NULL), "https://oauth2.googleapis.com/token", form, body);
	/* Asked again, and again after a failure: the same request. */
	expect_post(next(op, NULL), "https://oauth2.googleapis.com/token", form, body);
	expect_failure(next_reply(op, reply_from(503, "error_page.html")), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	expect_post(next(op, NULL), "https://oauth2.googleapis.com/token", form, body);
	assert_null(google()->token_result(op));
	assert_int_equal(next_reply(op, reply_from(200, "token_exchange.json")).kind, STEP_DONE);
	assert_int_equal(next(op, NULL).kind, STEP_DONE);
	const struct token_result *token = google()->token_result(op);
	assert_string_equal(secret_reveal(token->access), "ya29.a0AfB_example-Access_1");
	assert_string_equal(secret_reveal(token->refresh), "1//0gExample-Refresh_1");
	assert_int_equal(token->expires_in_s, 3599);
	assert_string_equal(token->scopes,
	                    SCOPE("calendar.events") " " SCOPE("calendar.readonly") " " SCOPE("userinfo.email") " openid");
	operation_free(op);
}

static void test_exchange_without_pkce_and_secret(void **state)
{
	(void)state;
	struct provider_config config = *config_plain();
	struct secret *code = secret_new("c", 1);
	config.client_secret = NULL;
	struct operation *op = google()->exchange(&config, code, NULL);
	expect_post(next(op, NULL), config.token_url, form,
	            "client_id=123-abc.apps.googleusercontent.com&grant_type=authorization_code&code=c"
	            "&redirect_uri=https%3A%2F%2Fcalendars.example.com%2Fapi%2Fcalendars%2Fgoogle%2Fcallback");
	operation_free(op);
	secret_unref(code);
}

static void test_refresh(void **state)
{
	(void)state;
	struct operation *op = new_with(google()->refresh, "1//0g-R");
	assert_true(op->class->repeatable);
	assert_false(op->class->needs_token);
	expect_post(next(op, NULL), "https://oauth2.googleapis.com/token", form,
	            "client_id=123-abc.apps.googleusercontent.com&client_secret=GOCSPX-5ecret%2F%2B%26%3D"
	            "&grant_type=refresh_token&refresh_token=1%2F%2F0g-R");
	assert_int_equal(next_reply(op, reply_from(200, "token_refresh.json")).kind, STEP_DONE);
	const struct token_result *token = google()->token_result(op);
	assert_null(token->refresh);
	assert_string_equal(token->scopes, SCOPE("calendar.readonly") " " SCOPE("userinfo.email") " openid");
	assert_null(google()->userinfo_result(op));
	assert_null(google()->calendar_list_result(op));
	assert_null(google()->free_busy_result(op));
	operation_free(op);
}

/* Bad input 51: what is not a token reply at all. */
static void test_refresh_of_rubbish(void **state)
{
	(void)state;
	struct operation *op = new_with(google()->refresh, "r");
	expect_failure(next_reply(op, reply_from(200, "error_page.html")), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	expect_failure(next_reply(op, reply_of(200, "")), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	expect_failure(next(op, &(struct http_response){ .status = 204 }), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	expect_failure(next_reply(op, reply_from(302, "token_refresh.json")), REASON_PROVIDER_REJECTED, VERDICT_PERMANENT);
	expect_failure(next(op, &(struct http_response){ .result = HTTP_ERR_TLS }), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	expect_failure(next(op, &(struct http_response){ .result = HTTP_ERR_TOO_LARGE, .status = 200 }), REASON_PROVIDER_DOWN,
	               VERDICT_RETRY);
	assert_null(google()->token_result(op));
	operation_free(op);
}

static void test_revoke(void **state)
{
	(void)state;
	struct operation *op = new_with(google()->revoke, "1//0g-R");
	assert_true(op->class->repeatable);
	expect_post(next(op, NULL), "https://oauth2.googleapis.com/revoke", form, "token=1%2F%2F0g-R");
	expect_failure(next_reply(op, reply_from(400, "error_invalid_request.json")), REASON_PROVIDER_REJECTED,
	               VERDICT_PERMANENT);
	expect_failure(next_reply(op, reply_from(503, "error_invalid_token.json")), REASON_PROVIDER_DOWN, VERDICT_RETRY);
	assert_int_equal(next_reply(op, reply_from(400, "error_invalid_token.json")).kind, STEP_DONE);
	assert_int_equal(next(op, NULL).kind, STEP_DONE);
	assert_null(google()->token_result(op));
	operation_free(op);
	op = new_with(google()->revoke, "t");
	assert_int_equal(next_reply(op, reply_of(200, "{}")).kind, STEP_DONE);
	operation_free(op);
}

static void expect_ada(const char *fixture)
{
	struct operation *op = google()->userinfo(config_plain());
	assert_true(op->class->needs_token && op->class->repeatable);
	expect_url(next(op, NULL), HTTP_GET, "https://www.googleapis.com/oauth2/v2/userinfo");
	assert_null(google()->userinfo_result(op));
	assert_int_equal(next_reply(op, reply_from(200, fixture)).kind, STEP_DONE);
	const struct userinfo_result *info = google()->userinfo_result(op);
	assert_string_equal(info->subject, "108204268033311374519");
	assert_string_equal(info->email, "ada@example.com");
	assert_string_equal(info->name, "Ada Example");
	assert_true(info->email_verified);
	operation_free(op);
}

static void test_userinfo(void **state)
{
	(void)state;
	expect_ada("userinfo_v2.json");
	expect_ada("userinfo_v3.json");
}

static void test_userinfo_table(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		bool ok, verified;
	} rows[] = {
		{ "{\"sub\":\"1\",\"email\":\"a@b\",\"email_verified\":\"true\"}", true, true },
		{ "{\"sub\":\"1\",\"email\":\"a@b\",\"email_verified\":\"false\"}", true, false },
		{ "{\"sub\":\"1\",\"email\":\"a@b\",\"email_verified\":false}", true, false },
		{ "{\"sub\":\"1\",\"email\":\"a@b\",\"email_verified\":1}", true, false },
		{ "{\"sub\":\"1\",\"email\":\"a@b\"}", true, false },
		{ "{\"id\":\"1\",\"email\":\"a@b\",\"verified_email\":true}", true, true },
		{ "{\"sub\":\"1\",\"email\":\"a@b\",\"email_verified\":false,\"verified_email\":true}", true, false },
		{ "{\"id\":\"1\",\"email\":\"a@b\",\"name\":7}", true, false },
		{ "{\"sub\":\"1\"}", false, false },
		{ "{\"email\":\"a@b\"}", false, false },
		{ "{\"sub\":1,\"email\":\"a@b\"}", false, false },
		{ "{\"sub\":\"\",\"email\":\"a@b\"}", false, false },
		{ "{\"sub\":\"1\",\"email\":\"\"}", false, false },
		{ "{\"sub\":\"1\",\"email\":\"nobody\"}", false, false },
		{ "{\"sub\":\"1\",\"email\":\"a b@c\"}", false, false },
		{ "{\"sub\":\"1\",\"email\":\"a@b\\r\\nBcc: c@d\"}", false, false },
		{ "{\"sub\":\"1\",\"email\":\"a@b\\u0000c\"}", false, false },
		{ "{\"sub\":\"1\",\"email\":\"a@b\",\"email\":\"c@d\"}", false, false },
		{ "[\"sub\"]", false, false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct operation *op = google()->userinfo(config_plain());
		struct step step = next_reply(op, reply_of(200, rows[i].body));
		if ((step.kind == STEP_DONE) != rows[i].ok)
			fail_msg("%s", rows[i].body);
		if (rows[i].ok)
			assert_int_equal(google()->userinfo_result(op)->email_verified, rows[i].verified);
		else
			expect_failure(step, REASON_PROVIDER_DOWN, VERDICT_RETRY);
		operation_free(op);
	}
}

static void test_registry(void **state)
{
	(void)state;
	assert_string_equal(google()->name, "google");
	assert_null(provider_find("Google"));
	assert_null(provider_find("outlook"));
	assert_null(provider_find(""));
	assert_null(provider_find(NULL));
	operation_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_authorization_url),
		cmocka_unit_test(test_authorization_url_variants),
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_exchange_without_pkce_and_secret),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_refresh_of_rubbish),
		cmocka_unit_test(test_revoke),
		cmocka_unit_test(test_userinfo),
		cmocka_unit_test(test_userinfo_table),
		cmocka_unit_test(test_registry),
	};
	if (secret_setup() != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	config_release();
	return failed;
}
