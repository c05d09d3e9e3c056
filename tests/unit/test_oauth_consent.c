/* The consent flow: begin, redirect, single use, what ends an attempt (CONTRACT.md sections 4 and 5, SAFETY.md OAU-1…10). */
#include "daemon/oauth/attempt.h"
#include "tests/support/world_store.h"

#include "ipc/base/strutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char workspace[ID_TEXT_SIZE];

static void begin(struct world *world, struct consent_begun *begun)
{
	world_workspace(world, "acme", workspace);
	world_begin(world, &(struct consent_begin){ .workspace_id = workspace, .login_hint = "a@example.com" }, begun);
}

static void expect_attempt(struct world *world, const struct consent_begun *begun, const char *state, const char *code)
{
	char text[64];
	world_text(world, "SELECT state FROM attempts WHERE id = :a", begun->attempt_id, text, sizeof text);
	assert_string_equal(text, state);
	world_text(world, "SELECT error_code FROM attempts WHERE id = :a", begun->attempt_id, text, sizeof text);
	assert_string_equal(text, code);
}

/* A redirect that must fail with this, before anything is sent. */
static void expect_refused(struct world *world, const struct consent_redirect *redirect, int status, const char *code,
                           enum err_code err_code)
{
	static struct world_outcome outcome;
	size_t sent = fake_count(world->fake, NULL);
	world_complete(world, redirect, &outcome);
	assert_int_equal(outcome.outcome.http_status, status);
	assert_string_equal(outcome.outcome.code, code);
	assert_int_equal(outcome.outcome.err.code, err_code);
	assert_true(outcome.outcome.err.message[0] != '\0');
	assert_int_equal(fake_count(world->fake, NULL), sent);
}

static void expect_success(const struct world_outcome *outcome, bool created)
{
	assert_string_equal(outcome->outcome.err.message, "");
	assert_int_equal(outcome->outcome.err.code, ERR_NONE);
	assert_int_equal(outcome->outcome.http_status, 200);
	assert_int_equal(outcome->outcome.created, created);
}

static void test_happy_path(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	char text[256];
	begin(world, &begun);
	expect_attempt(world, &begun, "created", "");
	world_complete(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	expect_success(&outcome, true);
	const char *id = outcome.outcome.connection_id;
	expect_attempt(world, &begun, "done", "");
	world_text(world, "SELECT connection_id FROM attempts WHERE id = :a", begun.attempt_id, text, sizeof text);
	assert_string_equal(text, id);
	world_expect_state(world, id, "connected", "");
	assert_int_equal(world_number(world, "SELECT count(*) FROM connections", NULL), 1);
	assert_int_equal(world_number(world, "SELECT count(*) FROM grants WHERE live = 1 AND generation = 1", NULL), 1);
	assert_int_equal(world_number(world, "SELECT count(*) FROM calendars WHERE connection_id = :a", id), 2);
	assert_int_equal(world_number(world, "SELECT access_expires_at FROM grants", NULL), world->wall + WORLD_HOUR);
	world_text(world, "SELECT account_email || ' ' || subject || ' ' || active FROM connections", NULL, text, sizeof text);
	assert_string_equal(text, "alice@example.com sub-alice 1");
	world_text(world, "SELECT scopes FROM grants", NULL, text, sizeof text);
	assert_string_equal(text, GOOGLE_SCOPES_ALL);
	assert_int_equal(world_number(world, "SELECT count(*) FROM audit WHERE method = 'oauth.callback'", NULL), 1);
	assert_int_equal(fake_count(world->fake, GOOGLE_TOKEN), 1);
	consent_begun_free(&begun);
}

/* The value of a query parameter that needs no unescaping. */
static void query_value(const char *url, const char *name, char *out, size_t size)
{
	struct buf key = { 0 };
	buf_printf(&key, "&%s=", name);
	const char *at = strstr(url, buf_text(&key));
	assert_non_null(at);
	at += key.len;
	(void)snprintf(out, size, "%.*s", (int)strcspn(at, "&"), at);
	buf_free(&key);
}

static void test_what_goes_out(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	char text[128], challenge[DIGEST_TOKEN_SIZE], verifier[64] = "";
	begin(world, &begun);
	const char *url = buf_text(&begun.authorization_url);
	assert_true(str_starts_with(url, "https://google.test/auth?"));
	query_value(url, "state", text, sizeof text);
	assert_string_equal(text, begun.state);
	query_value(url, "code_challenge_method", text, sizeof text);
	assert_string_equal(text, "S256");
	query_value(url, "code_challenge", text, sizeof text);
	assert_non_null(strstr(url, "login_hint=a%40example.com"));
	assert_null(strstr(url, "client-secret"));
	assert_true(str_starts_with(buf_text(&begun.short_url), "https://almanac.test/c/"));
	assert_null(strstr(url, buf_text(&begun.short_url) + strlen("https://almanac.test/c/")));
	world_complete(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	/* The verifier that is sent is the one that was challenged. */
	const char *at = strstr(fake_last(world->fake, GOOGLE_TOKEN)->body, "code_verifier=");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "code_verifier=%63[A-Za-z0-9_-]", verifier), 1);
	digest_pkce_challenge(challenge, verifier);
	assert_string_equal(challenge, text);
	assert_string_equal(fake_last(world->fake, GOOGLE_USERINFO)->bearer, "at-alice-1");
	/* Neither state, verifier, short token nor any token stands in the store's files. */
	const char *short_token = buf_text(&begun.short_url) + strlen("https://almanac.test/c/");
	const char *const secrets[] = { begun.state, verifier, short_token, "at-alice-1", "rt-alice-1" };
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		assert_int_equal(world_files_with(world, secrets[i], strlen(secrets[i])), 0);
	assert_int_equal(world_number(world, "SELECT count(*) FROM attempts WHERE secrets IS NOT NULL", NULL), 0);
	consent_begun_free(&begun);
}

static void test_nothing_leaves_before_the_commit(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	begin(world, &begun);
	world_complete_start(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	assert_true(world_has_open_tick(world));
	assert_int_equal(fake_count(world->fake, NULL), 0);
	world_until(world, &outcome.done, WORLD_MINUTE);
	expect_success(&outcome, true);
	consent_begun_free(&begun);
}

static void test_hundred_callbacks_one_exchange(void **state)
{
	enum { COUNT = 100 };
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcomes[COUNT];
	int good = 0;
	begin(world, &begun);
	const struct consent_redirect redirect = { .state = begun.state, .code = "alice" };
	for (int i = 0; i < COUNT; i++) {
		world_complete_start(world, &redirect, &outcomes[i]);
		if (i % 10 == 9)
			world_run(world);
	}
	world_quiet(world, WORLD_MINUTE);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(outcomes[i].told, 1);
		good += outcomes[i].outcome.http_status == 200;
		if (outcomes[i].outcome.http_status != 200)
			assert_string_equal(outcomes[i].outcome.code, "bad_state");
	}
	assert_int_equal(good, 1);
	assert_int_equal(fake_count(world->fake, GOOGLE_TOKEN), 1);
	expect_refused(world, &redirect, 400, "bad_state", ERR_CONFLICT);
	consent_begun_free(&begun);
}

static void test_unknown_state_uses_nothing_up(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	char tampered[64];
	begin(world, &begun);
	(void)str_copy(tampered, sizeof tampered, begun.state);
	tampered[42] = tampered[42] == 'A' ? 'E' : 'A';
	const char *const states[] = { NULL, "", "x", tampered, begun.attempt_id, buf_text(&begun.short_url) };
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		expect_refused(world, &(struct consent_redirect){ .state = states[i], .code = "alice" }, 400, "bad_state", ERR_NOT_FOUND);
	expect_attempt(world, &begun, "created", "");
	world_complete(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	expect_success(&outcome, true);
	consent_begun_free(&begun);
}

static void test_bad_redirects_end_the_attempt(void **state)
{
	static char long_code[2050];
	struct world *world = *state;
	memset(long_code, 'x', sizeof long_code - 1);
	const struct {
		struct consent_redirect redirect;
		const char *code;
		enum err_code err_code;
	} rows[] = {
		{ { .error = "access_denied" }, "access_denied", ERR_PROVIDER_REJECTED },
		{ { .error = "<script>" }, "provider_refused", ERR_PROVIDER_REJECTED },
		{ { .error = "" }, "provider_refused", ERR_PROVIDER_REJECTED },
		{ { .code = "alice", .error = "access_denied" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = "alice", .error = "" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = NULL }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = "" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = long_code }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = "alice", .issuer = "https://evil.test" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = "alice", .issuer = "https://google.test/" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = "alice", .issuer = "https://google.tes" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = "alice", .issuer = "https://google.test.evil" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .code = "alice", .issuer = "" }, "bad_redirect", ERR_INVALID_REQUEST },
		{ { .error = "access_denied", .issuer = "https://evil.test" }, "bad_redirect", ERR_INVALID_REQUEST },
	};
	world_workspace(world, "acme", workspace);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct consent_begun begun;
		struct consent_redirect redirect = rows[i].redirect;
		world_begin(world, &(struct consent_begin){ .workspace_id = workspace }, &begun);
		redirect.state = begun.state;
		expect_refused(world, &redirect, 400, rows[i].code, rows[i].err_code);
		expect_attempt(world, &begun, "failed", rows[i].code);
		expect_refused(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, 400, "bad_state", ERR_CONFLICT);
		consent_begun_free(&begun);
	}
	assert_int_equal(world_number(world, "SELECT count(*) FROM attempts WHERE secrets IS NOT NULL", NULL), 0);
}

static void test_right_issuer(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	begin(world, &begun);
	world_complete(world,
	               &(struct consent_redirect){ .state = begun.state, .code = "alice", .issuer = "https://google.test" },
	               &outcome);
	expect_success(&outcome, true);
	consent_begun_free(&begun);
}

static void test_expired(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	begin(world, &begun);
	world_advance(world, begun.expires_at - world->wall);
	expect_refused(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, 400, "bad_state", ERR_CONFLICT);
	consent_begun_free(&begun);
}

static void test_short_link(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	struct err err;
	begin(world, &begun);
	const char *token = strrchr(buf_text(&begun.short_url), '/') + 1;
	for (int i = 0; i < 3; i++) {
		struct buf url = { 0 };
		assert_int_equal(consent_open_short(&world->core, token, &url, &err), 0);
		assert_string_equal(buf_text(&url), buf_text(&begun.authorization_url));
		buf_free(&url);
		world_run(world);
		expect_attempt(world, &begun, "opened", "");
	}
	struct buf url = { 0 };
	assert_int_equal(consent_open_short(&world->core, begun.state, &url, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	world_complete(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	expect_success(&outcome, true);
	assert_int_equal(consent_open_short(&world->core, token, &url, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(url.len, 0);
	consent_begun_free(&begun);
	world_begin(world, &(struct consent_begin){ .workspace_id = workspace, .expires_in_ms = WORLD_MINUTE }, &begun);
	world_advance(world, WORLD_MINUTE);
	assert_int_equal(consent_open_short(&world->core, strrchr(buf_text(&begun.short_url), '/') + 1, &url, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	consent_begun_free(&begun);
}

static void test_cancel(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	static struct world_outcome outcome;
	struct err err;
	begin(world, &begun);
	assert_int_equal(consent_cancel(&world->core, begun.attempt_id, &err), 0);
	world_run(world);
	expect_attempt(world, &begun, "cancelled", "");
	assert_int_equal(consent_cancel(&world->core, begun.attempt_id, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(consent_cancel(&world->core, workspace, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	expect_refused(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, 400, "bad_state", ERR_CONFLICT);
	consent_begun_free(&begun);
	/* One that has come back is past cancelling. */
	world_begin(world, &(struct consent_begin){ .workspace_id = workspace }, &begun);
	world_complete_start(world, &(struct consent_redirect){ .state = begun.state, .code = "alice" }, &outcome);
	assert_int_equal(consent_cancel(&world->core, begun.attempt_id, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	world_until(world, &outcome.done, WORLD_MINUTE);
	expect_success(&outcome, true);
	expect_attempt(world, &begun, "done", "");
	consent_begun_free(&begun);
}

static void test_find_state(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	struct err err;
	char attempt_id[ID_TEXT_SIZE], workspace_id[ID_TEXT_SIZE];
	begin(world, &begun);
	assert_int_equal(consent_find_state(&world->core, begun.state, attempt_id, workspace_id, &err), 0);
	assert_string_equal(attempt_id, begun.attempt_id);
	assert_string_equal(workspace_id, workspace);
	assert_int_equal(consent_find_state(&world->core, "x", attempt_id, workspace_id, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	consent_begun_free(&begun);
}

static void test_not_ready(void **state)
{
	struct world *world = *state;
	struct consent_begun begun;
	struct err err;
	const struct consent_begin in = { .workspace_id = workspace, .provider = "google", .expires_in_ms = WORLD_MINUTE };
	struct secret *secret = world->core.google.client_secret;
	world_workspace(world, "acme", workspace);
	world->core.google.client_secret = NULL;
	assert_int_equal(consent_begin(&world->core, "https://almanac.test", &in, &begun, &err), -1);
	assert_int_equal(err.code, ERR_APP_MISCONFIGURED);
	world->core.google.client_secret = secret;
	world->core.google.client_id = "";
	assert_int_equal(consent_begin(&world->core, "https://almanac.test", &in, &begun, &err), -1);
	assert_int_equal(err.code, ERR_APP_MISCONFIGURED);
	consent_begun_free(&begun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_happy_path),
		WORLD_TEST(test_what_goes_out),
		WORLD_TEST(test_nothing_leaves_before_the_commit),
		WORLD_TEST(test_hundred_callbacks_one_exchange),
		WORLD_TEST(test_unknown_state_uses_nothing_up),
		WORLD_TEST(test_bad_redirects_end_the_attempt),
		WORLD_TEST(test_right_issuer),
		WORLD_TEST(test_expired),
		WORLD_TEST(test_short_link),
		WORLD_TEST(test_cancel),
		WORLD_TEST(test_find_state),
		WORLD_TEST(test_not_ready),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
