/* The one inbound HTTP listener: accepts, counts, checks Host, and hands requests out as exchanges.
 *
 * A connection belongs to the listener, an exchange to whoever has to answer it. They point at each other while both live; the
 * one that ends first clears the other's pointer. */
#include "daemon/http/listener.h"

#include "daemon/http/host_rule.h"
#include "daemon/http/inbound.h"
#include "daemon/http/reply.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <arpa/inet.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { CONNECTIONS_MAX = 256, DEADLINE_MS = 10000, BACKLOG = 128, ACCEPT_PAUSE_MS = 200 };

struct connection {
	TAILQ_ENTRY(connection) entry;
	struct listener *listener;
	struct inbound *inbound;
	struct exchange *exchange; /* NULL: none, or it was answered */
};

struct exchange {
	struct connection *connection; /* NULL: the browser is gone */
	const struct clock *clock;
	char *path;
	bool wants_json;
	struct query *query; /* NULL: malformed */
};

struct listener {
	struct event_base *base;
	const struct clock *clock;
	struct evconnlistener *acceptor;
	struct event *resume; /* accepting again after the system had no room */
	int port;
	char host[INET6_ADDRSTRLEN + 2];
	struct host_rule own_host, base_host, local_host; /* local_host: "localhost", of a loopback address */
	int deadline_ms;
	int count, count_max;
	TAILQ_HEAD(, connection) connections; /* oldest first */
	listener_fn *fn;
	void *arg;
};

static void connection_free(struct connection *connection)
{
	struct listener *listener = connection->listener;
	TAILQ_REMOVE(&listener->connections, connection, entry);
	listener->count--;
	if (connection->exchange)
		connection->exchange->connection = NULL;
	inbound_free(connection->inbound);
	free(connection);
}

static bool host_is_ours(const struct listener *listener, const char *host)
{
	return host_rule_matches(&listener->own_host, host) || host_rule_matches(&listener->base_host, host) ||
	       host_rule_matches(&listener->local_host, host);
}

static void on_request(void *arg, int status, const struct request_head *head)
{
	struct connection *connection = arg;
	struct listener *listener = connection->listener;
	if (status == 200 && !host_is_ours(listener, head->host))
		status = 400;
	if (status != 200) {
		struct buf text = { 0 };
		reply_refusal(&text, status, clock_wall(listener->clock));
		inbound_answer(connection->inbound, &text);
		return;
	}
	struct exchange *exchange = mem_alloc(sizeof *exchange);
	exchange->connection = connection;
	exchange->clock = listener->clock;
	exchange->path = mem_strdup(head->path);
	exchange->wants_json = head->wants_json;
	exchange->query = query_parse(head->query ? head->query : "", NULL);
	connection->exchange = exchange;
	listener->fn(listener->arg, exchange);
}

static void on_end(void *arg)
{
	connection_free(arg);
}

static bool make_room(struct listener *listener)
{
	struct connection *connection;
	if (listener->count < listener->count_max)
		return true;
	/* The oldest one: who is served takes milliseconds, who holds on for long is slow or means ill. */
	TAILQ_FOREACH(connection, &listener->connections, entry) {
		if (inbound_is_idle(connection->inbound)) {
			connection_free(connection);
			return true;
		}
	}
	return false;
}

static void on_accept(struct evconnlistener *acceptor, evutil_socket_t fd, struct sockaddr *peer, int peer_len, void *arg)
{
	(void)acceptor;
	(void)peer;
	(void)peer_len;
	static const struct inbound_events events = { .request = on_request, .end = on_end };
	struct listener *listener = arg;
	if (!make_room(listener)) {
		(void)evutil_closesocket(fd);
		return;
	}
	struct connection *connection = mem_alloc(sizeof *connection);
	connection->listener = listener;
	connection->inbound = inbound_new(listener->base, fd, listener->deadline_ms, &events, connection);
	TAILQ_INSERT_TAIL(&listener->connections, connection, entry);
	listener->count++;
}

static void on_accept_error(struct evconnlistener *acceptor, void *arg)
{
	struct listener *listener = arg;
	const struct timeval pause = { .tv_usec = ACCEPT_PAUSE_MS * 1000 };
	LOG_WARN("http_accept_failed", LOG_INT("errno", EVUTIL_SOCKET_ERROR()));
	/* Without descriptors to spare the loop would spin on the waiting connection. */
	(void)evconnlistener_disable(acceptor);
	(void)evtimer_add(listener->resume, &pause);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	struct listener *listener = arg;
	(void)evconnlistener_enable(listener->acceptor);
}

static int address_take(struct listener *listener)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at;
	socklen_t len = sizeof at;
	char text[INET6_ADDRSTRLEN];
	memset(&at, 0, sizeof at);
	if (getsockname(evconnlistener_get_fd(listener->acceptor), &at.any, &len) != 0)
		return -1;
	bool is_v6 = at.any.sa_family == AF_INET6;
	const void *address = is_v6 ? (const void *)&at.v6.sin6_addr : (const void *)&at.v4.sin_addr;
	if (!evutil_inet_ntop(at.any.sa_family, address, text, sizeof text))
		return -1;
	listener->port = ntohs(is_v6 ? at.v6.sin6_port : at.v4.sin_port);
	(void)snprintf(listener->host, sizeof listener->host, is_v6 ? "[%s]" : "%s", text);
	return 0;
}

/* evutil_parse_sockaddr_port takes no port 0, so the port is ours. */
static bool address_parse(const char *address, struct sockaddr_storage *out, int *out_len)
{
	char host[INET6_ADDRSTRLEN + 2];
	const char *colon = strrchr(address, ':');
	int64_t port;
	if (!colon || (size_t)(colon - address) >= sizeof host || !str_to_int64(colon + 1, 0, 65535, &port))
		return false;
	(void)snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
	/* Nor does it mind what stands around the brackets. */
	size_t len = strlen(host);
	bool bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']';
	if ((!bracketed && strpbrk(host, ":[]")) || evutil_parse_sockaddr_port(host, (struct sockaddr *)out, out_len) != 0)
		return false;
	if (out->ss_family == AF_INET6)
		((struct sockaddr_in6 *)out)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)out)->sin_port = htons((uint16_t)port);
	return true;
}

static int listener_bind(struct listener *listener, const char *address, struct err *err)
{
	struct sockaddr_storage at = { 0 };
	int len = sizeof at;
	if (!address_parse(address, &at, &len))
		return err_set(err, ERR_CONFIG, "the HTTP listener needs an address like 127.0.0.1:8710 or [::1]:8710");
	listener->acceptor = evconnlistener_new_bind(listener->base, on_accept, listener,
	                                             LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
	                                             BACKLOG, (struct sockaddr *)&at, len);
	if (!listener->acceptor || address_take(listener) != 0)
		return err_set(err, ERR_INTERNAL, "cannot listen on %s: %m", address);
	evconnlistener_set_error_cb(listener->acceptor, on_accept_error);
	char url[sizeof listener->host + 16];
	(void)snprintf(url, sizeof url, "http://%s:%d", listener->host, listener->port);
	(void)host_rule_from_url(&listener->own_host, url);
	(void)snprintf(url, sizeof url, "http://localhost:%d", listener->port);
	if (str_starts_with(listener->host, "127.") || strcmp(listener->host, "[::1]") == 0)
		(void)host_rule_from_url(&listener->local_host, url);
	return 0;
}

int listener_open(struct listener **out, const struct listener_options *options, listener_fn *fn, void *arg, struct err *err)
{
	struct listener *listener = mem_alloc(sizeof *listener);
	listener->base = options->base;
	listener->clock = options->clock;
	listener->fn = fn;
	listener->arg = arg;
	listener->count_max = options->max_connections > 0 ? options->max_connections : CONNECTIONS_MAX;
	listener->deadline_ms = options->deadline_ms > 0 ? options->deadline_ms : DEADLINE_MS;
	TAILQ_INIT(&listener->connections);
	listener->resume = evtimer_new(listener->base, on_resume, listener);
	if (!listener->resume)
		fatal("the event loop does not take a timer");
	int rc = listener_bind(listener, options->address, err);
	if (rc == 0 && options->base_url && options->base_url[0] &&
	    !host_rule_from_url(&listener->base_host, options->base_url))
		rc = err_set(err, ERR_CONFIG, "base_url must be a URL of the form https://host[:port]");
	if (rc != 0) {
		listener_close(listener);
		return -1;
	}
	*out = listener;
	return 0;
}

void listener_close(struct listener *listener)
{
	if (!listener)
		return;
	while (!TAILQ_EMPTY(&listener->connections))
		connection_free(TAILQ_FIRST(&listener->connections));
	if (listener->acceptor)
		evconnlistener_free(listener->acceptor);
	event_free(listener->resume);
	free(listener);
}

int listener_port(const struct listener *listener)
{
	return listener->port;
}

const char *listener_host(const struct listener *listener)
{
	return listener->host;
}

const char *exchange_path(const struct exchange *exchange)
{
	return exchange->path;
}

bool exchange_wants_json(const struct exchange *exchange)
{
	return exchange->wants_json;
}

bool exchange_query_ok(const struct exchange *exchange)
{
	return exchange->query != NULL;
}

const char *exchange_query(const struct exchange *exchange, const char *name)
{
	return exchange->query ? query_get(exchange->query, name) : NULL;
}

void exchange_answer(struct exchange *exchange, int status, const char *content_type, const struct buf *body,
                     const char *location)
{
	if (exchange->connection) {
		struct buf text = { 0 };
		reply_format(&text, status, content_type, body, location, clock_wall(exchange->clock));
		exchange->connection->exchange = NULL;
		inbound_answer(exchange->connection->inbound, &text);
	}
	query_free(exchange->query);
	free(exchange->path);
	free(exchange);
}
