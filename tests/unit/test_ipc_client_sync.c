/* The blocking client against peers that behave, and that do not. Each peer is a process of its own. */
#include "ipc/client_sync.h"

#include "ipc/base/buf.h"
#include "ipc/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/almanac-client-XXXXXX";
static char path[SOCKET_PATH_MAX];
static struct err err;
static pid_t child;

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	(void)snprintf(path, sizeof path, "%s/s", directory);
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(directory);
}

/* Start a peer that takes one connection, and connect to it. */
static struct client_sync *start(void (*serve)(int fd))
{
	int listener;
	struct client_sync *client;
	assert_int_equal(socket_listen(path, (gid_t)-1, &listener, &err), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)fcntl(listener, F_SETFL, 0);
		int fd = accept(listener, NULL, NULL);
		serve(fd);
		close(fd);
		_exit(0);
	}
	close(listener);
	assert_int_equal(client_sync_open(&client, path, &err), 0);
	return client;
}

static void stop(struct client_sync *client)
{
	int status;
	client_sync_close(client);
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void send_text(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void read_line(int fd, struct buf *line)
{
	char c;
	buf_truncate(line, 0);
	while (read(fd, &c, 1) == 1 && c != '\n')
		buf_add_char(line, c);
}

/* Answers each request with itself, after things that are not for the caller. */
static void serve_echo(int fd)
{
	struct buf line = { 0 }, reply = { 0 };
	for (read_line(fd, &line); line.len > 0; read_line(fd, &line)) {
		json_t *request = json_loads(line.data, 0, NULL);
		long long id = json_integer_value(json_object_get(request, "id"));
		buf_truncate(&reply, 0);
		buf_printf(&reply, "{\"jsonrpc\":\"2.0\",\"method\":\"notice\",\"params\":{}}\n{\"jsonrpc\":\"2.0\",\"id\":%lld,\"result\":1}\n", id + 1000);
		buf_printf(&reply, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"result\":%s}\n", id, line.data);
		/* In two pieces, so that a line arrives in parts. */
		(void)!write(fd, reply.data, 30);
		(void)!write(fd, reply.data + 30, reply.len - 30);
		json_decref(request);
	}
	buf_free(&line);
	buf_free(&reply);
}

static void test_calls(void **state)
{
	(void)state;
	struct client_sync *client = start(serve_echo);
	for (int i = 1; i <= 3; i++) {
		json_t *reply, *params = json_pack("{si ss}", "n", i, "s", "line\nend");
		assert_int_equal(client_sync_call(client, "test.echo", i == 3 ? NULL : params, 5000, &reply, &err), 0);
		const json_t *request = json_object_get(reply, "result");
		assert_string_equal(json_string_value(json_object_get(request, "method")), "test.echo");
		assert_string_equal(json_string_value(json_object_get(request, "jsonrpc")), "2.0");
		assert_true(i == 3 ? !json_object_get(request, "params") : json_equal(json_object_get(request, "params"), params));
		json_decref(reply);
		json_decref(params);
	}
	stop(client);
}

/* The daemon's way with somebody it does not know: one error without an id, then the end. */
static void serve_denied(int fd)
{
	send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32001,\"message\":\"no\",\"data\":{\"code\":\"denied\"}}}\n");
}

static void test_denied_at_connect(void **state)
{
	(void)state;
	json_t *reply;
	struct client_sync *client = start(serve_denied);
	int status;
	/* Only when the peer is gone: then sending fails, and the answer is still there. */
	assert_true(waitpid(child, &status, 0) == child);
	assert_int_equal(client_sync_call(client, "system.ping", NULL, 5000, &reply, &err), 0);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(reply, "error"), "code")), -32001);
	json_decref(reply);
	client_sync_close(client);
}

static void serve_nothing(int fd)
{
	char byte;
	while (read(fd, &byte, 1) == 1)
		;
}

static void test_timeout(void **state)
{
	(void)state;
	json_t *reply;
	struct client_sync *client = start(serve_nothing);
	assert_int_equal(client_sync_call(client, "system.ping", NULL, 30, &reply, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	stop(client);
}

static void serve_garbage(int fd)
{
	send_text(fd, "no json\n");
	serve_nothing(fd);
}

static void serve_half(int fd)
{
	send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,");
}

static void serve_neither(int fd)
{
	send_text(fd, "{\"jsonrpc\":\"2.0\",\"id\":1}\n[]\n5\n");
}

static void test_bad_replies(void **state)
{
	(void)state;
	void (*const peers[])(int) = { serve_garbage, serve_half, serve_neither };
	for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
		json_t *reply;
		struct client_sync *client = start(peers[i]);
		assert_int_equal(client_sync_call(client, "system.ping", NULL, 5000, &reply, &err), -1);
		assert_true(err.message[0] != '\0');
		stop(client);
	}
}

static void serve_long(int fd)
{
	struct buf reply = { 0 };
	buf_add_text(&reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"");
	for (int i = 0; i < 3000000; i++)
		buf_add_char(&reply, 'x');
	buf_add_text(&reply, "\"}\n");
	for (size_t at = 0; at < reply.len;) {
		ssize_t sent = write(fd, reply.data + at, reply.len - at);
		if (sent < 0)
			_exit(1);
		at += (size_t)sent;
	}
	buf_free(&reply);
}

static void test_long_reply(void **state)
{
	(void)state;
	json_t *reply;
	struct client_sync *client = start(serve_long);
	assert_int_equal(client_sync_call(client, "system.ping", NULL, 20000, &reply, &err), 0);
	assert_int_equal(json_string_length(json_object_get(reply, "result")), 3000000);
	json_decref(reply);
	stop(client);
}

static void test_raw(void **state)
{
	(void)state;
	struct client_sync *client = start(serve_echo);
	const char *line;
	size_t len;
	assert_int_equal(client_sync_send(client, "{\"id\":5}\n", 9, &err), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(client_sync_read(client, 5000, &line, &len, &err), 0);
	assert_string_equal(line, "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"id\":5}}");
	assert_int_equal(len, strlen(line));
	assert_int_equal(client_sync_read(client, 0, &line, &len, &err), -1);
	stop(client);
}

static void test_nobody_there(void **state)
{
	(void)state;
	struct client_sync *client = NULL;
	(void)unlink(path);
	assert_int_equal(client_sync_open(&client, path, &err), -1);
	assert_int_equal(client_sync_open(&client, directory, &err), -1);
	assert_null(client);
	client_sync_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),       cmocka_unit_test(test_denied_at_connect), cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_bad_replies), cmocka_unit_test(test_long_reply),        cmocka_unit_test(test_raw),
		cmocka_unit_test(test_nobody_there),
	};
	return cmocka_run_group_tests_name("ipc/client_sync", tests, begin, end);
}
