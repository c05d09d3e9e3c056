/* The callback listener: consents that come back well and badly, twice and a hundred times, and what the answers look like
 * (CONTRACT.md section 4, SAFETY.md HTTP-* and OAU-1..7). Bytes that are no decent request are test_http_bytes.c's. */
#include "ipc/base/strutil.h"
#include "tests/support/raw_http.h"
#include "tests/support/stage.h"
#include "tests/support/web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char ada[] = "ada.lovelace@example.com";
static struct stage stage;
static int port;

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

/* Every answer of ours, whatever it says. */
static void check_headers(const struct raw_reply *reply)
{
	static const struct {
		const char *name, *value;
	} wanted[] = {
		{ "Cache-Control", "no-store" },     { "Referrer-Policy", "no-referrer" }, { "X-Content-Type-Options", "nosniff" },
		{ "Content-Security-Policy", "default-src 'none'" }, { "Connection", "close" },
	};
	char value[512];
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		assert_true(raw_header(reply, wanted[i].name, value, sizeof value));
		assert_true(str_starts_with(value, wanted[i].value));
	}
	assert_false(raw_header(reply, "Server", value, sizeof value));
	assert_false(raw_header(reply, "Set-Cookie", value, sizeof value));
	assert_true(raw_header(reply, "Content-Length", value, sizeof value));
	assert_int_equal(strtol(value, NULL, 10), strlen(reply->body));
}

static void get(const char *target, const char *accept, struct raw_reply *reply)
{
	struct buf request = { 0 };
	buf_printf(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: %s\r\n\r\n", target, port, accept);
	raw_http_text(port, buf_text(&request), reply);
	buf_add(&stage.wire, buf_text(&reply->text), reply->text.len);
	check_headers(reply);
	buf_free(&request);
}

static json_t *begin(void)
{
	return stage_call(&stage, "oauth.begin", "{s:s,s:s}", "workspace", "acme", "provider", "google");
}

/* Path and query of an address of the listener; in the address. */
static const char *target_of(const char *url)
{
	return strchr(strstr(url, "://") + 3, '/');
}

static char *consented(const json_t *begun, const char *account)
{
	return stage_consent(&stage, text(begun, "authorization_url"), account, "allow", NULL);
}

static void expect_failure(const char *target, int status, const char *code)
{
	struct raw_reply reply;
	get(target, "application/json", &reply);
	json_t *body = json_loads(reply.body, 0, NULL);
	if (reply.status != status || (code && !str_equal(text(json_object_get(body, "error"), "code"), code)))
		fail_msg("%.200s: %d %s", target, reply.status, reply.body);
	assert_true(json_is_false(json_object_get(body, "success")));
	assert_true(text(json_object_get(body, "error"), "message")[0] != '\0');
	json_decref(body);
	raw_reply_free(&reply);
}

static json_t *attempt_status(const json_t *begun)
{
	return stage_call(&stage, "oauth.status", "{s:s}", "attempt_id", text(begun, "attempt_id"));
}

static void expect_state(const json_t *begun, const char *state)
{
	json_t *status = attempt_status(begun);
	assert_string_equal(text(status, "state"), state);
	json_decref(status);
}

static void test_health(void **unused)
{
	struct raw_reply reply;
	(void)unused;
	get("/healthz", "*/*", &reply);
	assert_int_equal(reply.status, 200);
	raw_reply_free(&reply);
	static const char *const nothing[] = { "/", "/metrics", "/api", "/api/calendars/google/callback/", "/c/", "/healthz/",
		                               "/HEALTHZ", "/favicon.ico", "/c/unknown", "/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
		get(nothing[i], "*/*", &reply);
		assert_int_equal(reply.status, 404);
		raw_reply_free(&reply);
	}
}

static void test_page_for_people_and_json_for_programs(void **unused)
{
	static const struct {
		const char *accept, *type;
	} rows[] = {
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8" },
		{ "*/*", "text/html; charset=utf-8" },
		{ "application/json", "application/json" },
		{ "application/json, text/plain, */*", "application/json" },
	};
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *begun = begin();
		char *callback = consented(begun, ada), type[128];
		struct raw_reply reply;
		get(target_of(callback), rows[i].accept, &reply);
		assert_int_equal(reply.status, 200);
		assert_true(raw_header(&reply, "Content-Type", type, sizeof type));
		assert_true(str_starts_with(type, rows[i].type));
		if (type[0] == 't') {
			assert_non_null(strstr(reply.body, ada));
			assert_null(strstr(reply.body, "<script"));
		} else {
			json_t *body = json_loads(reply.body, 0, NULL);
			assert_true(json_is_true(json_object_get(body, "success")));
			assert_string_equal(text(json_object_get(body, "connection"), "account_email"), ada);
			assert_int_equal(json_integer_value(json_object_get(json_object_get(body, "connection"), "calendars_count")), 6);
			assert_int_equal(json_array_size(json_object_get(body, "calendars")), 6);
			assert_non_null(strstr(text(body, "message"), "Successfully connected"));
			json_decref(body);
		}
		raw_reply_free(&reply);
		expect_state(begun, "done");
		/* The same again is over, whoever asks. */
		expect_failure(target_of(callback), 400, "bad_state");
		free(callback);
		json_decref(begun);
	}
}

static void test_a_hundred_callbacks_at_once(void **unused)
{
	enum { COUNT = 100 };
	int fds[COUNT], good = 0;
	(void)unused;
	json_t *begun = begin();
	char *callback = consented(begun, ada);
	json_int_t before = stage_count(&stage, "token.exchange");
	struct buf request = { 0 };
	buf_printf(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: application/json\r\n\r\n", target_of(callback), port);
	for (int i = 0; i < COUNT; i++) {
		fds[i] = raw_http_dial(port);
		assert_true(fds[i] >= 0);
		assert_true(raw_http_send(fds[i], request.data, request.len - 1));
	}
	for (int i = 0; i < COUNT; i++)
		assert_true(raw_http_send(fds[i], "\n", 1));
	for (int i = 0; i < COUNT; i++) {
		struct raw_reply reply;
		raw_http_finish(fds[i], &reply);
		assert_true(reply.status == 200 || reply.status == 400);
		good += reply.status == 200;
		raw_reply_free(&reply);
	}
	assert_int_equal(good, 1);
	assert_int_equal(stage_count(&stage, "token.exchange"), before + 1);
	buf_free(&request);
	free(callback);
	json_decref(begun);
}

static void test_states_that_are_none(void **unused)
{
	(void)unused;
	json_t *begun = begin();
	const char *state = text(begun, "state");
	char target[9000], changed[64];
	json_int_t before = stage_count(&stage, "token.exchange");
	(void)str_copy(changed, sizeof changed, state);
	changed[5] = changed[5] == 'A' ? 'B' : 'A';
	const struct {
		const char *query, *code;
	} rows[] = {
		{ "code=x", "bad_state" },
		{ "code=x&state=", "bad_state" },
		{ "code=x&state=unknown", "bad_state" },
		{ "code=x&STATE=%s", "bad_state" },
		{ "code=x&state=%s%%00", "bad_redirect" },
		{ "code=x&state=%s%%0d%%0a", "bad_state" },
		{ "code=x&state=%s%%zz", "bad_redirect" },
		{ "code=x&state=%%c0%%af", "bad_redirect" },
		{ "code=x&state=%s&state=%s", "bad_redirect" },
		{ "code=x&code=y&state=%s", "bad_redirect" },
		{ "code=x&state=%s&iss=a&iss=b", "bad_redirect" },
		{ "code=x&st%%61te=%s&state=%s", "bad_redirect" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int at = snprintf(target, sizeof target, "/api/calendars/google/callback?");
		for (const char *from = rows[i].query; *from; from++) {
			bool percent = from[0] == '%';
			if (percent && from[1] == 's')
				at += snprintf(target + at, sizeof target - (size_t)at, "%s", state);
			else
				target[at++] = *from;
			from += percent;
			target[at] = '\0';
		}
		expect_failure(target, 400, rows[i].code);
	}
	(void)snprintf(target, sizeof target, "/api/calendars/google/callback?code=x&state=%s", changed);
	expect_failure(target, 400, "bad_state");
	/* None of it used anything up. */
	assert_int_equal(stage_count(&stage, "token.exchange"), before);
	expect_state(begun, "created");
	char *callback = consented(begun, ada);
	struct raw_reply reply;
	get(target_of(callback), "*/*", &reply);
	assert_int_equal(reply.status, 200);
	raw_reply_free(&reply);
	free(callback);
	json_decref(begun);
}

/* With the right state, but nothing that can be used: the attempt is over. */
static void test_redirects_that_end_the_attempt(void **unused)
{
	static const struct {
		const char *rest, *code;
	} rows[] = {
		{ "", "bad_redirect" },
		{ "&code=", "bad_redirect" },
		{ "&code=x&error=access_denied", "bad_redirect" },
		{ "&code=x&iss=https://evil.example", "bad_redirect" },
		{ "&error=access_denied", "access_denied" },
		{ "&error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=%1b%5b2J", NULL },
	};
	char target[512];
	(void)unused;
	json_int_t before = stage_count(&stage, "token.exchange");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *begun = begin();
		(void)snprintf(target, sizeof target, "/api/calendars/google/callback?state=%s%s", text(begun, "state"), rows[i].rest);
		expect_failure(target, 400, rows[i].code);
		expect_state(begun, "failed");
		json_t *status = attempt_status(begun);
		if (rows[i].code)
			assert_string_equal(text(json_object_get(status, "error"), "code"), rows[i].code);
		json_decref(status);
		expect_failure(target, 400, "bad_state");
		json_decref(begun);
	}
	assert_int_equal(stage_count(&stage, "token.exchange"), before);
}

static void test_codes_that_the_provider_refuses(void **unused)
{
	char target[512];
	(void)unused;
	json_t *begun = begin();
	/* Smuggling parameters into the exchange does not work: the code is one value. */
	(void)snprintf(target, sizeof target, "/api/calendars/google/callback?code=x%%26redirect_uri=http://evil%%26a=b&state=%s",
	               text(begun, "state"));
	expect_failure(target, 502, "code_refused");
	expect_state(begun, "failed");
	json_decref(begun);
	/* The provider is away. */
	begun = begin();
	char *callback = consented(begun, ada);
	json_decref(stage_control(&stage, "{s:s,s:{s:s},s:{s:i}}", "op", "fault", "match", "path", "/token", "action", "status", 503));
	expect_failure(target_of(callback), 502, "provider_down");
	json_decref(stage_control(&stage, "{s:s}", "op", "clear_faults"));
	expect_state(begun, "failed");
	free(callback);
	json_decref(begun);
}

static void test_short_links(void **unused)
{
	char location[2048];
	struct raw_reply reply;
	(void)unused;
	json_t *begun = begin();
	const char *target = target_of(text(begun, "short_url"));
	/* Mail scanners open links: it works until the attempt is over. */
	for (int i = 0; i < 3; i++) {
		get(target, "*/*", &reply);
		assert_int_equal(reply.status, 302);
		assert_true(raw_header(&reply, "Location", location, sizeof location));
		assert_string_equal(location, text(begun, "authorization_url"));
		raw_reply_free(&reply);
		expect_state(begun, "opened");
	}
	json_decref(stage_call(&stage, "oauth.cancel", "{s:s}", "attempt_id", text(begun, "attempt_id")));
	get(target, "*/*", &reply);
	assert_int_equal(reply.status, 404);
	assert_false(raw_header(&reply, "Location", location, sizeof location));
	raw_reply_free(&reply);
	char *callback = consented(begun, ada);
	expect_failure(target_of(callback), 400, "bad_state");
	free(callback);
	json_decref(begun);
	/* Nor after a success. */
	begun = begin();
	callback = consented(begun, ada);
	get(target_of(callback), "*/*", &reply);
	assert_int_equal(reply.status, 200);
	raw_reply_free(&reply);
	get(target_of(text(begun, "short_url")), "*/*", &reply);
	assert_int_equal(reply.status, 404);
	raw_reply_free(&reply);
	free(callback);
	json_decref(begun);
}

/* What comes from outside comes back escaped, and what came with the request does not come back at all. */
static void test_nothing_is_reflected(void **unused)
{
	static const char hostile[] = "<b>x&'\"y@example.com";
	struct raw_reply reply;
	char target[256];
	(void)unused;
	json_decref(stage_control(&stage, "{s:s,s:s}", "op", "account_add", "email", hostile));
	json_t *begun = begin();
	char *callback = consented(begun, "%3Cb%3Ex%26'%22y@example.com");
	get(target_of(callback), "text/html", &reply);
	assert_int_equal(reply.status, 200);
	assert_null(strstr(reply.body, "<b>"));
	assert_null(strchr(reply.body, 0x1b));
	assert_non_null(strstr(reply.body, "&lt;b&gt;x&amp;"));
	raw_reply_free(&reply);
	free(callback);
	json_decref(begun);
	static const char *const targets[] = {
		"/mArKeR",
		"/c/mArKeR",
		"/api/calendars/google/callback?code=mArKeR&state=mArKeR&error=mArKeR&mArKeR=1",
		"/api/calendars/google/callback?state=mArKeR&error=%3CmArKeR%3E&error_description=mArKeR&iss=mArKeR",
		"/api/calendars/google/callback?mArKeR=1&mArKeR=2",
	};
	for (size_t i = 0; i < 2 * sizeof targets / sizeof targets[0]; i++) {
		get(targets[i / 2], i % 2 ? "application/json" : "text/html", &reply);
		assert_null(strstr(buf_text(&reply.text), "mArKeR"));
		raw_reply_free(&reply);
	}
	begun = begin();
	(void)snprintf(target, sizeof target, "/api/calendars/google/callback?code=mArKeR&error=mArKeR&state=%s", text(begun, "state"));
	get(target, "text/html", &reply);
	assert_null(strstr(buf_text(&reply.text), "mArKeR"));
	raw_reply_free(&reply);
	json_decref(begun);
}

static int open_stage(void **unused)
{
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	json_t *info = stage_call(&stage, "system.info", NULL);
	port = (int)strtol(strrchr(text(info, "callback_url"), ':') + 1, NULL, 10);
	json_decref(info);
	return 0;
}

static void test_close(void **unused)
{
	(void)unused;
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_health),
		cmocka_unit_test(test_page_for_people_and_json_for_programs),
		cmocka_unit_test(test_a_hundred_callbacks_at_once),
		cmocka_unit_test(test_states_that_are_none),
		cmocka_unit_test(test_redirects_that_end_the_attempt),
		cmocka_unit_test(test_codes_that_the_provider_refuses),
		cmocka_unit_test(test_short_links),
		cmocka_unit_test(test_nothing_is_reflected),
		cmocka_unit_test(test_close),
	};
	return cmocka_run_group_tests(tests, open_stage, NULL);
}
