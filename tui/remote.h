/* Calls to the daemon on behalf of screens that may be gone before the answer comes. The wire is handed in: the asynchronous
 * client, or whatever a test brings. */
#ifndef TUI_REMOTE_H
#define TUI_REMOTE_H

#include "ipc/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct remote;

/* As client_call of ipc/client.h. */
struct remote_wire {
	int (*call)(void *arg, const char *method, const json_t *params, void (*fn)(void *arg, const json_t *reply), void *fn_arg,
	            struct err *err);
	void *arg;
};

/* What a call came to. Text is borrowed for the time of the callback. */
struct remote_answer {
	const json_t *result;  /* NULL: it failed, and code and message say how */
	const char *code;      /* data.code; "lost": sent, but the link went before the answer; "offline": not sent */
	const char *message;
	const json_t *error;   /* the error object, NULL when there is none */
};

typedef void remote_fn(void *owner, const char *tag, const struct remote_answer *answer);

/* Zero-initialise and set wire. */
struct remote {
	struct remote_wire wire;
	struct remote_pending *pending;
};

/* params is stolen, NULL for none. tag (may be NULL) comes back with the answer. The callback never runs from within. */
bool remote_call(struct remote *remote, const char *method, json_t *params, remote_fn *fn, void *owner, const char *tag);
/* The owner goes: its answers are dropped. */
void remote_forget(struct remote *remote, const void *owner);
/* After the wire is gone and has answered everything. */
void remote_free(struct remote *remote);

bool remote_is(const struct remote_answer *answer, const char *code);

/* Members of results, forgiving: "" or 0 where there is none. */
const char *remote_text(const json_t *object, const char *key);
json_int_t remote_number(const json_t *object, const char *key);
/* Wall ms of an RFC 3339 member, INT64_MIN when there is none. */
int64_t remote_time(const json_t *object, const char *key);

#endif
