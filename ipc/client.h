/* The asynchronous client: one connection to the daemon on a libevent base, made again whenever it is lost.
 *
 *     CONNECTING --ok--> CONNECTED --lost--> WAITING --back-off over--> CONNECTING …
 *
 * Every call gets exactly one answer: the reply, or NULL when the connection went before it came. Callbacks run from the loop
 * or from client_free (for calls without an answer); client_free must not be called from within one. libevent writes without
 * MSG_NOSIGNAL: the process must ignore SIGPIPE. */
#ifndef IPC_CLIENT_H
#define IPC_CLIENT_H

#include "ipc/base/clock.h"
#include "ipc/base/err.h"
#include "ipc/base/rng.h"

#include <jansson.h>
#include <stdint.h>

struct client;
struct event_base;

enum client_state { CLIENT_CONNECTING, CLIENT_CONNECTED, CLIENT_WAITING };

struct client_handlers {
	/* The state moved; why is NULL unless it is CLIENT_WAITING. */
	void (*state)(void *arg, enum client_state state, const struct err *why);
	/* A message that is no reply: a notice, or an error without an id (such as `denied` at connect). */
	void (*notice)(void *arg, const json_t *message);
	void *arg;
};

/* reply: the whole reply object with "result" or "error", borrowed; NULL: the connection was lost. */
typedef void client_reply_fn(void *arg, const json_t *reply);

/* Connects from the loop, not before. path and *handlers are copied; base, clock and rng must outlive the client. */
struct client *client_new(struct event_base *base, const char *path, const struct client_handlers *handlers,
                          const struct clock *clock, const struct rng *rng);
void client_free(struct client *client);
enum client_state client_state(const struct client *client);
/* Wall milliseconds of the next try, 0 unless CLIENT_WAITING. */
int64_t client_retry_at(const struct client *client);
/* Try at once instead of waiting on. */
void client_retry_now(struct client *client);
/* params may be NULL; not consumed. -1 (and no callback) unless connected. */
int client_call(struct client *client, const char *method, const json_t *params, client_reply_fn *fn, void *arg,
                struct err *err);

#endif
