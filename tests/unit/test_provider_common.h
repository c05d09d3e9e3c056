/* What the tests of providers share: a configuration, replies from text or from tests/fixtures, and requests as text. The
 * fixtures are looked for below the working directory, or in $ALMANAC_FIXTURES. */
#ifndef TESTS_UNIT_TEST_PROVIDER_COMMON_H
#define TESTS_UNIT_TEST_PROVIDER_COMMON_H

#include "daemon/provider/provider.h"

#include "ipc/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SCOPE(name_) "https://www.googleapis.com/auth/" name_

/* The caller frees it with http_response_clear. */
static inline struct http_response reply_of(int status, const char *body)
{
	struct http_response response = { .result = HTTP_OK, .status = status };
	secret_buf_add_text(&response.body, body);
	return response;
}

static inline char *fixture_text(const char *name)
{
	const char *root = getenv("ALMANAC_FIXTURES");
	struct buf path = { 0 }, text = { 0 };
	buf_printf(&path, "%s/google/%s", root ? root : "tests/fixtures", name);
	FILE *file = fopen(buf_text(&path), "r");
	if (!file)
		fail_msg("cannot open %s", buf_text(&path));
	char chunk[4096];
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
		buf_add(&text, chunk, n);
	(void)fclose(file);
	buf_free(&path);
	return text.data;
}

static inline struct http_response reply_from(int status, const char *name)
{
	char *text = fixture_text(name);
	struct http_response response = reply_of(status, text);
	free(text);
	return response;
}

static inline const struct provider *google(void)
{
	const struct provider *provider = provider_find("google");
	assert_non_null(provider);
	return provider;
}

/* client_secret: "GOCSPX-5ecret/+&=" */
static inline const struct provider_config *config_plain(void)
{
	static struct provider_config config = {
		.client_id = "123-abc.apps.googleusercontent.com",
		.scopes = "openid email " SCOPE("calendar.readonly") " " SCOPE("calendar.events"),
		.auth_url = "https://accounts.google.com/o/oauth2/v2/auth",
		.token_url = "https://oauth2.googleapis.com/token",
		.revoke_url = "https://oauth2.googleapis.com/revoke",
		.userinfo_url = "https://www.googleapis.com/oauth2/v2/userinfo",
		.api_url = "https://www.googleapis.com/calendar/v3",
		.redirect_uri = "https://calendars.example.com/api/calendars/google/callback",
	};
	if (!config.client_secret)
		config.client_secret = secret_new("GOCSPX-5ecret/+&=", 17);
	return &config;
}

static inline void config_release(void)
{
	secret_unref(config_plain()->client_secret);
}

static inline struct step next(struct operation *operation, const struct http_response *response)
{
	return operation->class->next(operation, response);
}

/* The next step of an operation for a reply that is used once. */
static inline struct step next_reply(struct operation *operation, struct http_response response)
{
	struct step step = next(operation, &response);
	http_response_clear(&response);
	return step;
}

static inline void expect_url(struct step step, enum http_method method, const char *url)
{
	assert_int_equal(step.kind, STEP_SEND);
	assert_int_equal(step.request->method, method);
	assert_string_equal(step.request->url, url);
	http_request_free(step.request);
}

static inline void expect_post(struct step step, const char *url, const char *type, const char *body)
{
	assert_int_equal(step.kind, STEP_SEND);
	assert_string_equal(step.request->content_type, type);
	assert_string_equal(step.request->body.data, body);
	expect_url(step, HTTP_POST, url);
}

static inline void expect_failure(struct step step, enum reason reason, enum verdict verdict)
{
	assert_int_equal(step.kind, STEP_FAIL);
	assert_string_equal(reason_row(step.failure.reason)->code, reason_row(reason)->code);
	assert_int_equal(step.failure.verdict, verdict);
	assert_true(step.failure.message[0] != '\0');
}

/* The first of two steps of an operation is a request that does not matter here. */
static inline void skip_request(struct operation *operation)
{
	struct step step = next(operation, NULL);
	assert_int_equal(step.kind, STEP_SEND);
	http_request_free(step.request);
}

#endif
