/* A small JSON Schema validator. */
#include "tests/support/json_schema.h"

#include "ipc/base/id.h"
#include "ipc/base/strutil.h"
#include "ipc/base/timefmt.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 256 };

struct place {
	const json_t *root;
	char *why;
	size_t size;
	char path[PATH_SIZE];
};

static bool fault(struct place *at, const char *what)
{
	(void)snprintf(at->why, at->size, "%s: %s", at->path[0] ? at->path : "the value", what);
	return false;
}

/* jansson's getters take const, its iterators do not; none of them changes anything here. */
static json_t *mutable(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

static const json_t *follow(const json_t *root, const char *reference)
{
	char step[96];
	const json_t *here = str_starts_with(reference, "#/") ? root : NULL;
	for (const char *from = reference + 2; here && *from;) {
		size_t len = strcspn(from, "/");
		(void)snprintf(step, sizeof step, "%.*s", (int)len, from);
		here = json_object_get(here, step);
		from += len + (from[len] == '/');
	}
	return here;
}

static bool has_type(const json_t *value, const char *type)
{
	return (str_equal(type, "object") && json_is_object(value)) || (str_equal(type, "array") && json_is_array(value)) ||
	       (str_equal(type, "string") && json_is_string(value)) || (str_equal(type, "integer") && json_is_integer(value)) ||
	       (str_equal(type, "number") && json_is_number(value)) || (str_equal(type, "boolean") && json_is_boolean(value)) ||
	       (str_equal(type, "null") && json_is_null(value));
}

static bool has_some_type(const json_t *value, const json_t *type)
{
	if (json_is_string(type))
		return has_type(value, json_string_value(type));
	for (size_t i = 0; i < json_array_size(type); i++)
		if (has_type(value, json_string_value(json_array_get(type, i))))
			return true;
	return false;
}

static bool has_format(const json_t *value, const char *format)
{
	int64_t ignored;
	const char *text = json_string_value(value);
	if (!text || !format)
		return true;
	if (str_equal(format, "uuid"))
		return id_is_valid(text);
	return !str_equal(format, "date-time") || (time_parse(text, &ignored) && text[strlen(text) - 1] == 'Z');
}

static bool is_among(const json_t *value, const json_t *choices)
{
	for (size_t i = 0; i < json_array_size(choices); i++)
		if (json_equal(value, json_array_get(choices, i)))
			return true;
	return false;
}

static bool within(const json_t *schema, const char *least, const char *most, json_int_t number)
{
	const json_t *low = json_object_get(schema, least), *high = json_object_get(schema, most);
	return (!low || number >= json_integer_value(low)) && (!high || number <= json_integer_value(high));
}

static bool within_bounds(const json_t *schema, const json_t *value)
{
	return (!json_is_integer(value) || within(schema, "minimum", "maximum", json_integer_value(value))) &&
	       (!json_is_string(value) || within(schema, "minLength", "maxLength", (json_int_t)json_string_length(value))) &&
	       (!json_is_array(value) || within(schema, "minItems", "maxItems", (json_int_t)json_array_size(value)));
}

static bool check(struct place *at, const json_t *schema, const json_t *value);

/* name NULL: item i */
static bool check_below(struct place *at, const json_t *schema, const json_t *value, const char *name, size_t i)
{
	size_t len = strlen(at->path);
	if (name)
		(void)snprintf(at->path + len, PATH_SIZE - len, ".%s", name);
	else
		(void)snprintf(at->path + len, PATH_SIZE - len, "[%zu]", i);
	bool good = check(at, schema, value);
	if (good)
		at->path[len] = '\0';
	return good;
}

static bool check_object(struct place *at, const json_t *schema, const json_t *value)
{
	const json_t *properties = json_object_get(schema, "properties"), *more = json_object_get(schema, "additionalProperties");
	const json_t *required = json_object_get(schema, "required");
	const char *name;
	json_t *member;
	for (size_t i = 0; i < json_array_size(required); i++)
		if (!json_object_get(value, json_string_value(json_array_get(required, i))))
			return fault(at, json_string_value(json_array_get(required, i)));
	json_object_foreach(mutable(value), name, member) {
		const json_t *own = json_object_get(properties, name);
		if (!own && properties && !more)
			return check_below(at, json_false(), member, name, 0);
		if ((own || more) && !json_is_true(more) && !check_below(at, own ? own : more, member, name, 0))
			return false;
	}
	return true;
}

static bool check_items(struct place *at, const json_t *schema, const json_t *value)
{
	const json_t *items = json_object_get(schema, "items");
	for (size_t i = 0; items && i < json_array_size(value); i++)
		if (!check_below(at, items, json_array_get(value, i), NULL, i))
			return false;
	return true;
}

/* How many of the schemas fit. */
static size_t count_fitting(struct place *at, const json_t *schemas, const json_t *value)
{
	size_t fitting = 0;
	for (size_t i = 0; i < json_array_size(schemas); i++) {
		struct place inner = *at;
		fitting += check(&inner, json_array_get(schemas, i), value);
	}
	return fitting;
}

static bool check(struct place *at, const json_t *schema, const json_t *value)
{
	const json_t *reference = json_object_get(schema, "$ref"), *any = json_object_get(schema, "anyOf");
	const json_t *one = json_object_get(schema, "oneOf"), *choices = json_object_get(schema, "enum");
	const json_t *type = json_object_get(schema, "type");
	if (json_is_false(schema))
		return fault(at, "not in the schema");
	if (reference) {
		const json_t *target = follow(at->root, json_string_value(reference));
		return target ? check(at, target, value) : fault(at, "a $ref that leads nowhere");
	}
	if (any && count_fitting(at, any, value) == 0)
		return at->why[0] ? false : fault(at, "none of anyOf");
	if (one && count_fitting(at, one, value) != 1)
		return fault(at, "not exactly one of oneOf");
	if (choices && !is_among(value, choices))
		return fault(at, "not one of enum");
	if (type && !has_some_type(value, type))
		return fault(at, "another type");
	if (!has_format(value, json_string_value(json_object_get(schema, "format"))))
		return fault(at, "another format");
	if (!within_bounds(schema, value))
		return fault(at, "out of bounds");
	return json_is_object(value) ? check_object(at, schema, value) : check_items(at, schema, value);
}

bool json_schema_check(const json_t *root, const json_t *schema, const json_t *value, char *why, size_t size)
{
	struct place at = { .root = root, .why = why, .size = size };
	why[0] = '\0';
	return check(&at, schema, value);
}

static bool sound(struct place *at, const json_t *schema);

/* Each member of an object or array of schemas. */
static bool sound_each(struct place *at, const json_t *schemas)
{
	const char *name;
	json_t *member;
	json_object_foreach(mutable(schemas), name, member)
		if (!sound(at, member))
			return false;
	for (size_t i = 0; i < json_array_size(schemas); i++)
		if (!sound(at, json_array_get(schemas, i)))
			return false;
	return true;
}

static bool sound(struct place *at, const json_t *schema)
{
	static const char *const plain[] = { "description", "type", "enum", "format", "default", "minimum", "maximum", "minLength",
		                             "maxLength", "minItems", "maxItems", "pattern", "writeOnly", "required" };
	const char *keyword;
	json_t *value;
	if (!json_is_object(schema))
		return fault(at, "a schema that is no object");
	json_object_foreach(mutable(schema), keyword, value) {
		bool known = false, good = true;
		for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
			known |= str_equal(keyword, plain[i]);
		if (str_equal(keyword, "$ref"))
			good = json_is_string(value) && follow(at->root, json_string_value(value));
		else if (str_equal(keyword, "items") || str_equal(keyword, "additionalProperties"))
			good = json_is_boolean(value) || sound(at, value);
		else if (str_equal(keyword, "properties") || str_equal(keyword, "anyOf") || str_equal(keyword, "oneOf"))
			good = sound_each(at, value);
		else if (!known)
			good = false;
		if (!good)
			return at->why[0] ? false : fault(at, keyword);
	}
	return true;
}

bool json_schema_is_sound(const json_t *root, const json_t *schema, char *why, size_t size)
{
	struct place at = { .root = root, .why = why, .size = size };
	why[0] = '\0';
	return sound(&at, schema);
}
