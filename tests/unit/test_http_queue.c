/* Who of the client's requests goes when, which do not go at all, and how they end before their time. The server runs on the
 * same loop. */
#include "daemon/http/client.h"

#include "daemon/vault/locked.h"
#include "ipc/base/mem.h"

#include <arpa/inet.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* libevent's is a macro and means the status. */
#undef HTTP_OK

struct world {
	struct event_base *base;
	struct evhttp *server;
	int port;
	struct http_client *client;
	struct http_transport transport;
	int open;                  /* requests whose callback has not run */
	int visits, running, running_most; /* at the server */
	char order[64];            /* last letters of the paths, as they came */
};

struct visit {
	struct world *world;
	struct evhttp_request *request;
	struct event *timer;
};

static void on_visit_over(evutil_socket_t fd, short what, void *arg)
{
	struct visit *visit = arg;
	(void)fd;
	(void)what;
	visit->world->running--;
	evhttp_send_reply(visit->request, 200, "OK", NULL);
	event_free(visit->timer);
	free(visit);
}

/* /hang is never answered, everything else after a while. */
static void on_visit(struct evhttp_request *request, void *arg)
{
	static const struct timeval a_while = { .tv_usec = 20000 };
	struct world *world = arg;
	const char *path = evhttp_request_get_uri(request);
	size_t at = strlen(world->order);
	if (strcmp(path, "/hang") == 0)
		return;
	world->visits++;
	if (++world->running > world->running_most)
		world->running_most = world->running;
	if (at + 1 < sizeof world->order)
		world->order[at] = path[strlen(path) - 1];
	struct visit *visit = mem_alloc(sizeof *visit);
	*visit = (struct visit){ world, request, evtimer_new(world->base, on_visit_over, visit) };
	assert_int_equal(evtimer_add(visit->timer, &a_while), 0);
}

static void client_open(struct world *world, int per_host, int concurrency)
{
	struct err err;
	const struct http_client_options options = { .base = world->base,
		                                     .clock = &clock_system,
		                                     .per_host = per_host,
		                                     .concurrency = concurrency,
		                                     .user_agent = "almanac-test" };
	assert_int_equal(http_client_new(&world->client, &options, &err), 0);
	world->transport = http_client_transport(world->client);
	world->running_most = 0;
	memset(world->order, 0, sizeof world->order);
}

static int world_open(void **state)
{
	struct world *world = mem_alloc(sizeof *world);
	world->base = event_base_new();
	world->server = evhttp_new(world->base);
	struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(world->server, "127.0.0.1", 0);
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	if (!bound || getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&at, &len) != 0)
		return -1;
	world->port = ntohs(at.sin_port);
	evhttp_set_gencb(world->server, on_visit, world);
	client_open(world, 4, 8);
	*state = world;
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;
	http_client_free(world->client);
	evhttp_free(world->server);
	event_base_free(world->base);
	free(world);
	return locked_live_count() == 0 ? 0 : -1;
}

struct outcome {
	struct world *world;
	struct http_job *job;
	int calls;
	bool inside; /* a call of ours into the transport */
	enum http_result result;
};

static void on_done(void *arg, struct http_response *response)
{
	struct outcome *outcome = arg;
	assert_false(outcome->inside);
	outcome->calls++;
	outcome->world->open--;
	outcome->result = response->result;
}

static struct http_request *request_to(const struct world *world, const char *host, const char *path)
{
	char url[128];
	(void)snprintf(url, sizeof url, "http://%s:%d%s", host, world->port, path);
	return http_request_new(HTTP_GET, url, HTTP_REPLY_TOKEN_MAX);
}

static void start(struct world *world, const char *host, const char *path, struct outcome *outcome)
{
	*outcome = (struct outcome){ .world = world, .inside = true };
	world->open++;
	outcome->job = world->transport.send(world->transport.self, request_to(world, host, path), on_done, outcome);
	outcome->inside = false;
}

static void cancel(struct world *world, struct outcome *outcome)
{
	outcome->inside = true;
	world->transport.cancel(world->transport.self, outcome->job);
	outcome->inside = false;
}

static void finish(struct world *world)
{
	int64_t until = clock_boot(&clock_system) + 20000;
	const struct timeval step = { .tv_usec = 100000 };
	while (world->open > 0) {
		assert_true(clock_boot(&clock_system) < until);
		(void)event_base_loopexit(world->base, &step);
		(void)event_base_loop(world->base, EVLOOP_ONCE);
	}
}

static void test_limit_of_a_host_is_reached_and_holds(void **state)
{
	struct world *world = *state;
	struct outcome outcomes[16];
	for (int i = 0; i < 16; i++)
		start(world, "127.0.0.1", "/slow", &outcomes[i]);
	finish(world);
	for (int i = 0; i < 16; i++)
		assert_int_equal(outcomes[i].result, HTTP_OK);
	assert_int_equal(world->running_most, 4);
}

static void test_order_is_kept(void **state)
{
	struct world *world = *state;
	struct outcome outcomes[8];
	char path[16];
	http_client_free(world->client);
	client_open(world, 1, 1);
	for (int i = 0; i < 8; i++) {
		(void)snprintf(path, sizeof path, "/slow%c", 'a' + i);
		start(world, "127.0.0.1", path, &outcomes[i]);
	}
	finish(world);
	assert_string_equal(world->order, "abcdefgh");
}

static void test_limit_over_all_hosts_holds(void **state)
{
	struct world *world = *state;
	struct outcome outcomes[16];
	http_client_free(world->client);
	client_open(world, 4, 6);
	for (int i = 0; i < 16; i++)
		start(world, i % 2 ? "localhost" : "127.0.0.1", "/slow", &outcomes[i]);
	finish(world);
	assert_int_equal(world->running_most, 6);
}

static void test_hosts_take_turns(void **state)
{
	struct world *world = *state;
	struct outcome outcomes[8];
	http_client_free(world->client);
	client_open(world, 1, 1);
	for (int i = 0; i < 6; i++)
		start(world, "127.0.0.1", "/a", &outcomes[i]);
	for (int i = 6; i < 8; i++)
		start(world, "localhost", "/b", &outcomes[i]);
	finish(world);
	assert_string_equal(world->order, "ababaaaa");
}

static void test_cancel_calls_back_once_and_later(void **state)
{
	struct world *world = *state;
	struct outcome going[4], waiting[2], after;
	for (int i = 0; i < 4; i++)
		start(world, "127.0.0.1", "/hang", &going[i]);
	for (int i = 0; i < 2; i++)
		start(world, "127.0.0.1", "/ok", &waiting[i]);
	(void)event_base_loop(world->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	cancel(world, &waiting[0]);
	cancel(world, &waiting[0]);
	for (int i = 0; i < 4; i++)
		cancel(world, &going[i]);
	assert_int_equal(waiting[0].calls + going[0].calls, 0);
	finish(world);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(going[i].calls, 1);
		assert_int_equal(going[i].result, HTTP_ERR_CANCELLED);
	}
	assert_int_equal(waiting[0].calls, 1);
	assert_int_equal(waiting[0].result, HTTP_ERR_CANCELLED);
	assert_int_equal(waiting[1].result, HTTP_OK);
	start(world, "127.0.0.1", "/ok", &after);
	finish(world);
	assert_int_equal(after.result, HTTP_OK);
}

/* An answer that came before the cancelling is not thrown away: it may hold a rotated token. */
static void on_done_cancel_other(void *arg, struct http_response *response)
{
	struct outcome *outcomes = arg;
	if (outcomes[0].calls == 0)
		cancel(outcomes[0].world, &outcomes[1]);
	on_done(arg, response);
}

static void test_cancel_after_the_answer_keeps_it(void **state)
{
	struct world *world = *state;
	struct outcome outcomes[2];
	http_client_free(world->client);
	client_open(world, 2, 2);
	/* Both refused at once, so that both wait for delivery together. */
	for (int i = 0; i < 2; i++) {
		outcomes[i] = (struct outcome){ .world = world };
		world->open++;
		outcomes[i].job = world->transport.send(world->transport.self, http_request_new(HTTP_GET, "ftp://a/", 1),
		                                        i ? on_done : on_done_cancel_other, &outcomes[i]);
	}
	finish(world);
	assert_int_equal(outcomes[1].calls, 1);
	assert_int_equal(outcomes[1].result, HTTP_ERR_BROKEN);
}

static void on_done_send_again(void *arg, struct http_response *response)
{
	struct outcome *outcome = arg;
	struct world *world = outcome->world;
	outcome->result = response->result;
	if (++outcome->calls < 3)
		(void)world->transport.send(world->transport.self, request_to(world, "127.0.0.1", "/ok"), on_done_send_again, outcome);
	else
		world->open--;
}

static void test_callbacks_may_send(void **state)
{
	struct world *world = *state;
	struct outcome again = { .world = world };
	world->open++;
	(void)world->transport.send(world->transport.self, request_to(world, "127.0.0.1", "/ok"), on_done_send_again, &again);
	finish(world);
	assert_int_equal(again.calls, 3);
	assert_int_equal(again.result, HTTP_OK);
}

static void test_freeing_the_client_ends_everything(void **state)
{
	struct world *world = *state;
	struct outcome hanging[10], again = { .world = world };
	for (int i = 0; i < 10; i++)
		start(world, "127.0.0.1", "/hang", &hanging[i]);
	world->open++;
	(void)world->transport.send(world->transport.self, request_to(world, "127.0.0.1", "/hang"), on_done_send_again, &again);
	(void)event_base_loop(world->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	http_client_free(world->client);
	world->client = NULL;
	assert_int_equal(world->open, 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(hanging[i].result, HTTP_ERR_CANCELLED);
	assert_int_equal(again.calls, 3);
	assert_int_equal(again.result, HTTP_ERR_CANCELLED);
}

/* The resolver works in a thread of its own: leaving must not wait for it. */
static void test_a_name_being_resolved_does_not_hold_up_the_loop(void **state)
{
	struct world *world = *state;
	struct outcome outcome = { .world = world };
	world->open++;
	outcome.job = world->transport.send(world->transport.self, http_request_new(HTTP_GET, "https://name.invalid/", 1), on_done,
	                                    &outcome);
	(void)event_base_loop(world->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	int64_t from = clock_boot(&clock_system);
	cancel(world, &outcome);
	finish(world);
	assert_true(clock_boot(&clock_system) - from < 500);
	assert_int_equal(outcome.calls, 1);
}

static struct outcome run(struct world *world, struct http_request *request)
{
	struct outcome outcome = { .world = world, .inside = true };
	world->open++;
	outcome.job = world->transport.send(world->transport.self, request, on_done, &outcome);
	outcome.inside = false;
	finish(world);
	assert_int_equal(outcome.calls, 1);
	return outcome;
}

static void test_what_must_not_be_sent_is_not(void **state)
{
	struct world *world = *state;
	static const char *urls[] = { "http://example.com/", "ftp://127.0.0.1/", "https://user:pw@localhost/", "file:///etc/passwd",
		                      "https://localhost/\r\nX: y" };
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
		assert_int_equal(run(world, http_request_new(HTTP_GET, urls[i], 10)).result, HTTP_ERR_BROKEN);
	struct http_request *request = request_to(world, "127.0.0.1", "/ok");
	request->bearer = secret_new("a\r\nX: y", 7);
	assert_int_equal(run(world, request).result, HTTP_ERR_BROKEN);
	request = request_to(world, "127.0.0.1", "/ok");
	request->bearer = secret_new("a\0b", 3);
	assert_int_equal(run(world, request).result, HTTP_ERR_BROKEN);
	request = request_to(world, "127.0.0.1", "/ok");
	request->if_match = mem_strdup("\"a\"\nX: y");
	assert_int_equal(run(world, request).result, HTTP_ERR_BROKEN);
	assert_int_equal(world->visits, 0);
}

static void test_names_and_ports_that_do_not_answer(void **state)
{
	struct world *world = *state;
	assert_int_equal(run(world, http_request_new(HTTP_GET, "http://127.0.0.1:1/", 10)).result, HTTP_ERR_CONNECT);
	struct http_request *request = http_request_new(HTTP_GET, "https://name.invalid/", 10);
	request->timeout_ms = 8000;
	enum http_result result = run(world, request).result;
	/* Without a resolver that answers, the time runs out instead. */
	assert_true(result == HTTP_ERR_RESOLVE || result == HTTP_ERR_TIMEOUT);
	char url[64];
	(void)snprintf(url, sizeof url, "https://127.0.0.1:%d/", world->port);
	request = http_request_new(HTTP_GET, url, 10);
	request->timeout_ms = 2000;
	result = run(world, request).result;
	assert_true(result == HTTP_ERR_TLS || result == HTTP_ERR_TIMEOUT);
}

static void test_environment_does_not_bring_a_proxy(void **state)
{
	struct world *world = *state;
	static const char *names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	for (size_t i = 0; i < 5; i++)
		setenv(names[i], "http://127.0.0.1:1/", 1);
	struct outcome outcome = run(world, request_to(world, "127.0.0.1", "/ok"));
	for (size_t i = 0; i < 5; i++)
		unsetenv(names[i]);
	assert_int_equal(outcome.result, HTTP_OK);
}

int main(void)
{
#define IN_WORLD(test_) cmocka_unit_test_setup_teardown(test_, world_open, world_close)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_limit_of_a_host_is_reached_and_holds),
		IN_WORLD(test_order_is_kept),
		IN_WORLD(test_limit_over_all_hosts_holds),
		IN_WORLD(test_hosts_take_turns),
		IN_WORLD(test_cancel_calls_back_once_and_later),
		IN_WORLD(test_cancel_after_the_answer_keeps_it),
		IN_WORLD(test_callbacks_may_send),
		IN_WORLD(test_freeing_the_client_ends_everything),
		IN_WORLD(test_environment_does_not_bring_a_proxy),
		IN_WORLD(test_what_must_not_be_sent_is_not),
		IN_WORLD(test_names_and_ports_that_do_not_answer),
		IN_WORLD(test_a_name_being_resolved_does_not_hold_up_the_loop),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
