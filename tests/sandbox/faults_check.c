/*
 * The grammar of fault rules. An unknown or misplaced field is an error, so that no test waits for a fault with a typo.
 * Ownership: messages belong to the caller.
 */
#include "tests/sandbox/faults_check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tests/sandbox/mem.h"

enum faults_kind {
	FAULTS_TEXT,
	FAULTS_COUNT,
	FAULTS_INTEGER,
	FAULTS_FLAG,
	FAULTS_OBJECT,
	FAULTS_TEXTS,
	FAULTS_RETRY,
	FAULTS_ANY
};

struct faults_field {
	const char *name;
	enum faults_kind kind;
	json_int_t least, most;
};

static const struct faults_field faults_rule_fields[] = {
	{ "op", FAULTS_TEXT, 0, 0 },
	{ "id", FAULTS_TEXT, 0, 0 },
	{ "match", FAULTS_OBJECT, 0, 0 },
	{ "action", FAULTS_OBJECT, 0, 0 },
	{ "times", FAULTS_COUNT, 1, 1000000000 },
	{ "for_ms", FAULTS_COUNT, 1, 1000000000 },
	{ "start_ms", FAULTS_COUNT, 0, 1000000000 },
	{ "after", FAULTS_COUNT, 0, 1000000000 },
};

static const struct faults_field faults_match_fields[] = {
	{ "path", FAULTS_TEXT, 0, 0 },
	{ "method", FAULTS_TEXT, 0, 0 },
	{ "account", FAULTS_TEXT, 0, 0 },
	{ "grant_type", FAULTS_TEXT, 0, 0 },
};

static const struct faults_field faults_action_fields[] = {
	{ "status", FAULTS_COUNT, 200, 599 },
	{ "reason", FAULTS_TEXT, 0, 0 },
	{ "message", FAULTS_TEXT, 0, 0 },
	{ "retry_after", FAULTS_RETRY, 0, 0 },
	{ "delay_ms", FAULTS_COUNT, 0, 86400000 },
	{ "hang", FAULTS_FLAG, 0, 0 },
	{ "reset", FAULTS_FLAG, 0, 0 },
	{ "lost_answer", FAULTS_FLAG, 0, 0 },
	{ "truncate", FAULTS_COUNT, 0, 1000000000 },
	{ "huge", FAULTS_COUNT, 1, INT64_C(1) << 40 },
	{ "body", FAULTS_TEXT, 0, 0 },
	{ "content_type", FAULTS_TEXT, 0, 0 },
	{ "drop_scope", FAULTS_TEXT, 0, 0 },
	{ "clock_skew_s", FAULTS_INTEGER, 0, 0 },
	{ "expires_in", FAULTS_ANY, 0, 0 },
	{ "headers", FAULTS_TEXTS, 0, 0 },
	{ "calendar_errors", FAULTS_TEXTS, 0, 0 },
};

#define FAULTS_FIELDS(table) (table), sizeof(table) / sizeof((table)[0])

static bool faults_all_texts(const json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (!json_is_string(value))
			return false;
	}
	return json_is_object(object);
}

static bool faults_in_range(const json_t *value, const struct faults_field *field)
{
	return json_is_integer(value) && json_integer_value(value) >= field->least &&
	       json_integer_value(value) <= field->most;
}

/* NULL, or what the field must be. */
static const char *faults_check_value(const json_t *value, const struct faults_field *field)
{
	switch (field->kind) {
	case FAULTS_TEXT: return json_is_string(value) ? NULL : "must be a string";
	case FAULTS_COUNT: return faults_in_range(value, field) ? NULL : "must be an integer in its range";
	case FAULTS_INTEGER:
		return json_is_integer(value) && json_integer_value(value) > -1000000000 &&
		                       json_integer_value(value) < 1000000000
		               ? NULL
		               : "must be an integer";
	case FAULTS_FLAG: return json_is_boolean(value) ? NULL : "must be true or false";
	case FAULTS_OBJECT: return json_is_object(value) ? NULL : "must be an object";
	case FAULTS_TEXTS: return faults_all_texts(value) ? NULL : "must be an object of strings";
	case FAULTS_RETRY:
		return json_is_string(value) || json_is_integer(value) ? NULL : "must be seconds or a string";
	case FAULTS_ANY: break;
	}
	return NULL;
}

static char *faults_check_fields(const json_t *object, const char *where, const struct faults_field *fields,
                                 size_t count)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		const struct faults_field *field = NULL;
		const char *wrong;

		for (size_t i = 0; i < count && field == NULL; i++) {
			if (strcmp(fields[i].name, name) == 0)
				field = &fields[i];
		}
		wrong = field == NULL ? "is unknown" : faults_check_value(value, field);
		if (wrong != NULL)
			return mem_print("%s%s %s", where, name, wrong);
	}
	return NULL;
}

char *faults_check_rule(const json_t *rule)
{
	const json_t *action = json_object_get(rule, "action");
	char *wrong;

	if (!json_is_object(rule))
		return mem_copy("fault must be an object");
	wrong = faults_check_fields(rule, "", FAULTS_FIELDS(faults_rule_fields));
	if (wrong == NULL)
		wrong = faults_check_fields(json_object_get(rule, "match"), "match.",
		                            FAULTS_FIELDS(faults_match_fields));
	if (wrong == NULL)
		wrong = faults_check_fields(action, "action.", FAULTS_FIELDS(faults_action_fields));
	if (wrong == NULL && json_object_size(action) == 0)
		wrong = mem_copy("action is required");
	return wrong;
}
