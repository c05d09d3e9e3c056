/* The client against a server that answers as each path says: well, too much, too slowly, not at all. */
#include "daemon/http/client.h"

#include "daemon/vault/locked.h"
#include "ipc/base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- The server: one thread to accept, one a connection. ---- */

struct server {
	int fd, port;
	pthread_t thread;
	pthread_mutex_t lock;
	int connections, requests;
};

struct guest {
	struct server *server;
	int fd;
};

static void say(int fd, const char *text)
{
	size_t len = strlen(text);
	while (len > 0) {
		ssize_t put = send(fd, text, len, MSG_NOSIGNAL);
		if (put <= 0)
			return;
		text += put;
		len -= (size_t)put;
	}
}

/* Waits this long unless the client leaves first. */
static bool client_stays(int fd, int ms)
{
	struct pollfd waited = { .fd = fd, .events = POLLRDHUP };
	return poll(&waited, 1, ms) == 0;
}

static void answer_forever(int fd, const char *piece, int every_ms)
{
	size_t len = strlen(piece);
	while (send(fd, piece, len, MSG_NOSIGNAL) == (ssize_t)len)
		if (every_ms && !client_stays(fd, every_ms))
			return;
}

static void answer_echo(int fd, const char *request)
{
	char head[128];
	(void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(request));
	say(fd, head);
	say(fd, request);
}

static void answer_many_headers(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 20000; i++)
		say(fd, "X-Filler: 0123456789012345678901234567890123456789\r\n");
	say(fd, "Content-Length: 0\r\n\r\n");
}

/* False when the connection is to be closed. */
static bool answer(int fd, const char *request)
{
	static const struct {
		const char *path, *text;
		bool keep;
	} fixed[] = {
		{ "/ok", "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\n\r\nok", true },
		{ "/redirect", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", true },
		{ "/seconds", "HTTP/1.1 429 No\r\nretry-AFTER:  7 \r\nContent-Length: 0\r\n\r\n", true },
		{ "/date", "HTTP/1.1 503 No\r\nRetry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"
			   "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
		  true },
		{ "/interim", "HTTP/1.1 103 Early\r\nRetry-After: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true },
		{ "/gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1f\x8b\x08zz", true },
		{ "/204", "HTTP/1.1 204 No Content\r\n\r\n", true },
		{ "/truncated", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.", false },
		{ "/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", false },
		{ "/lengths", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx", false },
		{ "/nothttp", "SSH-2.0-OpenSSH_9.2\r\n", false },
		{ "/silent", "", false },
	};
	char path[64] = "";
	(void)sscanf(request, "%*s %63[^ ?]", path);
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
		if (strcmp(path, fixed[i].path) == 0) {
			say(fd, fixed[i].text);
			return fixed[i].keep;
		}
	}
	if (strcmp(path, "/echo") == 0) {
		answer_echo(fd, request);
		return true;
	}
	if (strcmp(path, "/endless") == 0) {
		say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
		answer_forever(fd, "10\r\n0123456789abcdef\r\n", 0);
	} else if (strcmp(path, "/drip") == 0) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
		answer_forever(fd, "x", 10);
	} else if (strcmp(path, "/headers") == 0) {
		answer_many_headers(fd);
	} else if (strcmp(path, "/hang") == 0) {
		(void)client_stays(fd, 20000);
	} else if (strcmp(path, "/reset") == 0) {
		const struct linger now = { .l_onoff = 1 };
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	}
	return false;
}

/* One request with its body into text; false at the end. */
static bool request_read(int fd, char *text, size_t size)
{
	size_t len = 0;
	for (;;) {
		ssize_t got = recv(fd, text + len, size - 1 - len, 0);
		if (got <= 0)
			return false;
		len += (size_t)got;
		text[len] = '\0';
		const char *body = strstr(text, "\r\n\r\n");
		if (!body)
			continue;
		const char *length = strstr(text, "Content-Length: ");
		size_t expected = length ? (size_t)strtoul(length + 16, NULL, 10) : 0;
		if (len >= (size_t)(body + 4 - text) + expected)
			return true;
	}
}

static void *guest_main(void *arg)
{
	struct guest guest = *(struct guest *)arg;
	char request[4096];
	free(arg);
	do {
		if (!request_read(guest.fd, request, sizeof request))
			break;
		pthread_mutex_lock(&guest.server->lock);
		guest.server->requests++;
		pthread_mutex_unlock(&guest.server->lock);
	} while (answer(guest.fd, request));
	close(guest.fd);
	pthread_mutex_lock(&guest.server->lock);
	guest.server->connections--;
	pthread_mutex_unlock(&guest.server->lock);
	return NULL;
}

static void *server_main(void *arg)
{
	struct server *server = arg;
	int fd;
	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		pthread_t thread;
		struct guest *guest = malloc(sizeof *guest);
		*guest = (struct guest){ server, fd };
		pthread_mutex_lock(&server->lock);
		server->connections++;
		pthread_mutex_unlock(&server->lock);
		if (pthread_create(&thread, NULL, guest_main, guest) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

static void server_open(struct server *server)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	*server = (struct server){ .fd = socket(AF_INET, SOCK_STREAM, 0) };
	pthread_mutex_init(&server->lock, NULL);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(server->fd, 64), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&at, &len), 0);
	server->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, server_main, server), 0);
}

static void server_close(struct server *server)
{
	(void)shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	/* The clients are gone, so that the guests leave soon. */
	for (int left = 1; left > 0; (void)poll(NULL, 0, 1)) {
		pthread_mutex_lock(&server->lock);
		left = server->connections;
		pthread_mutex_unlock(&server->lock);
	}
	pthread_mutex_destroy(&server->lock);
}

/* ---- The test's side. ---- */

struct world {
	struct server server;
	struct event_base *base;
	struct http_client *client;
	struct http_transport transport;
	int open; /* requests whose callback has not run */
};

struct outcome {
	struct world *world;
	struct http_job *job;
	int calls;
	bool inside_send;
	enum http_result result;
	int status;
	char body[4096];
	size_t body_len;
	int64_t retry_after_ms, skew_ms;
	bool has_date;
};

static int64_t fixed_wall(void *arg)
{
	(void)arg;
	return 784111777000 - 60000; /* a minute before the Date of /ok */
}

static int64_t system_boot(void *arg)
{
	(void)arg;
	return clock_boot(&clock_system);
}

static const struct clock fixed_clock = { .wall_ms = fixed_wall, .boot_ms = system_boot };

static int world_open(void **state)
{
	struct world *world = mem_alloc(sizeof *world);
	struct err err;
	server_open(&world->server);
	world->base = event_base_new();
	const struct http_client_options options = { .base = world->base,
		                                     .clock = &fixed_clock,
		                                     .per_host = 4,
		                                     .concurrency = 8,
		                                     .user_agent = "almanac-test" };
	assert_int_equal(http_client_new(&world->client, &options, &err), 0);
	world->transport = http_client_transport(world->client);
	*state = world;
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;
	http_client_free(world->client);
	event_base_free(world->base);
	server_close(&world->server);
	free(world);
	return locked_live_count() == 0 ? 0 : -1;
}

static void on_done(void *arg, struct http_response *response)
{
	struct outcome *outcome = arg;
	assert_false(outcome->inside_send);
	outcome->calls++;
	outcome->world->open--;
	outcome->result = response->result;
	outcome->status = response->status;
	outcome->body_len = response->body.len;
	if (response->body.data)
		(void)snprintf(outcome->body, sizeof outcome->body, "%s", response->body.data);
	outcome->retry_after_ms = response->retry_after_ms;
	outcome->skew_ms = response->date_skew_ms;
	outcome->has_date = response->has_date;
	assert_true(response->elapsed_ms >= 0 && response->elapsed_ms < 20000);
}

static struct http_request *request_to(const struct world *world, enum http_method method, const char *path)
{
	char url[128];
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%d%s", world->server.port, path);
	return http_request_new(method, url, HTTP_REPLY_TOKEN_MAX);
}

static void start(struct world *world, struct http_request *request, struct outcome *outcome)
{
	*outcome = (struct outcome){ .world = world, .inside_send = true };
	world->open++;
	outcome->job = world->transport.send(world->transport.self, request, on_done, outcome);
	outcome->inside_send = false;
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

static struct outcome run(struct world *world, struct http_request *request)
{
	struct outcome outcome;
	start(world, request, &outcome);
	finish(world);
	assert_int_equal(outcome.calls, 1);
	return outcome;
}

static struct outcome get(struct world *world, const char *path)
{
	struct http_request *request = request_to(world, HTTP_GET, path);
	request->timeout_ms = 2000;
	return run(world, request);
}

static void test_good_answer(void **state)
{
	struct world *world = *state;
	struct outcome outcome = get(world, "/ok");
	assert_int_equal(outcome.result, HTTP_OK);
	assert_int_equal(outcome.status, 200);
	assert_string_equal(outcome.body, "ok");
	assert_true(outcome.has_date);
	assert_int_equal(outcome.skew_ms, 60000);
	assert_int_equal(outcome.retry_after_ms, 0);
	outcome = get(world, "/204");
	assert_int_equal(outcome.status, 204);
	assert_int_equal(outcome.body_len, 0);
	assert_false(outcome.has_date);
	assert_int_equal(outcome.skew_ms, 0);
}

static void test_each_request_says_what_it_should_and_nothing_of_the_last(void **state)
{
	struct world *world = *state;
	struct http_request *request = request_to(world, HTTP_POST, "/echo?a=b");
	request->content_type = "application/x-www-form-urlencoded";
	request->bearer = secret_new("ya29.token", 10);
	request->if_match = mem_strdup("\"etag\"");
	secret_buf_add_form(&request->body, "refresh_token", "1//x");
	struct outcome outcome = run(world, request);
	assert_int_equal(outcome.result, HTTP_OK);
	assert_ptr_equal(strstr(outcome.body, "POST /echo?a=b HTTP/1.1\r\n"), outcome.body);
	assert_non_null(strstr(outcome.body, "\r\nAuthorization: Bearer ya29.token\r\n"));
	assert_non_null(strstr(outcome.body, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_non_null(strstr(outcome.body, "\r\nIf-Match: \"etag\"\r\n"));
	assert_non_null(strstr(outcome.body, "\r\nUser-Agent: almanac-test\r\n"));
	assert_non_null(strstr(outcome.body, "\r\n\r\nrefresh_token=1%2F%2Fx"));
	assert_null(strstr(outcome.body, "Accept-Encoding"));
	assert_null(strstr(outcome.body, "Cookie"));

	outcome = get(world, "/echo");
	assert_ptr_equal(strstr(outcome.body, "GET /echo HTTP/1.1\r\n"), outcome.body);
	assert_null(strstr(outcome.body, "Bearer"));
	assert_null(strstr(outcome.body, "If-Match"));
	assert_null(strstr(outcome.body, "refresh_token"));
	assert_null(strstr(outcome.body, "Content-"));

	request = request_to(world, HTTP_PATCH, "/echo");
	request->content_type = "application/json";
	secret_buf_add_text(&request->body, "{}");
	outcome = run(world, request);
	assert_ptr_equal(strstr(outcome.body, "PATCH /echo HTTP/1.1\r\n"), outcome.body);
	assert_non_null(strstr(outcome.body, "\r\n\r\n{}"));
	outcome = run(world, request_to(world, HTTP_DELETE, "/echo"));
	assert_ptr_equal(strstr(outcome.body, "DELETE /echo HTTP/1.1\r\n"), outcome.body);
	assert_null(strstr(outcome.body, "Content-"));
	outcome = run(world, request_to(world, HTTP_POST, "/echo"));
	assert_ptr_equal(strstr(outcome.body, "POST /echo HTTP/1.1\r\n"), outcome.body);
	assert_non_null(strstr(outcome.body, "\r\nContent-Length: 0\r\n"));
	outcome = get(world, "/echo");
	assert_ptr_equal(strstr(outcome.body, "GET /echo HTTP/1.1\r\n"), outcome.body);
}

static void test_connections_are_reused(void **state)
{
	struct world *world = *state;
	for (int i = 0; i < 50; i++)
		assert_int_equal(get(world, "/ok").result, HTTP_OK);
	pthread_mutex_lock(&world->server.lock);
	int connections = world->server.connections, requests = world->server.requests;
	pthread_mutex_unlock(&world->server.lock);
	assert_int_equal(connections, 1);
	assert_int_equal(requests, 50);
}

static void test_bad_answers_are_told_apart(void **state)
{
	struct world *world = *state;
	static const struct {
		const char *path;
		enum http_result result;
	} cases[] = {
		{ "/truncated", HTTP_ERR_BROKEN }, { "/chunk", HTTP_ERR_BROKEN },     { "/nothttp", HTTP_ERR_BROKEN },
		{ "/silent", HTTP_ERR_BROKEN },    { "/reset", HTTP_ERR_BROKEN },     { "/lengths", HTTP_ERR_BROKEN },
		{ "/endless", HTTP_ERR_TOO_LARGE }, { "/headers", HTTP_ERR_TOO_LARGE },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct outcome outcome = get(world, cases[i].path);
		if (outcome.result != cases[i].result)
			fail_msg("%s: %s", cases[i].path, http_result_text(outcome.result));
		assert_int_equal(outcome.status, 0);
		assert_int_equal(outcome.body_len, 0);
		assert_false(outcome.has_date);
	}
	assert_int_equal(get(world, "/ok").result, HTTP_OK);
}

static void test_body_budget_is_exact(void **state)
{
	struct world *world = *state;
	struct http_request *request = request_to(world, HTTP_GET, "/ok");
	request->reply_max = 2;
	assert_int_equal(run(world, request).result, HTTP_OK);
	request = request_to(world, HTTP_GET, "/ok");
	request->reply_max = 1;
	assert_int_equal(run(world, request).result, HTTP_ERR_TOO_LARGE);
}

static void test_slow_answers_end_in_time(void **state)
{
	struct world *world = *state;
	static const char *paths[] = { "/drip", "/hang" };
	for (size_t i = 0; i < 2; i++) {
		struct http_request *request = request_to(world, HTTP_GET, paths[i]);
		request->timeout_ms = 150;
		int64_t from = clock_boot(&clock_system);
		assert_int_equal(run(world, request).result, HTTP_ERR_TIMEOUT);
		int64_t took = clock_boot(&clock_system) - from;
		assert_in_range(took, 140, 2000);
	}
}

static void test_nothing_is_decoded_or_followed(void **state)
{
	struct world *world = *state;
	struct outcome outcome = get(world, "/gzip");
	assert_int_equal(outcome.result, HTTP_OK);
	assert_int_equal(outcome.body_len, 5);
	assert_memory_equal(outcome.body, "\x1f\x8b\x08zz", 5);
	outcome = get(world, "/redirect");
	assert_int_equal(outcome.result, HTTP_OK);
	assert_int_equal(outcome.status, 302);
	assert_int_equal(world->server.requests, 2);
}

static void test_retry_after_is_read_from_the_last_head(void **state)
{
	struct world *world = *state;
	struct outcome outcome = get(world, "/seconds");
	assert_int_equal(outcome.status, 429);
	assert_int_equal(outcome.retry_after_ms, 7000);
	outcome = get(world, "/date");
	assert_int_equal(outcome.status, 503);
	assert_int_equal(outcome.retry_after_ms, 30000);
	outcome = get(world, "/interim");
	assert_int_equal(outcome.status, 200);
	assert_int_equal(outcome.retry_after_ms, 0);
}

int main(void)
{
#define IN_WORLD(test_) cmocka_unit_test_setup_teardown(test_, world_open, world_close)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_good_answer),
		IN_WORLD(test_each_request_says_what_it_should_and_nothing_of_the_last),
		IN_WORLD(test_connections_are_reused),
		IN_WORLD(test_bad_answers_are_told_apart),
		IN_WORLD(test_body_budget_is_exact),
		IN_WORLD(test_slow_answers_end_in_time),
		IN_WORLD(test_nothing_is_decoded_or_followed),
		IN_WORLD(test_retry_after_is_read_from_the_last_head),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
