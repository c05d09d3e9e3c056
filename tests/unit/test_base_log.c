/* The log: one line an event, whatever the values. */
#include "ipc/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char captured[8192];

/* Everything that `write_lines` logs, as text. */
static const char *capture(void (*write_lines)(void))
{
	FILE *file = tmpfile();
	assert_non_null(file);
	int saved = dup(STDERR_FILENO);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	write_lines();
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	rewind(file);
	captured[fread(captured, 1, sizeof captured - 1, file)] = '\0';
	(void)fclose(file);
	return captured;
}

static void hostile(void)
{
	const char *name = "two\nlines \"quoted\" \x1b[2J", *plain = "word", *none = NULL;
	LOG_INFO("event", LOG_STR("name", name), LOG_STR("plain", plain), LOG_STR("none", none), LOG_INT("number", -7));
}

static void test_text(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	const char *line = capture(hostile);
	assert_non_null(strstr(line, " info  event name=\"two\\\\x0alines \\\"quoted\\\" \\\\x1b[2J\" plain=word none=\"\" number=-7\n"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void test_json(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	json_t *line = json_loads(capture(hostile), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(line);
	assert_string_equal(json_string_value(json_object_get(line, "event")), "event");
	assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
	assert_string_equal(json_string_value(json_object_get(line, "name")), "two\\x0alines \"quoted\" \\x1b[2J");
	assert_int_equal(json_integer_value(json_object_get(line, "number")), -7);
	json_decref(line);
}

static void test_level(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_WARN, LOG_FORMAT_TEXT);
	assert_string_equal(capture(hostile), "");
	assert_false(log_enabled(LOG_LEVEL_INFO));
	assert_true(log_enabled(LOG_LEVEL_ERROR));
}

static void long_value(void)
{
	char text[4000];
	const char *value = text;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	LOG_ERROR("long", LOG_STR("value", value));
}

static void test_cut(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	const char *line = capture(long_value), *value = strstr(line, "value=");
	assert_non_null(value);
	assert_int_equal(strlen(value), strlen("value=") + 512 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_cut),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
