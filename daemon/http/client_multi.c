/* libcurl's multi socket interface on a libevent loop, after curl's docs/examples/hiperfifo.c.
 *
 * curl says which sockets it waits for and when it wants to be called at the latest; the loop calls back. */
#include "daemon/http/client_multi.h"

#include "ipc/base/err.h"
#include "ipc/base/mem.h"

#include <stdlib.h>
#include <sys/queue.h>

/* A socket that curl waits for. curl hands it back with every call about that socket. */
struct watch {
	LIST_ENTRY(watch) entry;
	struct event *event;
};

struct client_multi {
	CURLM *handle;
	struct event_base *base;
	struct event *timer;
	LIST_HEAD(, watch) watches;
	void (*progress)(void *arg);
	void *arg;
};

static void multi_act(struct client_multi *multi, curl_socket_t fd, int what)
{
	int running;
	(void)curl_multi_socket_action(multi->handle, fd, what, &running);
	multi->progress(multi->arg);
}

static void on_socket_event(evutil_socket_t fd, short what, void *arg)
{
	multi_act(arg, fd, (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	multi_act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void watch_remove(struct watch *watch)
{
	LIST_REMOVE(watch, entry);
	event_free(watch->event);
	free(watch);
}

/* curl: this socket is now waited for in this way. */
static int on_socket_change(CURL *easy, curl_socket_t fd, int how, void *arg, void *socket_arg)
{
	(void)easy;
	struct client_multi *multi = arg;
	struct watch *watch = socket_arg;
	if (how == CURL_POLL_REMOVE) {
		if (watch)
			watch_remove(watch);
		return 0;
	}
	short what = (short)((how & CURL_POLL_IN ? EV_READ : 0) | (how & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);
	if (!watch) {
		watch = mem_alloc(sizeof *watch);
		LIST_INSERT_HEAD(&multi->watches, watch, entry);
		watch->event = event_new(multi->base, fd, what, on_socket_event, multi);
		(void)curl_multi_assign(multi->handle, fd, watch);
	} else {
		(void)event_del(watch->event);
		(void)event_assign(watch->event, multi->base, fd, what, on_socket_event, multi);
	}
	if (!watch->event || event_add(watch->event, NULL) != 0)
		fatal("the event loop does not take a socket");
	return 0;
}

/* curl: call me in this many milliseconds, -1: not at all. */
static int on_timer_change(CURLM *handle, long wait_ms, void *arg)
{
	(void)handle;
	struct client_multi *multi = arg;
	if (wait_ms < 0)
		return evtimer_del(multi->timer);
	const struct timeval wait = { .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };
	return evtimer_add(multi->timer, &wait);
}

struct client_multi *client_multi_new(struct event_base *base, int max_connections, void (*progress)(void *arg), void *arg)
{
	CURLM *handle = curl_multi_init();
	if (!handle)
		return NULL;
	struct client_multi *multi = mem_alloc(sizeof *multi);
	*multi = (struct client_multi){ .handle = handle, .base = base, .progress = progress, .arg = arg };
	LIST_INIT(&multi->watches);
	multi->timer = evtimer_new(base, on_timer_event, multi);
	if (!multi->timer)
		fatal("the event loop does not take a timer");
	(void)curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, on_socket_change);
	(void)curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, multi);
	(void)curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, on_timer_change);
	(void)curl_multi_setopt(handle, CURLMOPT_TIMERDATA, multi);
	(void)curl_multi_setopt(handle, CURLMOPT_MAXCONNECTS, (long)max_connections);
	return multi;
}

void client_multi_free(struct client_multi *multi)
{
	if (!multi)
		return;
	/* Closing what is left open must not reach back into what is being freed. */
	(void)curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, NULL);
	(void)curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, NULL);
	while (!LIST_EMPTY(&multi->watches))
		watch_remove(LIST_FIRST(&multi->watches));
	(void)curl_multi_cleanup(multi->handle);
	event_free(multi->timer);
	free(multi);
}

CURLM *client_multi_handle(const struct client_multi *multi)
{
	return multi->handle;
}
