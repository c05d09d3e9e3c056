/* Bodies of provider replies as JSON. */
#include "daemon/provider/body.h"

#include <stdbool.h>
#include <string.h>

/* Depth and number of values, roughly, without allocating: jansson makes 200 bytes and more of each empty object, so 8 MiB of
 * `{},` would become 600 MB. */
static bool within_limits(const char *data, size_t len)
{
	size_t depth = 0, values = 0;
	bool in_text = false;
	for (size_t i = 0; i < len; i++) {
		char c = data[i];
		if (in_text) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_text = false;
		} else if (c == '"') {
			in_text = true;
		} else if (c == '{' || c == '[') {
			depth++;
			values++;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		} else if (c == ',') {
			values++;
		}
		if (depth > BODY_DEPTH_MAX || values > BODY_VALUES_MAX)
			return false;
	}
	return true;
}

json_t *body_object(const struct http_response *response)
{
	const struct secret_buf *body = &response->body;
	if (!body->data || !within_limits(body->data, body->len))
		return NULL;
	/* A NUL in one foreign name must not make a whole list unreadable: it is let in here and body_text keeps it out. */
	json_t *root = json_loadb(body->data, body->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	if (!json_is_object(root)) {
		json_decref(root);
		return NULL;
	}
	return root;
}

const char *body_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	return text && strlen(text) == json_string_length(value) ? text : NULL;
}
