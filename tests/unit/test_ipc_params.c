/* Checking params: by kind of parameter, and by generation over every row of the method table. */
#include "ipc/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char an_id[] = "01890a5d-ac96-774b-bcce-b302099a8057";

/* 0 or the error code for one value of one parameter. */
static int check_one(const struct param *param, json_t *value)
{
	const struct method method = { .name = "test.method", .params = param, .param_count = 1 };
	struct err err = { 0 };
	json_t *params = json_object();
	json_object_set_new(params, param->name, value);
	int failed = params_check(&method, params, &err);
	if (failed) {
		assert_int_equal(err.code, ERR_INVALID_PARAMS);
		assert_string_equal(err.field, param->name);
		assert_non_null(strstr(err.message, "expected"));
	}
	json_decref(params);
	return failed;
}

static void expect_texts(enum param_type type, const char *choices, const char *const *good, const char *const *bad)
{
	const struct param param = { .name = "p", .type = type, .choices = choices };
	for (; *good; good++)
		if (check_one(&param, json_string(*good)) != 0)
			fail_msg("'%s' was refused", *good);
	for (; *bad; bad++)
		if (check_one(&param, json_string(*bad)) == 0)
			fail_msg("'%s' was taken", *bad);
}
#define TEXTS(...) (const char *const[]){ __VA_ARGS__, NULL }

static void test_text_kinds(void **state)
{
	(void)state;
	const char *slug63 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	expect_texts(PARAM_ID, NULL, TEXTS(an_id), TEXTS("", "acme", "' OR 1=1--", "../../x", "01890A5D-ac96-774b-bcce-b302099a8057"));
	expect_texts(PARAM_WORKSPACE, NULL, TEXTS(an_id, "acme", "a", "a-b-2", slug63), TEXTS("", "-a", "a-", "A", "a b", "a_b", "../x"));
	expect_texts(PARAM_SLUG, NULL, TEXTS("acme", "0", "a--b", slug63),
	             TEXTS("", "-", "a-", "Acme", "\xc3\xa9", an_id, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	expect_texts(PARAM_EMAIL, NULL, TEXTS("a@b", "ada.l+x@example.co.uk", "o'brien@example.com", "\xc3\xa9@example.com"),
	             TEXTS("", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "a@b,c@d", "<a@b>", "a@.b", "a@b.", "a@b..c",
	                   "\"a b\"@c", "a@b\xe2\x80\xae", "a\xc2\xa0@b", "a\x7f@b"));
	expect_texts(PARAM_ZONE, NULL, TEXTS("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT"),
	             TEXTS("", "/etc/passwd", "../../etc/passwd", "Europe/", "Europe//Berlin", "Europe/../x", "a b", ":UTC", "5", "\xc3\xa9"));
	expect_texts(PARAM_URL, NULL, TEXTS("https://a", "http://localhost:1/x?y#z"),
	             TEXTS("", "https://", "http:///x", "ftp://a", "javascript:x", "https://a b", "https://a\n", "//a"));
	expect_texts(PARAM_TIME, NULL, TEXTS("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00"),
	             TEXTS("", "0000-00-00", "2024-02-30T00:00:00Z", "2024-01-15T10:00:00+99:99", "10000-01-01T00:00:00Z", "now"));
	expect_texts(PARAM_ENUM, "auto|never", TEXTS("auto", "never"), TEXTS("", "aut", "auton", "auto|never", "|", "Auto", "never "));
}

static void test_lengths(void **state)
{
	(void)state;
	const struct param bounded = { .name = "p", .type = PARAM_STRING, .min = 1, .max = 4 };
	const struct param unbounded = { .name = "p", .type = PARAM_STRING };
	assert_int_equal(check_one(&bounded, json_string("")), -1);
	assert_int_equal(check_one(&bounded, json_string("abcd")), 0);
	assert_int_equal(check_one(&bounded, json_string("abcde")), -1);
	assert_int_equal(check_one(&bounded, json_string("\xc3\xa9\xc3\xa9")), 0);
	assert_int_equal(check_one(&bounded, json_string("\xc3\xa9\xc3\xa9" "a")), -1);
	char *longest = calloc(1, 16386);
	memset(longest, 'x', 16384);
	assert_int_equal(check_one(&unbounded, json_string(longest)), 0);
	longest[16384] = 'x';
	assert_int_equal(check_one(&unbounded, json_string(longest)), -1);
	free(longest);
	assert_int_equal(check_one(&unbounded, json_string("")), 0);
}

static void test_ints(void **state)
{
	(void)state;
	const struct param bounded = { .name = "limit", .type = PARAM_INT, .min = 1, .max = 500 };
	const struct param unbounded = { .name = "limit", .type = PARAM_INT };
	const int64_t bad[] = { -1, 0, 501, INT64_C(1) << 31, INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(check_one(&bounded, json_integer(bad[i])), -1);
	assert_int_equal(check_one(&bounded, json_integer(1)), 0);
	assert_int_equal(check_one(&bounded, json_integer(500)), 0);
	assert_int_equal(check_one(&bounded, json_real(5.0)), -1);
	assert_int_equal(check_one(&bounded, json_string("5")), -1);
	assert_int_equal(check_one(&bounded, json_true()), -1);
	assert_int_equal(check_one(&unbounded, json_integer(INT64_MIN)), 0);
}

static void test_other_kinds(void **state)
{
	(void)state;
	const struct param flag = { .name = "p", .type = PARAM_BOOL }, list = { .name = "p", .type = PARAM_STRINGS, .min = 1, .max = 2 };
	assert_int_equal(check_one(&flag, json_true()), 0);
	assert_int_equal(check_one(&flag, json_false()), 0);
	assert_int_equal(check_one(&flag, json_null()), 0);
	assert_int_equal(check_one(&flag, json_integer(1)), -1);
	assert_int_equal(check_one(&flag, json_string("true")), -1);
	assert_int_equal(check_one(&list, json_pack("[s]", "a")), 0);
	assert_int_equal(check_one(&list, json_array()), -1);
	assert_int_equal(check_one(&list, json_pack("[sss]", "a", "b", "c")), -1);
	assert_int_equal(check_one(&list, json_pack("[i]", 1)), -1);
	assert_int_equal(check_one(&list, json_string("a")), -1);
	assert_int_equal(check_one(&list, json_object()), -1);
}

/* What is refused is not repeated: it may be a secret, or made to be read on a terminal. */
static void test_values_are_not_echoed(void **state)
{
	(void)state;
	const struct param param = { .name = "p", .type = PARAM_SECRET, .max = 10 };
	const struct method method = { .name = "m", .params = &param, .param_count = 1 };
	struct err err;
	json_t *params = json_pack("{ss}", "p", "canary-canary-canary");
	assert_int_equal(params_check(&method, params, &err), -1);
	assert_null(strstr(err.message, "canary"));
	json_decref(params);
	params = json_pack("{sb}", "\x1b[2J\n", 1);
	assert_int_equal(params_check(&method, params, &err), -1);
	assert_string_equal(err.field, "\\x1b[2J\\x0a");
	assert_null(strchr(err.message, '\x1b'));
	json_decref(params);
	char key[300];
	memset(key, 'k', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	params = json_pack("{sb}", key, 1);
	assert_int_equal(params_check(&method, params, &err), -1);
	assert_int_equal(strlen(err.field), sizeof err.field - 1);
	json_decref(params);
}

static void test_getters(void **state)
{
	(void)state;
	json_t *params = json_pack("{ss si sb sn}", "t", "text", "i", 7, "b", 1, "n");
	assert_string_equal(params_text(params, "t"), "text");
	assert_null(params_text(params, "n"));
	assert_null(params_text(params, "x"));
	assert_null(params_text(NULL, "t"));
	assert_true(params_has(params, "n"));
	assert_false(params_has(params, "x"));
	assert_false(params_has(NULL, "x"));
	assert_int_equal(params_int(params, "i", 1), 7);
	assert_int_equal(params_int(params, "n", 3), 3);
	assert_int_equal(params_int(NULL, "i", 3), 3);
	assert_true(params_bool(params, "b", false));
	assert_true(params_bool(params, "x", true));
	assert_false(params_bool(params, "n", false));
	json_decref(params);
}

/* A value that the parameter takes. */
static json_t *good_value(const struct param *param)
{
	char text[64] = "xxxxxxxx";
	switch (param->type) {
	case PARAM_ID: return json_string(an_id);
	case PARAM_WORKSPACE:
	case PARAM_SLUG: return json_string("acme");
	case PARAM_INT: return json_integer(param->min);
	case PARAM_BOOL: return json_true();
	case PARAM_ENUM: return json_stringn(param->choices, strcspn(param->choices, "|"));
	case PARAM_EMAIL: return json_string("ada@example.com");
	case PARAM_ZONE: return json_string("Europe/Berlin");
	case PARAM_URL: return json_string("https://example.com/");
	case PARAM_TIME: return json_string("2026-01-31T12:00:00Z");
	case PARAM_STRINGS: return json_pack("[s]", "a");
	case PARAM_STRING:
	case PARAM_SECRET: return json_string(text);
	}
	return NULL;
}

/* A value just outside of what it takes. */
static json_t *bad_value(const struct param *param)
{
	if (param->type == PARAM_INT)
		return json_integer(param->min - 1);
	if (param->type != PARAM_STRING && param->type != PARAM_SECRET)
		return json_string("?!");
	size_t len = param->max ? (size_t)param->max + 1 : 16385;
	char *text = malloc(len);
	memset(text, 'x', len);
	json_t *value = json_stringn(text, len);
	free(text);
	return value;
}

static void expect_refused(const struct method *method, json_t *params, const char *field)
{
	struct err err = { 0 };
	if (params_check(method, params, &err) == 0)
		fail_msg("%s took a bad %s", method->name, field);
	assert_int_equal(err.code, ERR_INVALID_PARAMS);
	assert_string_equal(err.field, field);
	json_decref(params);
}

/* Every row: all good values pass; each one out of bounds, of another type, missing or unknown is refused by name. */
static void test_every_row(void **state)
{
	(void)state;
	size_t refused = 0;
	for (size_t m = 0; m < method_count; m++) {
		const struct method *method = method_table[m];
		struct err err;
		json_t *all = json_object(), *least = json_object(), *other;
		for (size_t i = 0; i < method->param_count; i++) {
			const struct param *param = &method->params[i];
			json_object_set_new(all, param->name, good_value(param));
			if (param->required)
				json_object_set_new(least, param->name, good_value(param));
		}
		if (params_check(method, all, &err) || params_check(method, least, &err))
			fail_msg("%s: %s", method->name, err.message);
		for (size_t i = 0; i < method->param_count; i++, refused += 3) {
			const struct param *param = &method->params[i];
			other = json_copy(all);
			json_object_set_new(other, param->name, bad_value(param));
			expect_refused(method, other, param->name);
			other = json_copy(all);
			json_object_set_new(other, param->name, json_pack("{}"));
			expect_refused(method, other, param->name);
			other = json_copy(all);
			json_object_set_new(other, param->name, json_null());
			assert_int_equal(params_check(method, other, &err), param->required ? -1 : 0);
			json_decref(other);
			other = json_copy(least);
			json_object_del(other, param->name);
			assert_int_equal(params_check(method, other, &err), param->required ? -1 : 0);
			if (param->required)
				assert_string_equal(err.field, param->name);
			json_decref(other);
		}
		other = json_copy(all);
		json_object_set_new(other, "__proto__", json_true());
		expect_refused(method, other, "__proto__");
		assert_int_equal(params_check(method, NULL, &err), json_object_size(least) ? -1 : 0);
		json_decref(all);
		json_decref(least);
	}
	assert_true(refused > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_kinds),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_ints),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_values_are_not_echoed),
		cmocka_unit_test(test_getters),
		cmocka_unit_test(test_every_row),
	};
	return cmocka_run_group_tests_name("ipc/params", tests, NULL, NULL);
}
