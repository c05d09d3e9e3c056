/*
 * Fields of control orders, with messages that name them.
 * Ownership: texts point into the order; messages belong to the caller.
 */
#include "tests/sandbox/control_args.h"

#include "tests/sandbox/mem.h"

char *control_read_text(const json_t *order, const char *name, bool must, const char **text)
{
	const json_t *value = json_object_get(order, name);

	*text = json_string_value(value);
	if (value == NULL && must)
		return mem_print("%s is required", name);
	return value != NULL && *text == NULL ? mem_print("%s must be a string", name) : NULL;
}

char *control_read_number(const json_t *order, const char *name, bool must, int64_t least, int64_t most, int64_t *value)
{
	const json_t *found = json_object_get(order, name);

	if (found == NULL)
		return must ? mem_print("%s is required", name) : NULL;
	if (!json_is_integer(found) || json_integer_value(found) < least || json_integer_value(found) > most)
		return mem_print("%s must be an integer from %lld to %lld", name, (long long)least, (long long)most);
	*value = (int64_t)json_integer_value(found);
	return NULL;
}

char *control_read_flag(const json_t *order, const char *name, bool *value)
{
	const json_t *found = json_object_get(order, name);

	if (found == NULL)
		return NULL;
	if (!json_is_boolean(found))
		return mem_print("%s must be true or false", name);
	*value = json_is_true(found);
	return NULL;
}

char *control_read_account(const struct state *state, const json_t *order, bool must, struct account **account)
{
	const char *name;
	char *wrong = control_read_text(order, "account", must, &name);

	*account = NULL;
	if (wrong != NULL || name == NULL)
		return wrong;
	*account = state_find_account(state, name);
	return *account == NULL ? mem_print("account is unknown: %s", name) : NULL;
}
