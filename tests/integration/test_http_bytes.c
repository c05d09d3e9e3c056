/* The callback listener and bytes that no decent browser sends: SAFETY.md section 7, 38 to 42, clients that dribble, and the host
 * and redirects of a configured address. */
#include "ipc/base/strutil.h"
#include "tests/support/raw_http.h"
#include "tests/support/stage.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct stage stage;
static int port;

static void find_port(void)
{
	json_t *info = stage_call(&stage, "system.info", NULL);
	/* The listener's own port is in the log alone when base_url is something else. */
	const char *url = json_string_value(json_object_get(info, "callback_url"));
	port = (int)strtol(strrchr(url, ':') + 1, NULL, 10);
	json_decref(info);
}

/* The text with every @ standing for the listener's 127.0.0.1:PORT. */
static void expand(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '@')
			buf_printf(out, "127.0.0.1:%d", port);
		else
			buf_add_char(out, *text);
}

static void expect_status(const char *text, int status)
{
	struct buf request = { 0 };
	struct raw_reply reply;
	char value[256];
	expand(&request, text);
	raw_http_text(port, buf_text(&request), &reply);
	if (reply.status != status)
		fail_msg("%.120s: expected %d, got %d: %.200s", text, status, reply.status, buf_text(&reply.text));
	if (status) {
		assert_true(raw_header(&reply, "Cache-Control", value, sizeof value));
		assert_string_equal(value, "no-store");
		assert_true(raw_header(&reply, "X-Content-Type-Options", value, sizeof value));
		assert_true(raw_header(&reply, "Content-Security-Policy", value, sizeof value));
		assert_int_equal(raw_header(&reply, "Allow", value, sizeof value), status == 405);
	}
	raw_reply_free(&reply);
	buf_free(&request);
}

static void expect_health(void)
{
	expect_status("GET /healthz HTTP/1.1\r\nHost: @\r\n\r\n", 200);
}

static void test_request_lines(void **unused)
{
	static const struct {
		const char *line;
		int status;
	} rows[] = {
		{ "GET http://@/healthz HTTP/1.1", 400 },
		{ "GET http://evil.example/ HTTP/1.1", 400 },
		{ "GET //evil.example/ HTTP/1.1", 400 },
		{ "GET /oauth/callback/../admin HTTP/1.1", 400 },
		{ "GET /. HTTP/1.1", 400 },
		{ "GET /./healthz HTTP/1.1", 400 },
		{ "GET /%2e%2e/healthz HTTP/1.1", 404 },
		{ "GET /healthz%00 HTTP/1.1", 404 },
		{ "GET /%68ealthz HTTP/1.1", 404 },
		{ "GET * HTTP/1.1", 400 },
		{ "GET healthz HTTP/1.1", 400 },
		{ "GET  /healthz HTTP/1.1", 400 },
		{ "GET /healthz  HTTP/1.1", 400 },
		{ "GET /healthz", 400 },
		{ "GET /healthz HTTP", 400 },
		{ "GET /healthz HTTP/1", 400 },
		{ "GET /healthz HTTP/1.1 ", 400 },
		{ "GET /healthz http/1.1", 400 },
		{ "GET /healthz HTTP/1.0", 200 },
		{ "GET /healthz HTTP/9.9", 505 },
		{ "GET /healthz HTTP/2.0", 505 },
		{ "PRI * HTTP/2.0", 505 },
		{ "get /healthz HTTP/1.1", 405 },
		{ "HEAD /healthz HTTP/1.1", 405 },
		{ "POST /healthz HTTP/1.1", 405 },
		{ "PUT /healthz HTTP/1.1", 405 },
		{ "DELETE /healthz HTTP/1.1", 405 },
		{ "OPTIONS * HTTP/1.1", 405 },
		{ "TRACE /healthz HTTP/1.1", 405 },
		{ "CONNECT evil.example:443 HTTP/1.1", 405 },
		{ "BREW /healthz HTTP/1.1", 405 },
		{ "GET /healthz#x HTTP/1.1", 400 },
		{ "GET /health\\z HTTP/1.1", 400 },
		{ "GET /\xff HTTP/1.1", 400 },
		{ "GET /a\tb HTTP/1.1", 400 },
		{ "", 400 },
		{ " GET /healthz HTTP/1.1", 400 },
		{ "\xef\xbb\xbfGET /healthz HTTP/1.1", 400 },
	};
	char request[512];
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(request, sizeof request, "%s\r\nHost: @\r\n\r\n", rows[i].line);
		expect_status(request, rows[i].status);
	}
	expect_health();
}

static void test_header_lines(void **unused)
{
	static const struct {
		const char *lines;
		int status;
	} rows[] = {
		{ "", 400 },
		{ "Host: @\r\n", 200 },
		{ "HOST:@\r\n", 200 },
		{ "Host: @\r\nHost: @\r\n", 400 },
		{ "Host: @\r\nHost: evil\r\n", 400 },
		{ "Host:\r\n", 400 },
		{ "Host: evil.example\r\n", 400 },
		{ "Host: localhost.evil\r\n", 400 },
		{ "Host: 127.0.0.1\r\n", 400 },
		{ "Host: 127.0.0.1:1\r\n", 400 },
		{ "Host: @.evil.example\r\n", 400 },
		{ "Host: user!@\r\n", 400 },
		{ "Host: [::1]:80\r\n", 400 },
		{ "Host : @\r\n", 400 },
		{ "Host: @\r\n: x\r\n", 400 },
		{ "Host: @\r\nX Y: z\r\n", 400 },
		{ "Host: @\r\nX\r\n", 400 },
		{ "Host: @\r\nX: y\r\n folded\r\n", 400 },
		{ "Host: @\nX: y\r\n", 400 },
		{ "Host: @\r\nX: a\rb\r\n", 400 },
		{ "Host: @\r\nX: \x01\r\n", 400 },
		{ "Host: @\r\nContent-Length: 0\r\n", 200 },
		{ "Host: @\r\nContent-Length: 0\r\nContent-Length: 0\r\n", 400 },
		{ "Host: @\r\nContent-Length: +3\r\n", 400 },
		{ "Host: @\r\nContent-Length: -1\r\n", 400 },
		{ "Host: @\r\nContent-Length: 1e3\r\n", 400 },
		{ "Host: @\r\nContent-Length: 5\r\n", 413 },
		{ "Host: @\r\nContent-Length: 99999999999999999999999\r\n", 413 },
		{ "Host: @\r\nTransfer-Encoding: chunked\r\n", 400 },
		{ "Host: @\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n", 400 },
		{ "Host: @\r\nX-Forwarded-Host: evil\r\nForwarded: host=evil\r\n", 200 },
	};
	char request[512];
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)snprintf(request, sizeof request, "GET /healthz HTTP/1.1\r\n%s\r\n", rows[i].lines);
		expect_status(request, rows[i].status);
	}
	expect_health();
}

static void expect_repeated(const char *before, const char *part, int count, const char *after, int status)
{
	struct buf text = { 0 };
	buf_add_text(&text, before);
	for (int i = 0; i < count; i++)
		buf_add_text(&text, part);
	buf_add_text(&text, after);
	expect_status(buf_text(&text), status);
	buf_free(&text);
}

static void test_sizes(void **unused)
{
	static const char head[] = "GET /healthz HTTP/1.1\r\nHost: @\r\n", callback[] = "GET /api/calendars/google/callback?state=";
	(void)unused;
	expect_repeated(head, "X: y\r\n", 40, "\r\n", 200);
	expect_repeated(head, "X: y\r\n", 1000, "\r\n", 431);
	expect_repeated(head, "X-Long: ", 1, "\r\n\r\n", 200);
	expect_repeated("GET /healthz HTTP/1.1\r\nHost: @\r\nX: ", "0123456789abcdef", 600, "\r\n\r\n", 431);
	expect_repeated(callback, "0123456789abcdef", 300, " HTTP/1.1\r\nHost: @\r\n\r\n", 400);
	expect_repeated(callback, "0123456789abcdef", 4096, " HTTP/1.1\r\nHost: @\r\n\r\n", 414);
	expect_repeated("GET /", "0123456789abcdef", 65536, " HTTP/1.1\r\nHost: @\r\n\r\n", 414);
	expect_health();
}

static void test_bytes_that_are_no_http(void **unused)
{
	static const unsigned char hello[] = { 0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct raw_reply reply;
	(void)unused;
	raw_http(port, hello, sizeof hello, &reply);
	assert_int_equal(reply.status, 400);
	raw_reply_free(&reply);
	raw_http(port, "GET /\0 HTTP/1.1\r\n\r\n", 20, &reply);
	assert_int_equal(reply.status, 400);
	raw_reply_free(&reply);
	/* The end without a request, or within one. */
	for (int len = 0; len <= 10; len += 5) {
		int fd = raw_http_dial(port);
		assert_true(raw_http_send(fd, "GET /healthz", (size_t)len));
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		raw_http_finish(fd, &reply);
		if (reply.status != 0)
			fail_msg("%d bytes and no more: %s", len, buf_text(&reply.text));
		raw_reply_free(&reply);
	}
	/* One request a connection; what follows is not looked at. */
	struct buf two = { 0 };
	expand(&two, "GET /healthz HTTP/1.1\r\nHost: @\r\n\r\nGET /c/x HTTP/1.1\r\nHost: @\r\n\r\n");
	raw_http(port, two.data, two.len, &reply);
	assert_int_equal(reply.status, 200);
	assert_null(strstr(reply.body, "HTTP/"));
	raw_reply_free(&reply);
	buf_free(&two);
	expect_health();
}

static void test_byte_by_byte(void **unused)
{
	struct buf request = { 0 };
	struct raw_reply reply;
	(void)unused;
	expand(&request, "GET /healthz HTTP/1.1\r\nHost: @\r\n\r\n");
	int fd = raw_http_dial(port);
	for (size_t i = 0; i < request.len; i++)
		assert_true(raw_http_send(fd, request.data + i, 1));
	raw_http_finish(fd, &reply);
	assert_int_equal(reply.status, 200);
	raw_reply_free(&reply);
	buf_free(&request);
}

/* A header a second on many connections: each ends at its deadline, and others are served meanwhile. */
static void test_dribbling(void **unused)
{
	enum { COUNT = 300 };
	int fds[COUNT], seconds = 0, open_ones = COUNT;
	(void)unused;
	for (int i = 0; i < COUNT; i++) {
		fds[i] = raw_http_dial(port);
		assert_true(fds[i] >= 0);
		(void)raw_http_send(fds[i], "GET /healthz HTTP/1.1\r\n", 23);
	}
	for (; open_ones > 0 && seconds < 30; seconds++) {
		expect_health();
		for (int i = 0; i < COUNT; i++) {
			struct pollfd waited = { .fd = fds[i], .events = POLLIN };
			if (fds[i] >= 0 && poll(&waited, 1, 0) == 1) {
				(void)close(fds[i]);
				fds[i] = -1;
				open_ones--;
			} else if (fds[i] >= 0) {
				(void)raw_http_send(fds[i], "X: y\r\n", 6);
			}
		}
		(void)poll(NULL, 0, 1000);
	}
	assert_int_equal(open_ones, 0);
	assert_in_range(seconds, 5, 20);
	expect_health();
}

static void test_close(void **unused)
{
	(void)unused;
	json_t *info = stage_call(&stage, "system.info", NULL);
	assert_int_equal(json_integer_value(json_object_get(info, "pid")), stage.daemon);
	json_decref(info);
	stage_close(&stage);
}

static int free_port(void)
{
	/* The port of the stage that has just gone: nobody else was given it yet. */
	return port;
}

/* Behind a proxy: the configured address is the one that counts, and the browser is sent on from the configuration only. */
static void test_a_configured_address(void **unused)
{
	char listen[64], location[512];
	struct buf request = { 0 };
	struct raw_reply reply;
	(void)unused;
	(void)snprintf(listen, sizeof listen, "ALMANAC_HTTP_LISTEN=127.0.0.1:%d", free_port());
	const char *const env[] = { listen, "BASE_URL=https://calendars.example.com/",
		                    "ALMANAC_HTTP_AFTER_CONNECT_URL=https://app.example.com/done?a=b", NULL };
	const struct stage_options options = { .daemon_env = env };
	stage_open(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	for (int json = 0; json <= 1; json++) {
		json_t *begun = stage_call(&stage, "oauth.begin", "{s:s,s:s}", "workspace", "acme", "provider", "google");
		const char *url = json_string_value(json_object_get(begun, "authorization_url"));
		assert_non_null(strstr(url, "redirect_uri=https%3A%2F%2Fcalendars.example.com%2Fapi%2Fcalendars%2Fgoogle%2Fcallback&"));
		assert_true(str_starts_with(json_string_value(json_object_get(begun, "short_url")), "https://calendars.example.com/c/"));
		char *callback = stage_consent(&stage, url, "ada.lovelace@example.com", "allow", NULL);
		assert_true(str_starts_with(callback, "https://calendars.example.com/api/"));
		buf_printf(&request,
		           "GET %s&redirect=https://evil.example HTTP/1.1\r\nHost: Calendars.Example.com\r\nAccept: %s\r\n\r\n",
		           callback + strlen("https://calendars.example.com"), json ? "application/json" : "text/html");
		raw_http_text(port, buf_text(&request), &reply);
		assert_int_equal(reply.status, json ? 200 : 302);
		assert_int_equal(raw_header(&reply, "Location", location, sizeof location), !json);
		if (!json)
			assert_string_equal(location, "https://app.example.com/done?a=b");
		raw_reply_free(&reply);
		buf_truncate(&request, 0);
		free(callback);
		json_decref(begun);
	}
	expect_health();
	/* A failure is told on a page, and sends nobody anywhere. */
	raw_http_text(port, "GET /api/calendars/google/callback?state=x&code=y HTTP/1.1\r\nHost: calendars.example.com\r\n\r\n", &reply);
	assert_int_equal(reply.status, 400);
	assert_false(raw_header(&reply, "Location", location, sizeof location));
	raw_reply_free(&reply);
	buf_free(&request);
	stage_close(&stage);
}

static int open_stage(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
	find_port();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_lines),
		cmocka_unit_test(test_header_lines),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_bytes_that_are_no_http),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_dribbling),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_a_configured_address),
	};
	return cmocka_run_group_tests(tests, open_stage, NULL);
}
