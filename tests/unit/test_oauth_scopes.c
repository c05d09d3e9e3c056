/* Scope lists as sets, and what Google's scopes cover (PROVIDERS.md 2.1). */
#include "daemon/provider/scopes.h"

#include "daemon/provider/google/scope_table.h"
#include "tests/unit/test_provider_common.h"

#define CAL SCOPE("calendar")

static const struct {
	const char *granted, *wanted;
	bool covers;
} cover_rows[] = {
	{ "", "", true },
	{ "openid", "", true },
	{ "", "openid", false },
	{ "openid", "openid", true },
	{ "openid", "OpenID", false },
	{ "email", SCOPE("userinfo.email"), true },
	{ SCOPE("userinfo.email"), "email", true },
	{ SCOPE("userinfo.profile"), "profile", true },
	{ "profile", "email", false },
	{ "openid email", "email openid", true },
	{ "openid", "email openid", false },
	{ CAL, CAL, true },
	{ CAL, CAL ".readonly", true },
	{ CAL, CAL ".events", true },
	{ CAL, CAL ".calendarlist.readonly", true },
	{ CAL, CAL ".freebusy", true },
	{ CAL, CAL ".events.freebusy", true },
	{ CAL, CAL ".app.created", true },
	{ CAL, CAL ".settings.readonly", true },
	{ CAL, CAL "x", false },
	{ CAL, "email", false },
	{ CAL "x", CAL, false },
	{ CAL ".readonly", CAL, false },
	{ CAL ".readonly", CAL ".calendarlist.readonly", true },
	{ CAL ".readonly", CAL ".calendars.readonly", true },
	{ CAL ".readonly", CAL ".freebusy", true },
	{ CAL ".readonly", CAL ".events.freebusy", true },
	{ CAL ".readonly", CAL ".events.readonly", true },
	{ CAL ".readonly", CAL ".events.owned.readonly", true },
	{ CAL ".readonly", CAL ".events.public.readonly", true },
	{ CAL ".readonly", CAL ".settings.readonly", true },
	{ CAL ".readonly", CAL ".calendarlist", false },
	{ CAL ".readonly", CAL ".events", false },
	{ CAL ".readonly", CAL ".events.owned", false },
	{ CAL ".calendarlist", CAL ".calendarlist.readonly", true },
	{ CAL ".calendarlist.readonly", CAL ".calendarlist", false },
	{ CAL ".calendars", CAL ".calendars.readonly", true },
	{ CAL ".events", CAL ".events.readonly", true },
	{ CAL ".events", CAL ".events.owned", true },
	{ CAL ".events", CAL ".events.owned.readonly", true },
	{ CAL ".events", CAL ".calendarlist.readonly", false }, /* trap 1 */
	{ CAL ".events", CAL ".freebusy", false },
	{ CAL ".events", CAL ".events.freebusy", false },
	{ CAL ".events", CAL ".readonly", false },
	{ CAL ".events", CAL, false },
	{ CAL ".events.owned", CAL ".events", false },
	{ CAL ".events.owned", CAL ".events.owned.readonly", true },
	{ CAL ".events.readonly", CAL ".events.owned.readonly", true },
	{ CAL ".events.readonly", CAL ".events", false },
	{ CAL ".events.freebusy", CAL ".freebusy", true },
	{ CAL ".freebusy", CAL ".events.freebusy", false },
	{ CAL ".events " CAL ".readonly", CAL ".freebusy " CAL ".events", true },
	{ " \t" CAL ".events\n ", " " CAL ".events ", true },
};

static void test_covers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cover_rows / sizeof cover_rows[0]; i++)
		if (google()->scope_covers(cover_rows[i].granted, cover_rows[i].wanted) != cover_rows[i].covers)
			fail_msg("\"%s\" and \"%s\"", cover_rows[i].granted, cover_rows[i].wanted);
}

static void expect_normalised(const char *text, const char *expected)
{
	char *list = scopes_normalise(text, google_scope_spelling);
	assert_string_equal(list, expected);
	free(list);
}

static void test_normalise(void **state)
{
	(void)state;
	expect_normalised("", "");
	expect_normalised(" \t\n ", "");
	expect_normalised("openid", "openid");
	expect_normalised("b  a b\ta", "a b");
	expect_normalised("openid profile email", SCOPE("userinfo.email") " " SCOPE("userinfo.profile") " openid");
	expect_normalised("email " SCOPE("userinfo.email"), SCOPE("userinfo.email"));
	expect_normalised(CAL ".events " CAL, CAL " " CAL ".events");
	expect_normalised("emails", "emails");
}

static void expect_missing(const char *granted, const char *required, const char *expected)
{
	char *list = scopes_missing(google(), granted, required);
	assert_string_equal(list, expected);
	free(list);
}

static void test_missing(void **state)
{
	(void)state;
	static const char required[] = "openid email " CAL ".readonly " CAL ".events";
	expect_missing(NULL, NULL, "");
	expect_missing(NULL, "openid openid", "openid");
	expect_missing("openid", NULL, "");
	expect_missing(required, required, "");
	expect_missing("openid " SCOPE("userinfo.email") " " CAL, required, "");
	expect_missing("openid " SCOPE("userinfo.email") " " CAL ".readonly", required, CAL ".events");
	expect_missing("openid", required, "email " CAL ".readonly " CAL ".events");
}

static void test_feature(void **state)
{
	(void)state;
	assert_string_equal(google()->scope_feature(CAL ".freebusy"), "availability");
	assert_string_equal(google()->scope_feature(CAL ".events"), "creating events");
	assert_string_equal(google()->scope_feature(CAL ".calendarlist.readonly"), "listing calendars");
	assert_string_equal(google()->scope_feature("email"), google()->scope_feature(SCOPE("userinfo.email")));
	assert_null(google()->scope_feature("openid"));
	assert_null(google()->scope_feature("profile"));
	assert_null(google()->scope_feature(""));
}

static void test_essential(void **state)
{
	(void)state;
	assert_string_equal(google()->scope_essential("openid email " CAL ".events " CAL ".readonly"), CAL ".readonly");
	assert_string_equal(google()->scope_essential(CAL), CAL);
	assert_string_equal(google()->scope_essential(CAL " " CAL ".readonly"), CAL ".readonly");
	assert_string_equal(google()->scope_essential(CAL " " CAL ".calendarlist " CAL ".calendarlist.readonly"),
	                    CAL ".calendarlist.readonly");
	assert_null(google()->scope_essential("openid " CAL ".events " CAL ".freebusy"));
	assert_null(google()->scope_essential(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_feature),
		cmocka_unit_test(test_essential),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
