/* 500 connection.test calls over 16 sockets, with an expired token, make exactly one refresh request. */
#include "ipc/socket.h"
#include "tests/support/stage.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOCKETS = 16, CALLS = 500, REPLY_MS = 60000 };

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = write(fd, bytes, len);
		assert_true(sent > 0);
		bytes += sent;
		len -= (size_t)sent;
	}
}

/* Count the good and the bad answers that have come in whole. */
static void count_lines(struct buf *in, int *good, int *bad)
{
	char *end;
	while (in->len > 0 && (end = memchr(in->data, '\n', in->len)) != NULL) {
		*end = '\0';
		if (strstr(in->data, "\"result\":{\"ok\":true"))
			(*good)++;
		else
			(*bad)++;
		buf_consume(in, (size_t)(end - in->data) + 1);
	}
}

static void ask_all(struct stage *stage, const char *id, int *good, int *bad)
{
	struct pollfd fds[SOCKETS];
	struct buf in[SOCKETS] = { { 0 } };
	struct err err;
	char frame[160];
	for (int i = 0; i < SOCKETS; i++) {
		assert_int_equal(socket_connect(stage->socket, &fds[i].fd, &err), 0);
		fds[i].events = POLLIN;
	}
	for (int call = 0; call < CALLS; call++) {
		int len = snprintf(frame, sizeof frame,
		                   "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"connection.test\",\"params\":{\"id\":\"%s\"}}\n", call, id);
		send_all(fds[call % SOCKETS].fd, frame, (size_t)len);
	}
	while (*good + *bad < CALLS && poll(fds, SOCKETS, REPLY_MS) > 0) {
		for (int i = 0; i < SOCKETS; i++) {
			if (!(fds[i].revents & (POLLIN | POLLHUP)))
				continue;
			ssize_t got = read(fds[i].fd, buf_reserve(&in[i], 65536), 65536);
			assert_true(got > 0);
			in[i].len += (size_t)got;
			count_lines(&in[i], good, bad);
		}
	}
	for (int i = 0; i < SOCKETS; i++) {
		close(fds[i].fd);
		buf_free(&in[i]);
	}
}

static void test_many_tests_one_refresh(void **unused)
{
	struct stage stage;
	int good = 0, bad = 0;
	(void)unused;
	stage_open(&stage, NULL);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL);
	json_int_t before = stage_count(&stage, "token.refresh");
	json_decref(stage_control(&stage, "{s:s}", "op", "expire_access"));
	ask_all(&stage, id, &good, &bad);
	assert_int_equal(good, CALLS);
	assert_int_equal(bad, 0);
	assert_int_equal(stage_count(&stage, "token.refresh") - before, 1);
	free(id);
	stage_close(&stage);
}

/* The daemon knows by its own clock that the token is over. */
static void test_known_expiry_one_refresh(void **unused)
{
	static const char *const args[] = { "--token-life", "1", NULL };
	const struct stage_options options = { .sandbox_args = args };
	struct stage stage;
	int good = 0, bad = 0;
	(void)unused;
	stage_open(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	char *id = stage_connect(&stage, "acme", "ada.lovelace@example.com", NULL);
	json_decref(stage_control(&stage, "{s:s,s:i}", "op", "token_life", "seconds", 3600));
	(void)poll(NULL, 0, 1100); /* the life of the token, not a wait for somebody */
	json_int_t before = stage_count(&stage, "token.refresh");
	ask_all(&stage, id, &good, &bad);
	assert_int_equal(good, CALLS);
	/* The scheduler may have been faster than we: then there is none left to make. */
	assert_in_range(stage_count(&stage, "token.refresh") - before, 0, 1);
	free(id);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_tests_one_refresh),
		cmocka_unit_test(test_known_expiry_one_refresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
