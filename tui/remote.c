/* Calls to the daemon. */
#include "tui/remote.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "ipc/base/timefmt.h"

#include <stdlib.h>

struct remote_pending {
	struct remote_pending *next;
	struct remote *remote; /* NULL: freed meanwhile */
	remote_fn *fn;         /* NULL: forgotten */
	void *owner;
	char *tag;
};

static void unlink_pending(struct remote *remote, struct remote_pending *call)
{
	for (struct remote_pending **at = &remote->pending; *at; at = &(*at)->next)
		if (*at == call) {
			*at = call->next;
			return;
		}
}

static void on_reply(void *arg, const json_t *reply)
{
	struct remote_pending *call = arg;
	struct remote_answer answer = { 0 };
	if (call->remote)
		unlink_pending(call->remote, call);
	if (!reply) {
		answer.code = "lost";
		answer.message = "the link was lost before the answer came";
	} else {
		answer.result = json_object_get(reply, "result");
		answer.error = json_object_get(reply, "error");
		answer.code = remote_text(json_object_get(answer.error, "data"), "code");
		answer.message = remote_text(answer.error, "message");
		if (json_integer_value(json_object_get(answer.error, "code")) == -32601)
			answer.code = "method_not_found";
		if (answer.error)
			answer.result = NULL;
	}
	if (call->fn)
		call->fn(call->owner, call->tag, &answer);
	free(call->tag);
	free(call);
}

bool remote_call(struct remote *remote, const char *method, json_t *params, remote_fn *fn, void *owner, const char *tag)
{
	struct err err;
	struct remote_pending *call = mem_alloc(sizeof *call);
	call->remote = remote;
	call->fn = fn;
	call->owner = owner;
	call->tag = mem_strdup(tag);
	call->next = remote->pending;
	remote->pending = call;
	int code = remote->wire.call(remote->wire.arg, method, params, on_reply, call, &err);
	json_decref(params);
	if (code == 0)
		return true;
	unlink_pending(remote, call);
	free(call->tag);
	free(call);
	return false;
}

void remote_forget(struct remote *remote, const void *owner)
{
	for (struct remote_pending *call = remote->pending; call; call = call->next)
		if (call->owner == owner)
			call->fn = NULL;
}

void remote_free(struct remote *remote)
{
	for (struct remote_pending *call = remote->pending; call; call = call->next) {
		call->remote = NULL;
		call->fn = NULL;
	}
	remote->pending = NULL;
}

bool remote_is(const struct remote_answer *answer, const char *code)
{
	return str_equal(answer->code, code);
}

const char *remote_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

json_int_t remote_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

int64_t remote_time(const json_t *object, const char *key)
{
	int64_t at;
	return time_parse(remote_text(object, key), &at) ? at : INT64_MIN;
}
