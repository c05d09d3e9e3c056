/* The listener against raw sockets: what it takes, what it refuses and how, and who may leave when. */
#include "daemon/http/listener.h"

#include "daemon/vault/locked.h"
#include "daemon/vault/secret.h"
#include "ipc/base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { KEPT_MAX = 8 };

struct world {
	struct event_base *base;
	struct listener *listener;
	bool keep; /* exchanges are kept instead of answered */
	struct exchange *kept[KEPT_MAX];
	int kept_count, handled;
	char state_seen[64];
	bool query_ok, wants_json;
};

static void answer_ok(struct exchange *exchange)
{
	struct buf body = { 0 };
	buf_add_text(&body, "<p>done</p>");
	exchange_answer(exchange, 200, "text/html; charset=utf-8", &body, NULL);
	buf_free(&body);
}

static void on_exchange(void *arg, struct exchange *exchange)
{
	struct world *world = arg;
	const char *state = exchange_query(exchange, "state");
	world->handled++;
	world->query_ok = exchange_query_ok(exchange);
	world->wants_json = exchange_wants_json(exchange);
	(void)snprintf(world->state_seen, sizeof world->state_seen, "%s", state ? state : "(none)");
	if (world->keep) {
		world->kept[world->kept_count++] = exchange;
	} else if (strcmp(exchange_path(exchange), "/c/abc") == 0) {
		exchange_answer(exchange, 302, "text/html; charset=utf-8", NULL, "https://accounts.example/auth?x=1");
	} else if (strcmp(exchange_path(exchange), "/inject") == 0) {
		exchange_answer(exchange, 302, "text/html; charset=utf-8", NULL, "https://a/\r\nSet-Cookie: x=y");
	} else {
		answer_ok(exchange);
	}
}

static void listen_on(struct world *world, const char *address, const char *base_url, int max_connections, int deadline_ms)
{
	struct err err = { 0 };
	const struct listener_options options = { .base = world->base,
		                                  .clock = &clock_system,
		                                  .address = address,
		                                  .base_url = base_url,
		                                  .max_connections = max_connections,
		                                  .deadline_ms = deadline_ms };
	if (listener_open(&world->listener, &options, on_exchange, world, &err) != 0)
		fail_msg("%s", err.message);
}

static int world_open(void **state)
{
	struct world *world = mem_alloc(sizeof *world);
	world->base = event_base_new();
	listen_on(world, "127.0.0.1:0", NULL, 0, 0);
	*state = world;
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;
	listener_close(world->listener);
	for (int i = 0; i < world->kept_count; i++)
		answer_ok(world->kept[i]);
	event_base_free(world->base);
	free(world);
	return locked_live_count() == 0 ? 0 : -1;
}

static void turn(struct world *world, int ms)
{
	const struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	(void)event_base_loopexit(world->base, &wait);
	(void)event_base_loop(world->base, EVLOOP_ONCE);
}

/* Runs the loop for this long. */
static void stay(struct world *world, int ms)
{
	for (int64_t until = clock_boot(&clock_system) + ms; clock_boot(&clock_system) < until;)
		turn(world, 5);
}

static int dial(const struct world *world)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)listener_port(world->listener)),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void put(int fd, const char *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

/* What comes until the end, and closes. -1: nothing came within the time. */
static long take(struct world *world, int fd, char *out, size_t size, int ms)
{
	int64_t until = clock_boot(&clock_system) + ms;
	size_t len = 0;
	while (clock_boot(&clock_system) < until) {
		ssize_t got = recv(fd, out + len, size - 1 - len, MSG_DONTWAIT);
		if (got > 0)
			len += (size_t)got;
		out[len] = '\0';
		if (got == 0 || len + 1 == size) {
			close(fd);
			return (long)len;
		}
		turn(world, 1);
	}
	close(fd);
	return -1;
}

static int ask_bytes(struct world *world, const char *bytes, size_t len, char *reply, size_t size)
{
	int fd = dial(world), status = 0;
	put(fd, bytes, len);
	(void)take(world, fd, reply, size, 3000);
	(void)sscanf(reply, "HTTP/1.1 %d ", &status);
	return status;
}

/* A good request whose answer is awaited elsewhere; returns once the handler has it. */
static int ask_and_wait(struct world *world)
{
	char text[128];
	int fd = dial(world), before = world->kept_count;
	(void)snprintf(text, sizeof text, "GET /?code=4 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", listener_port(world->listener));
	put(fd, text, strlen(text));
	while (world->kept_count == before)
		turn(world, 5);
	return fd;
}

/* "HOST" in the text stands for the right one. */
static int ask(struct world *world, const char *text, char *reply, size_t size)
{
	char request[16384];
	const char *host = strstr(text, "HOST");
	if (host)
		(void)snprintf(request, sizeof request, "%.*s127.0.0.1:%d%s", (int)(host - text), text, listener_port(world->listener),
		               host + 4);
	else
		(void)snprintf(request, sizeof request, "%s", text);
	return ask_bytes(world, request, strlen(request), reply, size);
}

static void test_good_request_is_answered_with_all_headers(void **state)
{
	struct world *world = *state;
	char reply[2048];
	assert_string_equal(listener_host(world->listener), "127.0.0.1");
	assert_int_equal(ask(world, "GET /healthz?state=a%20b HTTP/1.1\r\nHost: HOST\r\nAccept: text/html, */*\r\n\r\n", reply,
	                     sizeof reply),
	                 200);
	assert_string_equal(world->state_seen, "a b");
	assert_false(world->wants_json);
	static const char *expected[] = { "\r\nConnection: close\r\n",
		                          "\r\nCache-Control: no-store\r\n",
		                          "\r\nReferrer-Policy: no-referrer\r\n",
		                          "\r\nX-Content-Type-Options: nosniff\r\n",
		                          "\r\nContent-Security-Policy: default-src 'none'",
		                          "\r\nContent-Type: text/html; charset=utf-8\r\n",
		                          "\r\nContent-Length: 11\r\n",
		                          "\r\nDate: ",
		                          "\r\n\r\n<p>done</p>" };
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		if (!strstr(reply, expected[i]))
			fail_msg("%s is missing in %s", expected[i], reply);
	assert_null(strstr(reply, "Server:"));
	assert_int_equal(ask(world, "GET / HTTP/1.0\r\naccept: application/json\r\nhost:HOST\r\n\r\n", reply, sizeof reply), 200);
	assert_true(world->wants_json);
	assert_int_equal(ask(world, "GET / HTTP/1.1\r\nContent-Length: 0\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 200);
	assert_false(world->wants_json);
}

static void test_redirect_goes_where_it_is_told_and_nowhere_else(void **state)
{
	struct world *world = *state;
	char reply[2048];
	assert_int_equal(ask(world, "GET /c/abc HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 302);
	assert_non_null(strstr(reply, "\r\nLocation: https://accounts.example/auth?x=1\r\n"));
	assert_int_equal(ask(world, "GET /inject HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 500);
	assert_null(strstr(reply, "Set-Cookie"));
}

static void test_bad_requests_get_their_status_and_reach_nobody(void **state)
{
	struct world *world = *state;
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: HOST\r\nHost: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: localhost.evil\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: [::1]:8710\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nX-Forwarded-Host: HOST\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost : HOST\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\nHost: HOST\n\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nhello", 413 },
		{ "GET / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip, chunked\r\n\r\nffffffffffffffff\r\n", 400 },
		{ "GET http://HOST/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400 },
		{ "HEAD / HTTP/1.1\r\nHost: HOST\r\n\r\n", 405 },
		{ "BREW / HTTP/1.1\r\nHost: HOST\r\n\r\n", 405 },
		{ "GET /\r\n", 400 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
	};
	char reply[2048];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int status = ask(world, cases[i].text, reply, sizeof reply);
		if (status != cases[i].status)
			fail_msg("case %zu, %s: %d instead of %d", i, cases[i].text, status, cases[i].status);
		assert_non_null(strstr(reply, "\r\nCache-Control: no-store\r\n"));
		assert_null(strstr(reply, "evil"));
		if (status == 405)
			assert_non_null(strstr(reply, "\r\nAllow: GET\r\n"));
	}
	assert_int_equal(world->handled, 0);
	assert_int_equal(ask(world, "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 200);
}

static void test_limits_are_exact(void **state)
{
	struct world *world = *state;
	char text[20000], reply[2048], host[64];
	(void)snprintf(host, sizeof host, "Host: 127.0.0.1:%d\r\n", listener_port(world->listener));
	for (int extra = 49; extra <= 50; extra++) {
		size_t len = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s", host);
		for (int i = 0; i < extra; i++)
			len += (size_t)snprintf(text + len, sizeof text - len, "X: y\r\n");
		(void)snprintf(text + len, sizeof text - len, "\r\n");
		assert_int_equal(ask(world, text, reply, sizeof reply), extra == 49 ? 200 : 431);
	}
	/* Exactly 8 KiB and one byte more, in the headers; then a request line without end. */
	for (int more = 0; more <= 1; more++) {
		int fixed = snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%sX: \r\n\r\n", host);
		(void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%sX: %0*d\r\n\r\n", host, 8192 - fixed + more, 0);
		assert_int_equal(strlen(text), 8192 + more);
		assert_int_equal(ask_bytes(world, text, strlen(text), reply, sizeof reply), more ? 431 : 200);
	}
	memset(text, 'a', sizeof text);
	memcpy(text, "GET /?code=", 11);
	assert_int_equal(ask_bytes(world, text, sizeof text, reply, sizeof reply), 414);
	/* A query over 4 KiB comes through as a malformed one. */
	(void)snprintf(text, sizeof text, "GET /?state=%05000d HTTP/1.1\r\nHost: HOST\r\n\r\n", 0);
	assert_int_equal(ask(world, text, reply, sizeof reply), 200);
	assert_false(world->query_ok);
}

static void test_malformed_queries_are_told(void **state)
{
	struct world *world = *state;
	static const char *bad[] = { "state=a&state=b", "state=a%00", "state=%zz", "state=%c0%af" };
	char text[256], reply[2048];
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		(void)snprintf(text, sizeof text, "GET /?%s HTTP/1.1\r\nHost: HOST\r\n\r\n", bad[i]);
		assert_int_equal(ask(world, text, reply, sizeof reply), 200);
		assert_false(world->query_ok);
		assert_string_equal(world->state_seen, "(none)");
	}
	assert_int_equal(ask(world, "GET /?STATE=x HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 200);
	assert_true(world->query_ok);
	assert_string_equal(world->state_seen, "(none)");
}

static void test_request_may_come_in_pieces_and_half_closed(void **state)
{
	struct world *world = *state;
	char text[128], reply[2048];
	int fd = dial(world);
	(void)snprintf(text, sizeof text, "GET /?state=x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", listener_port(world->listener));
	for (size_t i = 0; text[i]; i++) {
		put(fd, &text[i], 1);
		turn(world, 1);
	}
	(void)shutdown(fd, SHUT_WR);
	assert_true(take(world, fd, reply, sizeof reply, 3000) > 0);
	assert_string_equal(world->state_seen, "x");
}

static void test_slow_requests_are_cut_off(void **state)
{
	struct world *world = *state;
	listener_close(world->listener);
	listen_on(world, "127.0.0.1:0", "", 0, 200);
	int64_t from = clock_boot(&clock_system), ended = 0;
	int fd = dial(world);
	char byte;
	put(fd, "GET / HTTP/1.1\r\n", 16);
	/* A byte now and then does not buy time. */
	while (!ended && clock_boot(&clock_system) < from + 3000) {
		(void)send(fd, "x", 1, MSG_NOSIGNAL);
		stay(world, 20);
		ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);
		assert_true(got <= 0);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			ended = clock_boot(&clock_system);
	}
	close(fd);
	assert_in_range(ended - from, 150, 1500);
	assert_int_equal(world->handled, 0);
}

static void test_a_late_answer_still_arrives(void **state)
{
	struct world *world = *state;
	listener_close(world->listener);
	listen_on(world, "127.0.0.1:0", "", 0, 100);
	world->keep = true;
	char reply[2048];
	int fd = ask_and_wait(world);
	/* Past the deadline for the request: none runs while we owe the answer. */
	stay(world, 200);
	answer_ok(world->kept[0]);
	world->kept_count = 0;
	assert_true(take(world, fd, reply, sizeof reply, 3000) > 0);
	assert_ptr_equal(strstr(reply, "HTTP/1.1 200 "), reply);
}

static void test_a_reader_that_does_not_read_is_cut_off(void **state)
{
	struct world *world = *state;
	listener_close(world->listener);
	listen_on(world, "127.0.0.1:0", "", 1, 200);
	world->keep = true;
	char reply[2048];
	int fd = ask_and_wait(world);
	struct buf body = { 0 };
	memset(buf_reserve(&body, 16 << 20), 'a', 16 << 20);
	body.len = 16 << 20;
	exchange_answer(world->kept[0], 200, "text/plain", &body, NULL);
	buf_free(&body);
	world->kept_count = 0;
	world->keep = false;
	/* Its place, the only one, is free again after the deadline. */
	int64_t until = clock_boot(&clock_system) + 5000;
	while (ask(world, "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply) != 200)
		assert_true(clock_boot(&clock_system) < until);
	close(fd);
}

static void test_client_gone_before_the_answer_does_no_harm(void **state)
{
	struct world *world = *state;
	world->keep = true;
	for (int i = 0; i < 3; i++) {
		int fd = ask_and_wait(world);
		/* Politely, by reset, and not at all before the listener closes. */
		const struct linger now = { .l_onoff = 1 };
		if (i == 1)
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		if (i < 2)
			close(fd);
		turn(world, 20);
	}
	answer_ok(world->kept[0]);
	turn(world, 20);
	answer_ok(world->kept[1]);
	turn(world, 20);
	listener_close(world->listener);
	world->listener = NULL;
	assert_string_equal(exchange_path(world->kept[2]), "/");
	assert_string_equal(exchange_query(world->kept[2], "code"), "4");
	answer_ok(world->kept[2]);
	world->kept_count = 0;
}

static void test_full_house_drops_the_oldest_that_only_waits(void **state)
{
	struct world *world = *state;
	listener_close(world->listener);
	listen_on(world, "127.0.0.1:0", NULL, 4, 0);
	char reply[2048], byte;
	int idle[20];
	for (int i = 0; i < 20; i++) {
		idle[i] = dial(world);
		put(idle[i], "GET", 3);
		turn(world, 2);
	}
	assert_int_equal(ask(world, "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 200);
	/* All but the last few were let go. */
	int open = 0;
	for (int i = 0; i < 20; i++) {
		open += recv(idle[i], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
		close(idle[i]);
	}
	assert_in_range(open, 3, 4);

	/* Whom we owe an answer is not dropped: then newcomers are. */
	turn(world, 20);
	world->keep = true;
	int owed[4];
	for (int i = 0; i < 4; i++)
		owed[i] = ask_and_wait(world);
	assert_int_equal(ask(world, "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 0);
	for (int i = 0; i < 4; i++) {
		answer_ok(world->kept[i]);
		assert_true(take(world, owed[i], reply, sizeof reply, 3000) > 0);
	}
	world->kept_count = 0;
}

static void test_base_url_is_a_host_too(void **state)
{
	struct world *world = *state;
	char reply[2048];
	listener_close(world->listener);
	listen_on(world, "127.0.0.1:0", "https://calendars.example.com", 0, 0);
	assert_int_equal(ask(world, "GET / HTTP/1.1\r\nHost: calendars.example.com\r\n\r\n", reply, sizeof reply), 200);
	assert_int_equal(ask(world, "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", reply, sizeof reply), 200);
	assert_int_equal(ask(world, "GET / HTTP/1.1\r\nHost: calendars.example.com:8710\r\n\r\n", reply, sizeof reply), 400);
}

static void test_addresses_that_cannot_be(void **state)
{
	(void)state;
	static const char *bad[] = { "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1", "127.0.0.1:0x10", "localhost:80",
		                     ":80", "[::1]", "::1:80", "[::1]x:80" };
	struct event_base *base = event_base_new();
	struct listener *listener, *second;
	struct listener_options options = { .base = base, .clock = &clock_system };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = { 0 };
		options.address = bad[i];
		assert_int_equal(listener_open(&listener, &options, on_exchange, NULL, &err), -1);
		assert_int_equal(err.code, ERR_CONFIG);
	}
	options.address = "127.0.0.1:0";
	options.base_url = "calendars.example.com";
	struct err err = { 0 };
	assert_int_equal(listener_open(&listener, &options, on_exchange, NULL, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	options.base_url = NULL;
	assert_int_equal(listener_open(&listener, &options, on_exchange, NULL, &err), 0);
	char taken[32];
	(void)snprintf(taken, sizeof taken, "127.0.0.1:%d", listener_port(listener));
	options.address = taken;
	assert_int_equal(listener_open(&second, &options, on_exchange, NULL, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	listener_close(listener);
	listener_close(NULL);
	event_base_free(base);
}

int main(void)
{
#define IN_WORLD(test_) cmocka_unit_test_setup_teardown(test_, world_open, world_close)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_good_request_is_answered_with_all_headers),
		IN_WORLD(test_redirect_goes_where_it_is_told_and_nowhere_else),
		IN_WORLD(test_bad_requests_get_their_status_and_reach_nobody),
		IN_WORLD(test_limits_are_exact),
		IN_WORLD(test_malformed_queries_are_told),
		IN_WORLD(test_request_may_come_in_pieces_and_half_closed),
		IN_WORLD(test_slow_requests_are_cut_off),
		IN_WORLD(test_a_late_answer_still_arrives),
		IN_WORLD(test_a_reader_that_does_not_read_is_cut_off),
		IN_WORLD(test_client_gone_before_the_answer_does_no_harm),
		IN_WORLD(test_full_house_drops_the_oldest_that_only_waits),
		IN_WORLD(test_base_url_is_a_host_too),
		cmocka_unit_test(test_addresses_that_cannot_be),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
