/* The one inbound HTTP listener: a small strict server of our own on the loop (SAFETY.md HTTP-1…5).
 *
 * Not evhttp: it takes bare line feeds, folded lines and doubled lengths before we could look, and has no hook to tell that a
 * connection closed before its request came (DESIGN.md section 7).
 *
 * GET only; exactly one Host header, equal to host:port of base_url or of the listening address; no body, no Transfer-Encoding, no
 * absolute-form, no control bytes; request line and headers ≤ 8 KiB; an absolute deadline of 10 s from accept to request;
 * Connection: close always. Every answer carries no-store, no-referrer, nosniff and a CSP that allows nothing. The request line
 * is never logged. */
#ifndef DAEMON_HTTP_LISTENER_H
#define DAEMON_HTTP_LISTENER_H

#include "daemon/http/query.h" /* query_parse: the same strict decoder for pasted redirect URLs */
#include "ipc/base/buf.h"
#include "ipc/base/clock.h"
#include "ipc/base/err.h"

#include <event2/event.h>
#include <stdbool.h>

struct listener;
struct exchange; /* one request being answered; lives until exchange_answer */

typedef void listener_fn(void *arg, struct exchange *exchange);

struct listener_options {
	struct event_base *base;
	const struct clock *clock;
	const char *address; /* "127.0.0.1:8710", "[::1]:0" */
	const char *base_url; /* NULL or "": only the listening address is a valid Host */
	int max_connections;  /* 0: 256; beyond them the oldest that nobody owes an answer makes room */
	int deadline_ms;      /* 0: 10 s, from accept to a whole request and again for writing the answer */
};
int listener_open(struct listener **out, const struct listener_options *options, listener_fn *fn, void *arg, struct err *err);
void listener_close(struct listener *listener);
int listener_port(const struct listener *listener);
/* The listening host as it stands in a URL: "127.0.0.1", "[::1]". */
const char *listener_host(const struct listener *listener);

const char *exchange_path(const struct exchange *exchange);   /* as sent, without the query; "/c/abc" */
bool exchange_wants_json(const struct exchange *exchange);    /* Accept names application/json and not text/html */
/* Query parameter, decoded by our own strict decoder: names are case-sensitive; *duplicate or malformed queries* make
 * exchange_query_ok false. NULL when absent. */
bool exchange_query_ok(const struct exchange *exchange);
const char *exchange_query(const struct exchange *exchange, const char *name);
/* Answer and forget; harmless when the browser or the listener is gone. Nothing is called back from here. content_type with charset; location only for 302. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type, const struct buf *body,
                     const char *location);

#endif
