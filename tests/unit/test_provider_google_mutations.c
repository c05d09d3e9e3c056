/* Every fixture, damaged thousands of times in a repeatable way, through every operation: whatever comes, a step comes out and
 * nothing is read that is not there (run under the sanitizers). */
#include "tests/unit/test_provider_common.h"

enum { OPERATIONS = 6, ROUNDS = 150 };

static const struct {
	const char *name;
	int status;
} fixtures[] = {
	{ "token_exchange.json", 200 }, { "token_refresh.json", 200 }, { "userinfo_v2.json", 200 }, { "userinfo_v3.json", 200 },
	{ "calendar_list.json", 200 }, { "calendar_list_page1.json", 200 }, { "calendar_list_changes.json", 200 },
	{ "calendar_list_hostile.json", 200 }, { "free_busy.json", 200 }, { "error_page.html", 502 },
	{ "error_scope.json", 403 },
	{ "error_rate_project_minute.json", 429 }, { "error_full_sync.json", 410 }, { "error_not_configured.json", 403 },
	{ "error_invalid_grant.json", 400 }, { "error_invalid_rapt.json", 400 }, { "error_invalid_token.json", 400 },
	{ "error_auth_error.json", 401 },
};

/* xorshift64 (Marsaglia 2003): the same damage in every run. */
static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static struct operation *operation_new(size_t kind, const struct secret *secret)
{
	static const char *const ids[] = { "ada@example.com", "free@example.com", "gone@example.com" };
	const struct provider_config *config = config_plain();
	switch (kind) {
	case 0:
		return google()->exchange(config, secret, secret);
	case 1:
		return google()->refresh(config, secret);
	case 2:
		return google()->revoke(config, secret);
	case 3:
		return google()->userinfo(config);
	case 4:
		return google()->calendar_list(config, "cursor");
	default:
		return google()->free_busy(config, ids, 3, 1772323200000, 1772409600000);
	}
}

/* Flip bits, overwrite with what means something in JSON, cut out, or cut off. */
static void damage(struct secret_buf *body, uint64_t *seed)
{
	static const char special[] = "\"\\{}[],:0-e.\0\n\xff\xc2tn";
	size_t times = random_next(seed) % 4;
	for (size_t i = 0; i <= times && body->len > 2; i++) {
		size_t at = random_next(seed) % body->len;
		switch (random_next(seed) % 5) {
		case 0:
		case 1:
			body->data[at] = (char)(body->data[at] ^ (1 << (random_next(seed) % 8)));
			break;
		case 2:
			body->data[at] = special[random_next(seed) % (sizeof special - 1)];
			break;
		case 3:
			memmove(body->data + at, body->data + at + 1, body->len - at - 1);
			body->len--;
			break;
		default:
			if (random_next(seed) % 4 == 0)
				body->len = at;
		}
	}
}

static struct http_response damaged(const char *text, int status, uint64_t *seed)
{
	struct http_response response = reply_of(status, text);
	damage(&response.body, seed);
	if (random_next(seed) % 8 == 0)
		response.status = 200;
	return response;
}

static void check_step(const struct operation *op, struct step step)
{
	switch (step.kind) {
	case STEP_SEND:
		assert_non_null(step.request);
		assert_null(strpbrk(step.request->url, "\r\n \"<>"));
		http_request_free(step.request);
		break;
	case STEP_FAIL:
		assert_true(step.failure.reason != REASON_NONE && step.failure.reason < REASON_COUNT);
		assert_true(step.failure.verdict != VERDICT_OK);
		break;
	case STEP_DONE:
		assert_true(!google()->token_result(op) || google()->token_result(op)->access);
		break;
	}
}

static void mutate(const char *text, int status, size_t kind, const struct secret *secret, uint64_t *seed)
{
	struct operation *op = operation_new(kind, secret);
	for (int reply = 0; reply < 3; reply++) {
		struct http_response response = damaged(text, status, seed);
		check_step(op, next(op, &response));
		http_response_clear(&response);
		check_step(op, next(op, NULL));
	}
	operation_free(op);
}

static void test_mutations(void **state)
{
	(void)state;
	uint64_t seed = 20260301;
	struct secret *secret = secret_new("s3cret", 6);
	for (size_t f = 0; f < sizeof fixtures / sizeof fixtures[0]; f++) {
		char *text = fixture_text(fixtures[f].name);
		for (size_t i = 0; i < (size_t)ROUNDS * OPERATIONS; i++)
			mutate(text, fixtures[f].status, i % OPERATIONS, secret, &seed);
		free(text);
	}
	secret_unref(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_mutations) };
	if (secret_setup() != 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	config_release();
	return failed;
}
