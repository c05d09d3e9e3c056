/* Checking params against a row. Messages say what was expected and never repeat a value: it may be a secret. */
#include "ipc/params.h"

#include "ipc/base/id.h"
#include "ipc/base/strutil.h"
#include "ipc/base/text.h"
#include "ipc/base/timefmt.h"

#include <string.h>

enum { STRING_MAX = 16384, STRINGS_MAX = 1000, SLUG_MAX = 63, EMAIL_MAX = 254, ZONE_MAX = 64 };

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_slug(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || len > SLUG_MAX || text[0] == '-' || text[len - 1] == '-')
		return false;
	for (const char *at = text; *at; at++)
		if (!is_lower_or_digit(*at) && *at != '-')
			return false;
	return true;
}

/* No blanks, controls or characters that hide or reorder. */
static bool is_one_word(const char *text)
{
	size_t used;
	for (size_t left = strlen(text); left > 0; left -= used, text += used) {
		uint32_t c = text_decode(text, left, &used);
		if (c == ' ' || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a) || text_width(c) == 0)
			return false;
	}
	return true;
}

static bool is_email(const char *text)
{
	size_t len = strlen(text);
	const char *at = strchr(text, '@');
	if (!at || at == text || len > EMAIL_MAX || strchr(at + 1, '@') || strpbrk(text, "<>()[]\\,;:\""))
		return false;
	if (at[1] == '\0' || at[1] == '.' || text[len - 1] == '.' || strstr(at, ".."))
		return false;
	return is_one_word(text);
}

static bool is_zone(const char *text)
{
	if (strlen(text) > ZONE_MAX)
		return false;
	for (const char *at = text;; at++) {
		if (!is_letter(*at))
			return false;
		while (is_letter(*at) || (*at >= '0' && *at <= '9') || (*at && strchr("_+-", *at)))
			at++;
		if (*at != '/')
			return *at == '\0';
	}
}

static bool is_url(const char *text)
{
	const char *host = str_starts_with(text, "https://") ? text + 8 : str_starts_with(text, "http://") ? text + 7 : NULL;
	return host && *host && *host != '/' && is_one_word(text);
}

static bool is_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);
	for (const char *at = choices; len > 0; at++) {
		size_t choice = strcspn(at, "|");
		if (choice == len && memcmp(at, text, len) == 0)
			return true;
		at += choice;
		if (*at == '\0')
			break;
	}
	return false;
}

static int check_length(const struct param *param, const char *text, struct err *err)
{
	int64_t max = param->max ? param->max : STRING_MAX;
	int64_t len = (int64_t)strlen(text);
	if (len < param->min || len > max)
		return err_field(err, param->name, "%s: expected text of %lld to %lld bytes", param->name, (long long)param->min,
		                 (long long)max);
	return 0;
}

static int check_int(const struct param *param, const json_t *value, struct err *err)
{
	bool bounded = param->min != 0 || param->max != 0;
	int64_t number = json_integer_value(value);
	if (json_is_integer(value) && (!bounded || (number >= param->min && number <= param->max)))
		return 0;
	if (!bounded || param->max == INT64_MAX)
		return err_field(err, param->name, "%s: expected a whole number%s", param->name,
		                 param->min == 1 ? " of at least 1" : "");
	return err_field(err, param->name, "%s: expected a whole number from %lld to %lld", param->name, (long long)param->min,
	                 (long long)param->max);
}

static int check_strings(const struct param *param, const json_t *value, struct err *err)
{
	int64_t max = param->max ? param->max : STRINGS_MAX;
	int64_t count = (int64_t)json_array_size(value);
	if (!json_is_array(value) || count < param->min || count > max)
		return err_field(err, param->name, "%s: expected an array of %lld to %lld strings", param->name,
		                 (long long)param->min, (long long)max);
	for (size_t i = 0; i < (size_t)count; i++) {
		const json_t *item = json_array_get(value, i);
		if (!json_is_string(item) || json_string_length(item) > STRING_MAX)
			return err_field(err, param->name, "%s: expected strings of at most %d bytes", param->name, STRING_MAX);
	}
	return 0;
}

/* What a text parameter must be, NULL when it is that. */
static const char *text_fault(const struct param *param, const char *text)
{
	int64_t ignored;
	switch (param->type) {
	case PARAM_ID:
		return id_is_valid(text) ? NULL : "an id (a UUID in lower case)";
	case PARAM_WORKSPACE: /* an id has the form of a slug */
		return is_slug(text) ? NULL : "the id or the slug of a workspace";
	case PARAM_SLUG: /* which must not be mistaken for an id */
		return is_slug(text) && !id_is_valid(text) ? NULL : "a slug: a-z, 0-9 and inner '-', at most 63, not a UUID";
	case PARAM_EMAIL:
		return is_email(text) ? NULL : "one e-mail address";
	case PARAM_ZONE:
		return is_zone(text) ? NULL : "an IANA time zone such as Europe/Berlin";
	case PARAM_URL:
		return is_url(text) ? NULL : "an http or https address";
	case PARAM_TIME:
		return time_parse(text, &ignored) ? NULL : "an RFC 3339 time such as 2026-01-31T12:00:00Z";
	case PARAM_ENUM:
		return is_choice(param->choices, text) ? NULL : param->choices;
	case PARAM_STRING:
	case PARAM_SECRET:
	case PARAM_INT:
	case PARAM_BOOL:
	case PARAM_STRINGS:
		return NULL;
	}
	return NULL;
}

static int check_value(const struct param *param, const json_t *value, struct err *err)
{
	if (json_is_null(value) && !param->required)
		return 0;
	if (param->type == PARAM_INT)
		return check_int(param, value, err);
	if (param->type == PARAM_STRINGS)
		return check_strings(param, value, err);
	if (param->type == PARAM_BOOL)
		return json_is_boolean(value) ? 0 : err_field(err, param->name, "%s: expected true or false", param->name);
	const char *text = json_string_value(value);
	if (!text)
		return err_field(err, param->name, "%s: expected a string", param->name);
	if (check_length(param, text, err))
		return -1;
	const char *fault = text_fault(param, text);
	return fault ? err_field(err, param->name, "%s: expected %s%s", param->name,
	                         param->type == PARAM_ENUM ? "one of " : "", fault)
	             : 0;
}

static int refuse_unknown(const struct method *method, const char *name, struct err *err)
{
	char shown[sizeof err->field];
	text_display(shown, sizeof shown, name, strlen(name));
	return err_field(err, shown, "%s: %s has no such parameter", shown, method->name);
}

int params_check(const struct method *method, const json_t *params, struct err *err)
{
	/* jansson's iterators take no const, and change nothing. */
	json_t *members = (json_t *)(uintptr_t)params;
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
		const char *name = json_object_iter_key(at);
		const struct param *param = method_param(method, name);
		if (!param)
			return refuse_unknown(method, name, err);
		if (check_value(param, json_object_iter_value(at), err))
			return -1;
	}
	for (size_t i = 0; i < method->param_count; i++) {
		const struct param *param = &method->params[i];
		if (param->required && !json_object_get(params, param->name))
			return err_field(err, param->name, "%s: is required", param->name);
	}
	return 0;
}

const char *params_text(const json_t *params, const char *name)
{
	return json_string_value(json_object_get(params, name));
}

bool params_has(const json_t *params, const char *name)
{
	return json_object_get(params, name) != NULL;
}

int64_t params_int(const json_t *params, const char *name, int64_t fallback)
{
	const json_t *value = json_object_get(params, name);
	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool params_bool(const json_t *params, const char *name, bool fallback)
{
	const json_t *value = json_object_get(params, name);
	return json_is_boolean(value) ? json_is_true(value) : fallback;
}
