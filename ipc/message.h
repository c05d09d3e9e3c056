/* JSON-RPC 2.0 messages, pure: text to requests, and replies to text. */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include "ipc/base/err.h"
#include "ipc/writer.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { MESSAGE_BATCH_MAX = 32, MESSAGE_ID_MAX = 64, MESSAGE_ID_TEXT_MAX = 400 };

/* One request inside a frame. method and params borrow from the frame's tree. */
struct request {
	bool notification;
	char id[MESSAGE_ID_TEXT_MAX];   /* as JSON text: "\"a\"", "7", "null" */
	const char *method;
	size_t method_len;
	json_t *params;                 /* object, or NULL when absent */
};

/* Parse a frame (scan, duplicates refused, numbers as they are). *tree is owned by the caller (json_decref). Fails with
 * ERR_PARSE_ERROR, or ERR_INVALID_REQUEST for an empty or oversize batch. *count is 1 and *batch false for a single one. */
int message_parse(const char *frame, size_t len, json_t **tree, bool *batch, size_t *count, struct err *err);
/* The i-th request. On error (ERR_INVALID_REQUEST; ERR_INVALID_PARAMS when params is not an object) request->id is what could
 * be read of the id, else "null", and the answer must be sent, unless the request is a proper notification. */
int message_request(const json_t *tree, bool batch, size_t i, struct request *request, struct err *err);

/* {"jsonrpc":"2.0","id":ID,"result":… — the caller writes one value, then message_reply_end. */
void message_reply_begin(struct writer *w, const char *id);
void message_reply_end(struct writer *w);
void message_reply_error(struct writer *w, const char *id, const struct err *err);

/* A whole request, for clients; params may be NULL. */
void message_call(struct writer *w, int64_t id, const char *method, const json_t *params);

#endif
