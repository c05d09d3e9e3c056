/* The asynchronous client on a real loop, with the other end played by the test itself. */
#include "ipc/client.h"

#include "ipc/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char directory[] = "/tmp/almanac-async-XXXXXX";
static char path[SOCKET_PATH_MAX];
static struct event_base *base;
static struct err err;

static struct {
	int states[64], count, notices, replies, lost;
	json_t *last;
	struct client *client;
} seen;

static void on_state(void *arg, enum client_state state, const struct err *why)
{
	(void)arg;
	assert_true((why != NULL) == (state == CLIENT_WAITING));
	seen.states[seen.count++ % 64] = (int)state;
}

static void on_notice(void *arg, const json_t *message)
{
	(void)arg;
	assert_true(json_is_object(message));
	seen.notices++;
}

static void on_reply(void *arg, const json_t *reply)
{
	(void)arg;
	json_decref(seen.last);
	seen.last = reply ? json_deep_copy(reply) : NULL;
	if (reply)
		seen.replies++;
	else
		seen.lost++;
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(path, sizeof path, "%s/s", directory);
	(void)unlink(path);
	memset(&seen, 0, sizeof seen);
	base = event_base_new();
	return base ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	client_free(seen.client);
	json_decref(seen.last);
	event_base_free(base);
	(void)unlink(path);
	return 0;
}

static void start(void)
{
	const struct client_handlers handlers = { .state = on_state, .notice = on_notice };
	seen.client = client_new(base, path, &handlers, &clock_system, &rng_system);
}

/* Turn the loop until *value is at least `least`; an alarm ends a test that waits for ever. */
static void run_until(const int *value, int least)
{
	(void)alarm(20);
	while (*value < least)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	(void)alarm(0);
}

static int listen_here(void)
{
	int fd;
	assert_int_equal(socket_listen(path, (gid_t)-1, &fd, &err), 0);
	(void)fcntl(fd, F_SETFL, 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void test_calls(void **state)
{
	(void)state;
	int listener = listen_here();
	char request[256] = "";
	start();
	assert_int_equal(client_call(seen.client, "m", NULL, on_reply, NULL, &err), -1);
	run_until(&seen.count, 2);
	assert_int_equal(seen.states[0], CLIENT_CONNECTING);
	assert_int_equal(seen.states[1], CLIENT_CONNECTED);
	assert_int_equal(client_state(seen.client), CLIENT_CONNECTED);
	int fd = accept(listener, NULL, NULL);
	assert_int_equal(client_call(seen.client, "one", NULL, on_reply, NULL, &err), 0);
	assert_int_equal(client_call(seen.client, "two", NULL, on_reply, NULL, &err), 0);
	/* Replies overtake each other, and a notice comes between. */
	say(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"second\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"notice\",\"params\":{}}\n");
	run_until(&seen.notices, 1);
	assert_int_equal(seen.replies, 1);
	assert_string_equal(json_string_value(json_object_get(seen.last, "result")), "second");
	say(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":0}\n");
	run_until(&seen.replies, 2);
	assert_non_null(json_object_get(seen.last, "error"));
	assert_true(recv(fd, request, sizeof request - 1, 0) > 0);
	assert_non_null(strstr(request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"one\"}\n"));
	close(fd);
	run_until(&seen.count, 3);
	assert_int_equal(seen.replies, 2);
	assert_int_equal(seen.lost, 0);
	close(listener);
}

static void test_lost_and_back(void **state)
{
	(void)state;
	int listener = listen_here();
	start();
	run_until(&seen.count, 2);
	int fd = accept(listener, NULL, NULL);
	assert_int_equal(client_call(seen.client, "one", NULL, on_reply, NULL, &err), 0);
	assert_int_equal(client_call(seen.client, "two", NULL, on_reply, NULL, &err), 0);
	close(fd);
	run_until(&seen.lost, 2);
	assert_int_equal(client_state(seen.client), CLIENT_WAITING);
	assert_true(client_retry_at(seen.client) > 0);
	run_until(&seen.count, 5);
	assert_int_equal(client_state(seen.client), CLIENT_CONNECTED);
	assert_true(client_retry_at(seen.client) == 0);
	fd = accept(listener, NULL, NULL);
	assert_int_equal(client_call(seen.client, "three", NULL, on_reply, NULL, &err), 0);
	say(fd, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":3}\n");
	run_until(&seen.replies, 1);
	close(fd);
	close(listener);
}

/* Nobody there: it waits longer each time, and comes when it is called. */
static void test_backoff(void **state)
{
	(void)state;
	int64_t before = clock_wall(&clock_system);
	start();
	run_until(&seen.count, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(seen.states[i], i % 2 ? CLIENT_WAITING : CLIENT_CONNECTING);
	/* After delays of at least 50, 100 and 200 ms. */
	assert_true(clock_wall(&clock_system) - before >= 340);
	int listener = listen_here();
	client_retry_now(seen.client);
	run_until(&seen.count, 10);
	assert_int_equal(client_state(seen.client), CLIENT_CONNECTED);
	client_retry_now(seen.client);
	close(listener);
}

static void test_garbage_ends_it(void **state)
{
	(void)state;
	int listener = listen_here();
	start();
	run_until(&seen.count, 2);
	int fd = accept(listener, NULL, NULL);
	assert_int_equal(client_call(seen.client, "one", NULL, on_reply, NULL, &err), 0);
	say(fd, "no json\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}\n");
	run_until(&seen.lost, 1);
	assert_int_equal(client_state(seen.client), CLIENT_WAITING);
	assert_int_equal(seen.replies, 0);
	close(fd);
	close(listener);
}

static void test_free_answers_calls(void **state)
{
	(void)state;
	int listener = listen_here();
	start();
	run_until(&seen.count, 2);
	assert_int_equal(client_call(seen.client, "one", NULL, on_reply, NULL, &err), 0);
	client_free(seen.client);
	seen.client = NULL;
	assert_int_equal(seen.lost, 1);
	close(listener);
}

#define TEST(fn_) cmocka_unit_test_setup_teardown(fn_, setup, teardown)

static int begin(void **state)
{
	(void)state;
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	return sigaction(SIGPIPE, &ignore, NULL) == 0 && mkdtemp(directory) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_calls), TEST(test_lost_and_back), TEST(test_backoff), TEST(test_garbage_ends_it), TEST(test_free_answers_calls),
	};
	return cmocka_run_group_tests_name("ipc/client", tests, begin, end);
}
