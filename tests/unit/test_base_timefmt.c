/* RFC 3339 texts and the calendar behind them. */
#include "ipc/base/timefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void expect(int64_t at, const char *text)
{
	char out[TIME_TEXT_SIZE];
	int64_t back;
	time_format(out, at);
	assert_string_equal(out, text);
	if (at >= 0) {
		assert_true(time_parse(text, &back));
		assert_true(back == at);
	}
}

static void test_format(void **state)
{
	(void)state;
	expect(0, "1970-01-01T00:00:00Z");
	expect(1, "1970-01-01T00:00:00.001Z");
	expect(1795356829000, "2026-11-22T14:13:49Z");
	expect(1795356829250, "2026-11-22T14:13:49.250Z");
	expect(951782400000, "2000-02-29T00:00:00Z");
	expect(253402300799999, "9999-12-31T23:59:59.999Z");
	expect(-1, "1969-12-31T23:59:59.999Z");
	expect(-62167219200000, "0000-01-01T00:00:00Z");
}

static void test_parse_offsets(void **state)
{
	(void)state;
	int64_t utc, other;
	assert_true(time_parse("2026-03-01T00:30:00Z", &utc));
	assert_true(time_parse("2026-03-01T02:30:00+02:00", &other));
	assert_true(utc == other);
	assert_true(time_parse("2026-02-28T19:00:00-05:30", &other));
	assert_true(utc == other);
	assert_true(time_parse("2026-03-01t00:30:00z", &other));
	assert_true(utc == other);
	assert_true(time_parse("2026-03-01T00:30:00.1239Z", &other));
	assert_true(utc + 123 == other);
}

static void test_parse_refuses(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "2026", "2026-01-01", "0000-00-00T00:00:00Z", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z",
		"2024-01-01T00:00:61Z", "10000-01-01T00:00:00Z", "2024-01-15T10:00:00+99:99", "2024-01-15T10:00:00+24:00",
		"2024-01-15T10:00:00", "2024-01-15 10:00:00Z", "2024-01-15T10:00:00Zx", "2024-01-15T10:00:00.Z", " 2024-01-15T10:00:00Z",
		"1969-12-31T23:59:59Z", "-2024-01-15T10:00:00Z", "2024-1-15T10:00:00Z", "2024-01-15T10:00:00+0100",
	};
	int64_t at;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (time_parse(bad[i], &at))
			fail_msg("'%s' was taken for a time", bad[i]);
}

/* Every day of four centuries against libc. */
static void test_civil_agrees_with_libc(void **state)
{
	(void)state;
	for (int64_t days = -200000; days <= 200000; days += 1) {
		int64_t year;
		int month, day;
		struct tm tm;
		time_t at = (time_t)(days * 86400);
		time_civil_from_days(days, &year, &month, &day);
		gmtime_r(&at, &tm);
		if (year != tm.tm_year + 1900 || month != tm.tm_mon + 1 || day != tm.tm_mday)
			fail_msg("day %lld", (long long)days);
		assert_true(time_days_from_civil(year, month, day) == days);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_parse_offsets),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_civil_agrees_with_libc),
	};
	return cmocka_run_group_tests_name("base/timefmt", tests, NULL, NULL);
}
