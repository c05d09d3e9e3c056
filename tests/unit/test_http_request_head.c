/* The request parser: what is refused with which status, and when. */
#include "daemon/http/request_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* On a copy of exactly the size, so that reading beyond it shows. */
static int parse(const char *bytes, size_t len, struct request_head *out, char **copy)
{
	*copy = malloc(len + 1);
	assert_non_null(*copy);
	memcpy(*copy, bytes, len);
	(*copy)[len] = '\0';
	return request_head_parse(*copy, len, out);
}

static int status_of(const char *bytes, size_t len)
{
	struct request_head head;
	char *copy;
	int status = parse(bytes, len, &head, &copy);
	free(copy);
	return status;
}

static void test_good_head_is_taken_apart(void **state)
{
	(void)state;
	static const char text[] = "GET /api/callback?code=4%2F0&state=x HTTP/1.1\r\nhOST: \t a:1 \r\nAccept: text/plain\r\n"
				   "ACCEPT: Application/JSON;q=0.9\r\nX-Obs: caf\xc3\xa9\r\n\r\ntrailing \x01";
	struct request_head head;
	char *copy;
	assert_int_equal(parse(text, sizeof text - 1, &head, &copy), 200);
	assert_string_equal(head.path, "/api/callback");
	assert_string_equal(head.query, "code=4%2F0&state=x");
	assert_string_equal(head.host, "a:1");
	assert_true(head.wants_json);
	free(copy);
	assert_int_equal(parse("GET /? HTTP/1.0\r\nHost: a\r\n\r\n", 29, &head, &copy), 200);
	assert_string_equal(head.path, "/");
	assert_string_equal(head.query, "");
	free(copy);
	assert_int_equal(parse("GET /a/b/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 51, &head, &copy), 200);
	assert_string_equal(head.path, "/a/b/");
	assert_null(head.query);
	assert_false(head.wants_json);
	free(copy);
}

static void test_every_prefix_of_a_good_head_asks_for_more(void **state)
{
	(void)state;
	static const char text[] = "GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
	for (size_t len = 1; len < sizeof text - 1; len++)
		if (status_of(text, len) != 0)
			fail_msg("%zu bytes: %d", len, status_of(text, len));
	assert_int_equal(status_of(text, sizeof text - 1), 200);
}

static void test_bad_heads_get_their_status(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400 },
		/* the shape of header fields */
		{ "GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\nHost: a\n\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX: a\x1b[2J\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n", 400 },
		/* bodies */
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 413 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1e3\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\nffffffffffffffff\r\n", 400 },
		/* targets */
		{ "GET http://a/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400 },
		{ "GET //evil HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /a//b HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /oauth/callback/../admin HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /. HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /.. HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /a\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET /a<script> HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "GET / b HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
		/* methods and versions */
		{ "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
		{ "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 405 },
		{ "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
		{ "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
		{ "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
		{ "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
		{ "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
		{ "get / HTTP/1.1\r\nHost: a\r\n\r\n", 405 },
		{ "GET /\r\n", 400 },
		{ "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505 },
		{ "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400 },
		{ "GET / HTTX/1.1\r\nHost: a\r\n\r\n", 400 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
		{ "\r\n\r\n", 400 },
		{ " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int status = status_of(cases[i].text, strlen(cases[i].text));
		if (status != cases[i].status)
			fail_msg("case %zu, %s: %d instead of %d", i, cases[i].text, status, cases[i].status);
	}
	static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", with_nul[] = "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n";
	assert_int_equal(status_of(hello, sizeof hello - 1), 400);
	assert_int_equal(status_of(with_nul, sizeof with_nul - 1), 400);
}

/* Every single changed byte either leaves a request that is plainly one, or is refused: nothing in between, no crash. */
static void test_any_changed_byte_is_survived(void **state)
{
	(void)state;
	static const char text[] = "GET /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
	char changed[sizeof text];
	for (size_t at = 0; at < sizeof text - 1; at++) {
		for (int byte = 0; byte < 256; byte++) {
			struct request_head head;
			char *copy;
			memcpy(changed, text, sizeof text);
			changed[at] = (char)byte;
			int status = parse(changed, sizeof text - 1, &head, &copy);
			if (status == 200) {
				assert_int_equal(head.path[0], '/');
				assert_non_null(head.host);
			} else {
				assert_true(status == 0 || (status >= 400 && status < 600));
			}
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_head_is_taken_apart),
		cmocka_unit_test(test_every_prefix_of_a_good_head_asks_for_more),
		cmocka_unit_test(test_bad_heads_get_their_status),
		cmocka_unit_test(test_any_changed_byte_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
