/* The explanation of health, without a store: what is found, what would mend it, what comes next. The model here knows only the
 * contract's table and asks health_state again and again. */
#include "daemon/health_rules.h"
#include "daemon/health_texts.h"

#include "ipc/base/strutil.h"
#include "ipc/method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

enum { MINUTE = 60000, KINDS = REASON_COUNT + 1 };

/* Every reason, scope_missing twice: as it is, and essential. */
static struct health_reason kind(size_t n)
{
	struct health_reason reason = { .reason = n < REASON_COUNT ? (enum reason)n : REASON_SCOPE_MISSING,
		                        .essential = n == REASON_COUNT,
		                        .count = 1,
		                        .first_at = (int64_t)(1000 * (n + 1)),
		                        .last_at = (int64_t)(1000 * (n + 1)) };
	return reason;
}

static bool needs_consent(enum reason reason)
{
	return strcmp(reason_row(reason)->reason_class, "auth") == 0;
}

/* All of the record's reasons but those that one consent (or the mending of that reason) takes away. */
static enum connection_state model_would_be(const struct health_record *record, const struct health_reason *mended)
{
	struct health_reason left[4];
	struct health_record after = *record;
	after.reasons = left;
	after.reason_count = 0;
	after.grant_live |= needs_consent(mended->reason);
	for (size_t i = 0; i < record->reason_count; i++) {
		const struct health_reason *other = &record->reasons[i];
		bool gone = other->reason == mended->reason ||
		            (needs_consent(other->reason) && needs_consent(mended->reason) &&
		             (other->reason != REASON_SCOPE_MISSING || mended->reason == REASON_SCOPE_MISSING));
		if (!gone)
			left[after.reason_count++] = *other;
	}
	return health_state(&after);
}

static void check_conditions(const struct health_explanation *why)
{
	for (size_t i = 0; i < why->condition_count; i++) {
		assert_true(why->conditions[i] && why->conditions[i][0]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(why->conditions[i], why->conditions[k]);
	}
	assert_int_equal(why->condition_count == 0, why->state == STATE_CONNECTED);
	for (size_t i = 0; i < why->count; i++) {
		bool told = false;
		for (size_t k = 0; k < why->condition_count; k++)
			told |= why->conditions[k] == why->findings[i].condition;
		assert_true(told || why->findings[i].state == STATE_CONNECTED);
	}
}

static void check_record(const struct health_record *record)
{
	static struct health_explanation why;
	health_explain(record, &why);
	assert_int_equal(why.state, health_state(record));
	size_t implied = why.count - record->reason_count;
	assert_true(implied <= 1);
	for (size_t i = 0; i < why.count; i++) {
		const struct health_finding *finding = &why.findings[i];
		assert_int_equal(finding->state, health_reason_state(&finding->reason));
		assert_int_equal(finding->would_be, model_would_be(record, &finding->reason));
		if (i > 0)
			assert_true(why.findings[i - 1].state <= finding->state);
		if (i > 0 && why.findings[i - 1].state == finding->state)
			assert_true(why.findings[i - 1].reason.first_at <= finding->reason.first_at);
	}
	/* Nothing is ill without a reason. */
	if (!record->disconnected && !record->paused && why.state < STATE_PENDING)
		assert_int_equal(why.findings[0].state, why.state);
	check_conditions(&why);
}

static void test_every_pair(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 16; flags++) {
		for (size_t a = REASON_NONE; a < KINDS; a++) {
			for (size_t b = REASON_NONE; b < KINDS; b++) {
				const struct health_reason reasons[] = { kind(a), kind(b) };
				const struct health_record record = {
					.disconnected = flags & 1, .paused = flags & 2, .grant_live = flags & 4, .synced = flags & 8,
					.reasons = a == REASON_NONE ? reasons + 1 : reasons,
					.reason_count = (size_t)(a != REASON_NONE) + (b != REASON_NONE),
					.since = 500,
				};
				if (b != REASON_NONE || a == REASON_NONE)
					check_record(&record);
			}
		}
	}
}

static void explain(struct health_explanation *why, struct health_record record, const struct health_reason *reasons, size_t count)
{
	record.reasons = reasons;
	record.reason_count = count;
	health_explain(&record, why);
}

static void test_sentences(void **state)
{
	(void)state;
	struct health_explanation why;
	const struct health_record well = { .grant_live = true, .synced = true };
	explain(&why, well, NULL, 0);
	assert_int_equal(why.count + why.condition_count, 0);
	assert_null(why.action_method);

	const struct health_reason two[] = { { .reason = REASON_PROVIDER_DOWN, .count = 1, .first_at = 1 },
		                             { .reason = REASON_GRANT_REVOKED, .count = 1, .first_at = 2 } };
	explain(&why, (struct health_record){ .synced = true }, two, 2);
	assert_int_equal(why.state, STATE_REAUTH_REQUIRED);
	assert_int_equal(why.findings[0].reason.reason, REASON_GRANT_REVOKED);
	assert_int_equal(why.findings[0].would_be, STATE_DEGRADED);
	assert_int_equal(why.findings[1].would_be, STATE_REAUTH_REQUIRED);
	assert_int_equal(why.condition_count, 2);
	assert_string_equal(why.conditions[0], "a person consents again");
	assert_string_equal(why.conditions[1], "the provider answers again");
	assert_string_equal(why.action_method, "oauth.begin");

	/* A grant that is dead without anybody having said why. */
	explain(&why, (struct health_record){ .synced = true, .since = 77 }, NULL, 0);
	assert_int_equal(why.count, 1);
	assert_int_equal(why.findings[0].reason.reason, REASON_GRANT_MISSING);
	assert_int_equal(why.findings[0].reason.first_at, 77);
	assert_int_equal(why.findings[0].would_be, STATE_CONNECTED);

	explain(&why, (struct health_record){ .grant_live = true }, NULL, 0);
	assert_int_equal(why.state, STATE_PENDING);
	assert_string_equal(why.conditions[0], "its first calendar list comes in");

	explain(&why, (struct health_record){ .disconnected = true, .synced = true }, NULL, 0);
	assert_int_equal(why.count, 0);
	assert_int_equal(why.condition_count, 2);
	assert_string_equal(why.action_method, "connection.restore");

	explain(&why, (struct health_record){ .paused = true, .grant_live = true, .synced = true }, two, 1);
	assert_int_equal(why.state, STATE_PAUSED);
	assert_int_equal(why.findings[0].would_be, STATE_PAUSED);
	assert_string_equal(why.conditions[0], "it is resumed");
	assert_int_equal(why.condition_count, 2);
	assert_string_equal(why.action_method, "connection.resume");
}

static void test_next_is_in_order(void **state)
{
	(void)state;
	struct health_explanation why;
	const struct health_next next[] = { { "token_refresh", 300, "expiry" }, { "resume", 0, "pause" }, { "calendar_sync", 200, "interval" } };
	const struct health_record record = { .grant_live = true, .synced = true, .next = next, .next_count = 3 };
	health_explain(&record, &why);
	assert_int_equal(why.next_count, 2);
	assert_string_equal(why.next[0].what, "calendar_sync");
	assert_string_equal(why.next[1].what, "token_refresh");
}

static void test_overdue(void **state)
{
	(void)state;
	const int64_t now = 1000 * MINUTE, intervals[] = { 0, MINUTE, 15 * MINUTE, 60 * MINUTE };
	for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
		int64_t grace = intervals[i] > 15 * MINUTE ? intervals[i] : 15 * MINUTE;
		assert_false(health_is_overdue(now - grace, intervals[i], now));
		assert_true(health_is_overdue(now - grace - 1, intervals[i], now));
		assert_false(health_is_overdue(now + 1, intervals[i], now));
		assert_false(health_is_overdue(0, intervals[i], now));
	}
}

/* More reasons than the explanation holds are cut, not written beyond it. */
static void test_many(void **state)
{
	(void)state;
	static struct health_reason reasons[HEALTH_REASONS_MAX * 2];
	struct health_explanation why;
	for (size_t i = 0; i < HEALTH_REASONS_MAX * 2; i++)
		reasons[i] = kind(1 + i % (KINDS - 1));
	explain(&why, (struct health_record){ .synced = true }, reasons, HEALTH_REASONS_MAX * 2);
	assert_int_equal(why.count, HEALTH_REASONS_MAX);
	assert_true(why.condition_count <= HEALTH_CONDITIONS_MAX);
}

/* Each reason in words: whole sentences, and an action that exists. */
static void test_texts(void **state)
{
	(void)state;
	static const char *const whys[] = { "interval", "expiry", "backoff",     "retry_after", "manual", "consent",
		                            "recovery", "sweep",  "interrupted", "pause",       "trash" };
	for (enum reason reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
		const struct health_text *text = health_text(reason);
		const char *const sentences[] = { text->meaning, text->fix, text->retry };
		for (size_t i = 0; i < 3; i++)
			assert_true(sentences[i] && strlen(sentences[i]) > 5 && sentences[i][strlen(sentences[i]) - 1] == '.');
		assert_non_null(text->causes[0]);
		assert_true(text->condition[0] && text->condition[strlen(text->condition) - 1] != '.');
		const char *method = reason_row(reason)->action_method;
		if (method)
			assert_non_null(method_find(method, strlen(method)));
	}
	for (size_t i = 0; i < sizeof whys / sizeof whys[0]; i++)
		assert_true(health_why_text(whys[i])[0]);
	assert_string_equal(health_why_text("nonsense"), "");
	assert_string_equal(health_why_text(NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair), cmocka_unit_test(test_sentences), cmocka_unit_test(test_next_is_in_order),
		cmocka_unit_test(test_overdue),    cmocka_unit_test(test_many),      cmocka_unit_test(test_texts),
	};
	return cmocka_run_group_tests_name("daemon/health_rules", tests, NULL, NULL);
}
