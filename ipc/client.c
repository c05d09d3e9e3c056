/* The asynchronous client. */
#include "ipc/client.h"

#include "ipc/base/mem.h"
#include "ipc/message.h"
#include "ipc/socket.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPLY_MAX = 64 * 1024 * 1024, BACKOFF_FIRST_MS = 100, BACKOFF_MAX_MS = 5000 };

struct call {
	struct call *next;
	int64_t id;
	client_reply_fn *fn;
	void *arg;
};

struct client {
	struct event_base *base;
	struct client_handlers handlers;
	const struct clock *clock;
	const struct rng *rng;
	char *path;
	enum client_state state;
	struct bufferevent *stream; /* only while CLIENT_CONNECTED */
	struct event *retry;
	int64_t retry_at, backoff_ms, last_id;
	struct call *calls;
};

/* The one door for state. */
static void set_state(struct client *client, enum client_state state, const struct err *why)
{
	client->state = state;
	if (client->handlers.state)
		client->handlers.state(client->handlers.arg, state, why);
}

static void schedule_retry(struct client *client, int64_t delay_ms)
{
	struct timeval delay = { .tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000 };
	if (event_add(client->retry, &delay) != 0)
		fatal("client: no timer");
}

static void fail_calls(struct client *client)
{
	struct call *calls = client->calls;
	client->calls = NULL;
	while (calls) {
		struct call *next = calls->next;
		calls->fn(calls->arg, NULL);
		free(calls);
		calls = next;
	}
}

/* Half of the delay is jitter: many consoles must not come back at the same instant. */
static void wait_for_retry(struct client *client, const struct err *why)
{
	int64_t delay = client->backoff_ms / 2 + rng_below(client->rng, client->backoff_ms / 2);
	client->backoff_ms = client->backoff_ms * 2 < BACKOFF_MAX_MS ? client->backoff_ms * 2 : BACKOFF_MAX_MS;
	client->retry_at = clock_wall(client->clock) + delay;
	schedule_retry(client, delay);
	set_state(client, CLIENT_WAITING, why);
}

static void lose(struct client *client, const char *why)
{
	struct err err;
	(void)err_set(&err, ERR_INTERNAL, "%s", why);
	bufferevent_free(client->stream);
	client->stream = NULL;
	wait_for_retry(client, &err);
	fail_calls(client);
}

static struct call *take_call(struct client *client, const json_t *message)
{
	const json_t *id = json_object_get(message, "id");
	if (!json_is_integer(id))
		return NULL;
	for (struct call **at = &client->calls; *at; at = &(*at)->next) {
		struct call *call = *at;
		if (call->id == json_integer_value(id)) {
			*at = call->next;
			return call;
		}
	}
	return NULL;
}

static void deliver(struct client *client, const json_t *message)
{
	struct call *call = take_call(client, message);
	client->backoff_ms = BACKOFF_FIRST_MS;
	if (call) {
		call->fn(call->arg, message);
		free(call);
	} else if (!json_is_integer(json_object_get(message, "id")) && client->handlers.notice)
		client->handlers.notice(client->handlers.arg, message);
}

static void on_readable(struct bufferevent *stream, void *arg)
{
	struct client *client = arg;
	struct evbuffer *input = bufferevent_get_input(stream);
	char *line;
	size_t len;
	while ((line = evbuffer_readln(input, &len, EVBUFFER_EOL_LF))) {
		json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
		free(line);
		if (!message) {
			lose(client, "the daemon's reply is not JSON");
			return;
		}
		deliver(client, message);
		json_decref(message);
	}
	if (evbuffer_get_length(input) > REPLY_MAX)
		lose(client, "a reply of the daemon is too long");
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
	(void)stream;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		lose(arg, "the connection to the daemon was lost");
}

static void connect_now(struct client *client)
{
	struct err err;
	int fd;
	client->retry_at = 0;
	set_state(client, CLIENT_CONNECTING, NULL);
	/* A Unix socket connects at once or not at all, so that blocking here is none. */
	if (socket_connect(client->path, &fd, &err)) {
		wait_for_retry(client, &err);
		return;
	}
	if (evutil_make_socket_nonblocking(fd) == 0)
		client->stream = bufferevent_socket_new(client->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!client->stream) {
		close(fd);
		(void)err_set(&err, ERR_INTERNAL, "no resources for a connection");
		wait_for_retry(client, &err);
		return;
	}
	bufferevent_setcb(client->stream, on_readable, NULL, on_event, client);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	set_state(client, CLIENT_CONNECTED, NULL);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	connect_now(arg);
}

struct client *client_new(struct event_base *base, const char *path, const struct client_handlers *handlers,
                          const struct clock *clock, const struct rng *rng)
{
	struct client *client = mem_alloc(sizeof *client);
	client->base = base;
	client->handlers = *handlers;
	client->clock = clock;
	client->rng = rng;
	client->path = mem_strdup(path);
	client->backoff_ms = BACKOFF_FIRST_MS;
	client->retry = evtimer_new(base, on_retry, client);
	if (!client->retry)
		fatal("client: no timer");
	schedule_retry(client, 0);
	return client;
}

void client_free(struct client *client)
{
	if (!client)
		return;
	if (client->stream)
		bufferevent_free(client->stream);
	client->stream = NULL;
	client->state = CLIENT_WAITING;
	fail_calls(client);
	event_free(client->retry);
	free(client->path);
	free(client);
}

enum client_state client_state(const struct client *client)
{
	return client->state;
}

int64_t client_retry_at(const struct client *client)
{
	return client->retry_at;
}

void client_retry_now(struct client *client)
{
	if (client->state == CLIENT_WAITING)
		schedule_retry(client, 0);
}

int client_call(struct client *client, const char *method, const json_t *params, client_reply_fn *fn, void *arg,
                struct err *err)
{
	struct buf text = { 0 };
	struct writer w;
	if (client->state != CLIENT_CONNECTED)
		return err_set(err, ERR_BUSY, "not connected to the daemon");
	struct call *call = mem_alloc(sizeof *call);
	*call = (struct call){ .next = client->calls, .id = ++client->last_id, .fn = fn, .arg = arg };
	client->calls = call;
	writer_init(&w, &text);
	message_call(&w, call->id, method, params);
	buf_add_char(&text, '\n');
	/* If this fails the stream is broken, and the loop will say so. */
	(void)bufferevent_write(client->stream, text.data, text.len);
	buf_free(&text);
	return 0;
}
