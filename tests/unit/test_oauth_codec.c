/* The token reply, strict: SAFETY.md OAU-10 and bad inputs 51 and 52. */
#include "daemon/provider/oauth_token.h"

#include "tests/unit/test_provider_common.h"

static const char *as_it_is(const char *scope)
{
	return scope;
}

#define GOOD "\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":60"

static const struct {
	const char *body;
	int64_t life; /* 0: unreadable */
	const char *refresh, *scopes;
} rows[] = {
	{ "{" GOOD "}", 60, NULL, NULL },
	{ "{" GOOD ",\"refresh_token\":\"r\",\"scope\":\"b a\"}", 60, "r", "a b" },
	{ "{" GOOD ",\"refresh_token\":\"\",\"scope\":\"\"}", 60, NULL, NULL },
	{ "{" GOOD ",\"refresh_token\":null,\"scope\":null}", 60, NULL, NULL },
	{ "{" GOOD ",\"id_token\":17,\"refresh_token_expires_in\":\"x\"}", 60, NULL, NULL },
	{ "{" GOOD ",\"scope\":\"  b\\u0020 a  b \"}", 60, NULL, "a b" },
	{ "{\"access_token\":\"a\",\"token_type\":\"bEARER\",\"expires_in\":\"3600\"}", 3600, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"bearer\",\"expires_in\":1}", 1, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"bearer\",\"expires_in\":31536000}", 31536000, NULL, NULL },
	{ "{\"access_token\":\"!~\",\"token_type\":\"bearer\",\"expires_in\":60}", 60, NULL, NULL },
	{ "{\"access_token\":\"a\",\"expires_in\":60}", 60, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"bearer\",\"expires_in\":60.0}", 60, NULL, NULL },
	/* 51 */
	{ "<html></html>", 0, NULL, NULL },
	{ "", 0, NULL, NULL },
	{ "[]", 0, NULL, NULL },
	{ "\"text\"", 0, NULL, NULL },
	{ "{" GOOD "}x", 0, NULL, NULL },
	{ "{" GOOD, 0, NULL, NULL },
	/* 52 */
	{ "{" GOOD ",\"access_token\":\"b\"}", 0, NULL, NULL },
	{ "{\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"\",\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":17,\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":null,\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":[\"a\"],\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\\r\\nX: y\",\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a b\",\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\\u0000\",\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\\u007f\",\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"\xc3\xa4\",\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"\xff\",\"token_type\":\"Bearer\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"mac\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer \",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\\u0000\",\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":null,\"expires_in\":60}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":0}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":-1}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":31536001}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":1e20}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":99999999999999999999}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":0.9}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":true}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":\"\"}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":\" 60\"}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":\"1e3\"}", 0, NULL, NULL },
	{ "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":\"0\"}", 0, NULL, NULL },
	{ "{" GOOD ",\"refresh_token\":17}", 0, NULL, NULL },
	{ "{" GOOD ",\"refresh_token\":\"r\\n\"}", 0, NULL, NULL },
	{ "{" GOOD ",\"scope\":[\"a\"]}", 0, NULL, NULL },
	{ "{" GOOD ",\"scope\":\"a\\tb\"}", 0, NULL, NULL },
	{ "{" GOOD ",\"scope\":\"\\u001b[2J\"}", 0, NULL, NULL },
};

static bool parse(const char *body, struct token_result *out)
{
	struct http_response response = reply_of(200, body);
	bool ok = oauth_token_parse(&response, as_it_is, out);
	http_response_clear(&response);
	return ok;
}

static void expect_text(const char *text, const char *expected)
{
	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct token_result token;
		if (parse(rows[i].body, &token) != (rows[i].life > 0))
			fail_msg("%s", rows[i].body);
		assert_int_equal(token.expires_in_s, rows[i].life);
		assert_int_equal(token.access != NULL, rows[i].life > 0);
		expect_text(token.refresh ? secret_reveal(token.refresh) : NULL, rows[i].refresh);
		expect_text(token.scopes, rows[i].scopes);
		oauth_token_clear(&token);
	}
}

/* Whether a token of that length in that member is taken. */
static bool takes(const char *format, size_t len)
{
	struct buf token = { 0 }, body = { 0 };
	struct token_result out;
	memset(buf_reserve(&token, len), 'x', len);
	token.len = len;
	token.data[len] = '\0';
	/* The formats are literals of test_lengths. */
	for (const char *at = format; *at; at++) {
		if (*at == '@')
			buf_add_text(&body, buf_text(&token));
		else
			buf_add_char(&body, *at);
	}
	bool ok = parse(buf_text(&body), &out);
	oauth_token_clear(&out);
	buf_free(&token);
	buf_free(&body);
	return ok;
}

static void test_lengths(void **state)
{
	(void)state;
	static const char access[] = "{\"access_token\":\"@\",\"token_type\":\"Bearer\",\"expires_in\":60}";
	static const char refresh[] = "{" GOOD ",\"refresh_token\":\"@\"}";
	static const char scope[] = "{" GOOD ",\"scope\":\"@\"}";
	assert_true(takes(access, 8192));
	assert_false(takes(access, 8193));
	assert_false(takes(access, 1 << 20));
	assert_true(takes(refresh, 4096));
	assert_false(takes(refresh, 4097));
	assert_true(takes(scope, 8192));
	assert_false(takes(scope, 8193));
}

static void test_no_body(void **state)
{
	(void)state;
	struct token_result token;
	assert_false(oauth_token_parse(&(struct http_response){ .status = 204 }, as_it_is, &token));
	assert_null(token.access);
	oauth_token_clear(&token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_no_body),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
