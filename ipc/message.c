/* JSON-RPC 2.0 messages. */
#include "ipc/message.h"

#include "ipc/errors.h"
#include "ipc/frame.h"

#include <string.h>

/* A frame that is JSON but neither object nor array is an invalid request, not a parse error. */
static int explain_failure(const char *frame, size_t len, const json_error_t *error, struct err *err)
{
	size_t blanks = 0;
	while (blanks < len && strchr(" \t\r", frame[blanks]))
		blanks++;
	if (blanks < len && frame[blanks] != '{' && frame[blanks] != '[') {
		json_t *scalar = json_loadb(frame, len, JSON_DECODE_ANY, NULL);
		if (scalar) {
			json_decref(scalar);
			return err_set(err, ERR_INVALID_REQUEST, "expected an object or an array of objects");
		}
	}
	if (json_error_code(error) == json_error_duplicate_key)
		return err_set(err, ERR_PARSE_ERROR, "a key occurs twice, near byte %d", error->position);
	return err_set(err, ERR_PARSE_ERROR, "not a JSON text, near byte %d", error->position);
}

int message_parse(const char *frame, size_t len, json_t **tree, bool *batch, size_t *count, struct err *err)
{
	json_error_t error;
	*tree = NULL;
	if (frame_scan(frame, len, err))
		return -1;
	json_t *root = json_loadb(frame, len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return explain_failure(frame, len, &error, err);
	*batch = json_is_array(root);
	*count = *batch ? json_array_size(root) : 1;
	if (*count == 0 || *count > MESSAGE_BATCH_MAX) {
		json_decref(root);
		return err_set(err, ERR_INVALID_REQUEST, "a batch holds 1 to %d requests", MESSAGE_BATCH_MAX);
	}
	*tree = root;
	return 0;
}

static bool read_id(const json_t *id, char out[MESSAGE_ID_TEXT_MAX])
{
	/* The buffer never grows: the longest id takes 2 + 6 * MESSAGE_ID_MAX bytes. */
	struct buf text = { .data = out, .capacity = MESSAGE_ID_TEXT_MAX };
	struct writer w;
	writer_init(&w, &text);
	if (json_is_string(id) && json_string_length(id) <= MESSAGE_ID_MAX)
		writer_text_len(&w, json_string_value(id), json_string_length(id));
	else if (json_is_integer(id))
		writer_int(&w, json_integer_value(id));
	else
		return json_is_null(id);
	return true;
}

int message_request(const json_t *tree, bool batch, size_t i, struct request *request, struct err *err)
{
	const json_t *object = batch ? json_array_get(tree, i) : tree;
	*request = (struct request){ .id = "null" };
	if (!json_is_object(object))
		return err_set(err, ERR_INVALID_REQUEST, "a request is an object");
	const json_t *id = json_object_get(object, "id");
	if (id && !read_id(id, request->id))
		return err_set(err, ERR_INVALID_REQUEST, "id: expected a string of at most %d bytes, an integer or null",
		               MESSAGE_ID_MAX);
	const char *version = json_string_value(json_object_get(object, "jsonrpc"));
	if (!version || strcmp(version, "2.0") != 0)
		return err_set(err, ERR_INVALID_REQUEST, "jsonrpc: expected \"2.0\"");
	const json_t *method = json_object_get(object, "method");
	if (!json_is_string(method))
		return err_set(err, ERR_INVALID_REQUEST, "method: expected a string");
	request->method = json_string_value(method);
	request->method_len = json_string_length(method);
	request->notification = !id;
	json_t *params = json_object_get(object, "params");
	if (params && !json_is_object(params))
		return err_field(err, "params", "params: expected an object of named parameters");
	request->params = params;
	return 0;
}

void message_reply_begin(struct writer *w, const char *id)
{
	writer_object(w);
	writer_put_text(w, "jsonrpc", "2.0");
	writer_key(w, "id");
	writer_raw(w, id, strlen(id));
	writer_key(w, "result");
}

void message_reply_end(struct writer *w)
{
	writer_end(w);
}

void message_reply_error(struct writer *w, const char *id, const struct err *err)
{
	writer_object(w);
	writer_put_text(w, "jsonrpc", "2.0");
	writer_key(w, "id");
	writer_raw(w, id, strlen(id));
	writer_key(w, "error");
	error_write(w, err);
	writer_end(w);
}

void message_call(struct writer *w, int64_t id, const char *method, const json_t *params)
{
	writer_object(w);
	writer_put_text(w, "jsonrpc", "2.0");
	writer_put_int(w, "id", id);
	writer_put_text(w, "method", method);
	if (params) {
		writer_key(w, "params");
		writer_json(w, params);
	}
	writer_end(w);
}
