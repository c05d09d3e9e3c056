/* Outbound HTTP on libcurl's multi interface and libevent: reuse, HTTP/2 over TLS, budgets, deadlines.
 *
 * Completion callbacks run from the loop, never inside a curl callback. The transport is an interface, so that the simulator can
 * bring its own (DESIGN.md idea 6). */
#ifndef DAEMON_HTTP_CLIENT_H
#define DAEMON_HTTP_CLIENT_H

#include "daemon/http/message.h"
#include "ipc/base/clock.h"
#include "ipc/base/err.h"

#include <event2/event.h>

typedef void http_done_fn(void *arg, struct http_response *response); /* response is cleared after the call */

struct http_job; /* a request under way */

struct http_transport {
	/* Takes the request (freed when over). fn is called exactly once, later, also after cancel (HTTP_ERR_CANCELLED). */
	struct http_job *(*send)(void *self, struct http_request *request, http_done_fn *fn, void *arg);
	void (*cancel)(void *self, struct http_job *job);
	void *self;
};

struct http_client;
struct http_client_options {
	struct event_base *base;
	const struct clock *clock;
	int per_host;        /* parallel requests to one host; the rest wait in order */
	int concurrency;     /* over all hosts */
	const char *ca_file; /* NULL: the system's */
	const char *user_agent;
};
int http_client_new(struct http_client **out, const struct http_client_options *options, struct err *err);
void http_client_free(struct http_client *client); /* outstanding requests end as HTTP_ERR_CANCELLED */
struct http_transport http_client_transport(struct http_client *client);
/* https anywhere, http only to loopback literals or localhost; no userinfo, no fragment, no controls. Field is left empty. */
int http_url_check(const char *url, struct err *err);

#endif
