/* The query decoder, and which URLs the client may be sent to. */
#include "daemon/http/query.h"

#include "daemon/http/client.h"
#include "daemon/http/host_rule.h"
#include "daemon/vault/locked.h"
#include "daemon/vault/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_query_is_decoded(void **state)
{
	(void)state;
	struct err err;
	struct query *query = query_parse("code=4%2F0Ab%26redirect_uri%3Dx&state=a+b%2b&STATE=&flag&%65=%C3%A9&&x==", &err);
	assert_non_null(query);
	assert_string_equal(query_get(query, "code"), "4/0Ab&redirect_uri=x");
	assert_null(query_get(query, "redirect_uri"));
	assert_string_equal(query_get(query, "state"), "a b+");
	assert_string_equal(query_get(query, "STATE"), "");
	assert_null(query_get(query, "State"));
	assert_string_equal(query_get(query, "flag"), "");
	assert_string_equal(query_get(query, "e"), "\xc3\xa9");
	assert_string_equal(query_get(query, "x"), "=");
	assert_null(query_get(query, ""));
	query_free(query);
	query = query_parse("", &err);
	assert_non_null(query);
	assert_null(query_get(query, "code"));
	query_free(query);
	query_free(NULL);
	assert_int_equal(locked_live_count(), 0);
}

static void test_malformed_queries_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "state=a&state=b", "twice" },
		{ "state=a&st%61te=b", "twice" },
		{ "state=a%00b", "NUL" },
		{ "%00=a", "NUL" },
		{ "state=%zz", "hexadecimal" },
		{ "state=%4", "hexadecimal" },
		{ "state=%", "hexadecimal" },
		{ "state=%4&x=1", "hexadecimal" },
		{ "state=%c0%af", "UTF-8" },
		{ "state=%ed%a0%80", "UTF-8" },
		{ "state=%ff", "UTF-8" },
		{ "state=%c3", "UTF-8" },
		{ "%ff=1", "UTF-8" },
		{ "=value", "without a name" },
		{ "a b=1", "character" },
		{ "a=1\r\nb", "character" },
		{ "a=\x1b", "character" },
		{ "a=\xc3\xa9", "character" },
		{ "a=1#fragment", "character" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err err = { 0 };
		assert_null(query_parse(cases[i].text, &err));
		if (err.code != ERR_INVALID_PARAMS || !strstr(err.message, cases[i].why))
			fail_msg("%s: %s", cases[i].text, err.message);
	}
	assert_int_equal(locked_live_count(), 0);
}

static void test_query_has_limits(void **state)
{
	(void)state;
	char text[4200];
	struct err err;
	memset(text, 'a', sizeof text);
	text[1] = '=';
	text[4096] = '\0';
	struct query *query = query_parse(text, &err);
	assert_non_null(query);
	assert_int_equal(strlen(query_get(query, "a")), 4094);
	query_free(query);
	text[4096] = 'a';
	text[4097] = '\0';
	assert_null(query_parse(text, &err));
	size_t len = 0;
	for (int i = 0; i < 65; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "p%d=1&", i);
	assert_null(query_parse(text, &err));
}

static void test_urls_to_be_asked(void **state)
{
	(void)state;
	static const char *good[] = {
		"https://oauth2.googleapis.com/token",
		"https://www.googleapis.com/calendar/v3/calendars/a%40b.example/events?maxResults=250&pageToken=x",
		"https://127.0.0.1:8443",
		"https://[2001:db8::1]:443/",
		"http://127.0.0.1:9000/token",
		"http://127.9.8.7/",
		"http://[::1]:9000/token",
		"http://localhost:9000/token",
		"http://LOCALHOST/",
		"https://a.example/x...y/..z/%2e%2e%2e",
	};
	static const char *bad[] = {
		"", "https://", "https:///path", "https:a.example", "//a.example/", "a.example",
		"http://a.example/", "http://10.0.0.1/", "http://127.0.0.1.evil.example/", "http://localhost.evil.example/",
		"http://169.254.169.254/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://0/",
		"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "HTTPS://a.example/", " https://a.example/",
		"https://user@a.example/", "https://user:pw@a.example/", "https://@a.example/",
		"https://a.example/#fragment", "https://a.example/\r\nX: y", "https://a.example/a b", "https://a.example/\x7f",
		"https://a.example/\xc3\xa9", "https://m\xc3\xbcnchen.example/", "https://a.example\\@evil.example/",
		"https://a.example:70000/", "https://a.example:x/", "https://a.example/../x", "https://a.example/a/..",
		"https://a.example/./x", "https://a.example/%2e%2E/x", "https://a.example/a/.%2e?x=1", "https://[::1/",
	};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct err err = { 0 };
		if (http_url_check(good[i], &err) != 0)
			fail_msg("%s: %s", good[i], err.message);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = { 0 };
		if (http_url_check(bad[i], &err) != -1 || err.code != ERR_INVALID_PARAMS || err.field[0] || !err.message[0])
			fail_msg("%s was accepted", bad[i]);
	}
}

static void test_hosts_that_mean_us(void **state)
{
	(void)state;
	static const struct {
		const char *url, *yes, *no;
	} cases[] = {
		{ "https://calendars.example.com", "calendars.example.com", "calendars.example.com:80" },
		{ "https://calendars.example.com/base", "Calendars.Example.COM:443", "calendars.example.com." },
		{ "https://calendars.example.com:8443", "calendars.example.com:8443", "calendars.example.com" },
		{ "http://127.0.0.1:8710", "127.0.0.1:8710", "127.0.0.1" },
		{ "http://localhost", "localhost", "localhost.evil.example" },
		{ "http://[::1]:8710", "[::1]:8710", "[::1]" },
		{ "http://[::1]", "[::1]", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct host_rule rule;
		assert_true(host_rule_from_url(&rule, cases[i].url));
		assert_true(host_rule_matches(&rule, cases[i].yes));
		assert_false(host_rule_matches(&rule, cases[i].no));
	}
	static const char *bad[] = { "", "calendars.example.com", "ftp://a", "https://", "https://:443", "https://u@a", "https://a:0",
		                     "https://a:99999", "https://a:8x" };
	struct host_rule rule;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(host_rule_from_url(&rule, bad[i]));
	const struct host_rule none = { 0 };
	assert_false(host_rule_matches(&none, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_is_decoded),
		cmocka_unit_test(test_malformed_queries_are_refused),
		cmocka_unit_test(test_query_has_limits),
		cmocka_unit_test(test_urls_to_be_asked),
		cmocka_unit_test(test_hosts_that_mean_us),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
