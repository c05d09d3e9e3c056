/* The socket under people who do not behave: who pipelines and does not read, sits idle, dribbles, sends descriptors along, is
 * killed, or takes the last descriptor. One daemon serves all of it and must be the same, and as large, at the end. */
#include "tests/support/proc.h"
#include "tests/support/process.h"
#include "tests/support/stage.h"
#include "tests/support/wire.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}"

static struct stage stage;

#ifdef __SANITIZE_ADDRESS__
enum { RSS_FACTOR = 20 }; /* freed memory is kept for a while */
#else
enum { RSS_FACTOR = 1 };
#endif

static void expect_growth_below(int64_t before_kib, int64_t limit_kib)
{
	int64_t now = proc_rss_kib(stage.daemon);
	if (now > before_kib + limit_kib * RSS_FACTOR)
		fail_msg("the daemon grew from %lld to %lld KiB", (long long)before_kib, (long long)now);
}

static void expect_pong(struct wire *wire)
{
	json_t *reply = wire_ask(wire, PING);
	assert_non_null(json_object_get(reply, "result"));
	json_decref(reply);
}

static bool fds_are_back(void *arg)
{
	return proc_fds(stage.daemon) <= *(int *)arg;
}

/* How many descriptors the daemon has with nobody there. */
static int quiet_fds(void)
{
	static int least = -1;
	stage_hang_up(&stage);
	if (least < 0) {
		struct wire wire;
		assert_true(wire_open(&wire, stage.socket, NULL));
		expect_pong(&wire);
		least = proc_fds(stage.daemon) - 1;
		wire_close(&wire);
	}
	assert_true(process_until(fds_are_back, &least, 10000));
	return least;
}

/* The requests, and how many of their bytes went out. */
struct pipeline {
	struct wire wire;
	struct buf text;
	size_t sent;
	int answered;
	bool *seen;
};

static void pipeline_push(struct pipeline *line)
{
	ssize_t put = send(line->wire.fd, line->text.data + line->sent, line->text.len - line->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put > 0)
		line->sent += (size_t)put;
	else
		assert_int_equal(errno, EAGAIN);
}

static bool pipeline_stalls(const struct pipeline *line, int timeout_ms)
{
	struct pollfd room = { .fd = line->wire.fd, .events = POLLOUT };
	return line->sent < line->text.len && poll(&room, 1, timeout_ms) == 0;
}

static void pipeline_take(struct pipeline *line, int count)
{
	json_t *reply = wire_reply(&line->wire);
	assert_non_null(json_object_get(reply, "result"));
	json_int_t id = json_integer_value(json_object_get(reply, "id"));
	assert_true(id >= 0 && id < count && !line->seen[id]);
	line->seen[id] = true;
	line->answered++;
	json_decref(reply);
}

static void test_pipelining_without_reading(void **unused)
{
	enum { COUNT = 10000 };
	struct pipeline line = { .seen = calloc(COUNT, sizeof(bool)) };
	struct wire other;
	(void)unused;
	for (int i = 0; i < COUNT; i++)
		buf_printf(&line.text, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"system.info\"}\n", i);
	int64_t before = proc_rss_kib(stage.daemon);
	assert_true(wire_open(&line.wire, stage.socket, NULL));
	while (line.sent < line.text.len && !pipeline_stalls(&line, 500))
		pipeline_push(&line);
	/* It was made to wait, takes little, and disturbs nobody. */
	assert_true(line.sent < line.text.len);
	expect_growth_below(before, 8192);
	assert_true(wire_open(&other, stage.socket, NULL));
	expect_pong(&other);
	wire_close(&other);
	while (line.answered < COUNT) {
		if (line.sent < line.text.len && !pipeline_stalls(&line, 0))
			pipeline_push(&line);
		if (line.sent == line.text.len || wire_readable(&line.wire, 0))
			pipeline_take(&line, COUNT);
	}
	expect_growth_below(before, 8192);
	wire_close(&line.wire);
	buf_free(&line.text);
	free(line.seen);
}

/* Large answers, taken a few hundred bytes at a time. */
static void test_slow_reader(void **unused)
{
	enum { COUNT = 100, SIP = 700 };
	char sip[SIP];
	struct wire wire;
	size_t lines = 0, left = 0;
	(void)unused;
	int64_t before = proc_rss_kib(stage.daemon);
	assert_true(wire_open(&wire, stage.socket, NULL));
	for (int i = 0; i < COUNT; i++)
		assert_true(wire_text(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n"));
	while (lines < COUNT) {
		assert_true(wire_readable(&wire, 10000));
		ssize_t got = recv(wire.fd, sip, sizeof sip, 0);
		assert_true(got > 0);
		for (ssize_t i = 0; i < got; i++)
			lines += sip[i] == '\n';
		left += (size_t)got;
	}
	assert_true(left > COUNT * 10000);
	expect_growth_below(before, 8192);
	wire_close(&wire);
}

static void test_idle_clients(void **unused)
{
	enum { COUNT = 500 };
	static struct wire idle[COUNT];
	struct wire wire;
	(void)unused;
	int fds = quiet_fds();
	int64_t before = proc_rss_kib(stage.daemon);
	for (int i = 0; i < COUNT; i++)
		assert_true(wire_open(&idle[i], stage.socket, NULL));
	for (int i = 0; i < COUNT; i += 50)
		expect_pong(&idle[i]);
	assert_true(wire_open(&wire, stage.socket, NULL));
	for (int i = 0; i < 100; i++)
		expect_pong(&wire);
	assert_int_equal(proc_fds(stage.daemon), fds + COUNT + 1);
	expect_growth_below(before, COUNT * 8);
	for (int i = 0; i < COUNT; i++)
		wire_close(&idle[i]);
	expect_pong(&wire);
	wire_close(&wire);
	assert_int_equal(quiet_fds(), fds);
}

static void test_half_frames(void **unused)
{
	enum { COUNT = 64 };
	static struct wire half[COUNT];
	struct wire wire;
	(void)unused;
	for (int i = 0; i < COUNT; i++) {
		assert_true(wire_open(&half[i], stage.socket, NULL));
		assert_true(wire_send(&half[i], PING, (size_t)i % (sizeof PING - 1)));
	}
	assert_true(wire_open(&wire, stage.socket, NULL));
	for (int i = 0; i < 100; i++)
		expect_pong(&wire);
	for (int i = 0; i < COUNT; i++) {
		assert_true(wire_text(&half[i], PING + i % (int)(sizeof PING - 1)));
		assert_true(wire_text(&half[i], "\n"));
	}
	for (int i = 0; i < COUNT; i++) {
		json_t *reply = wire_reply(&half[i]);
		assert_non_null(json_object_get(reply, "result"));
		json_decref(reply);
		wire_close(&half[i]);
	}
	wire_close(&wire);
}

/* A frame that never becomes whole: its client is let go in the end, others are served. */
static void test_a_frame_that_never_ends(void **unused)
{
	struct wire slow, wire;
	(void)unused;
	assert_true(wire_open(&slow, stage.socket, NULL));
	assert_true(wire_open(&wire, stage.socket, NULL));
	assert_true(wire_send(&slow, PING, 10));
	int seconds = 0;
	while (seconds < 30 && !wire_readable(&slow, 1000)) {
		/* A byte now and then is no reason to wait for longer. */
		(void)wire_send(&slow, " ", 1);
		expect_pong(&wire);
		seconds++;
	}
	assert_in_range(seconds, 5, 20);
	wire_close(&slow);
	wire_close(&wire);
}

static void send_descriptors(struct wire *wire, const char *text)
{
	enum { COUNT = 250 };
	int fds[COUNT];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof fds)];
	} control = { 0 };
	struct iovec part = { (char *)(uintptr_t)text, strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
		                  .msg_controllen = sizeof control.bytes };
	for (int i = 0; i < COUNT; i++)
		fds[i] = STDERR_FILENO;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(header), fds, sizeof fds);
	assert_int_equal(sendmsg(wire->fd, &message, MSG_NOSIGNAL), strlen(text));
}

static void test_descriptors_sent_along(void **unused)
{
	struct wire wire;
	(void)unused;
	int fds = quiet_fds();
	assert_true(wire_open(&wire, stage.socket, NULL));
	for (int i = 0; i < 200; i++) {
		send_descriptors(&wire, PING "\n");
		json_t *reply = wire_reply(&wire);
		assert_non_null(json_object_get(reply, "result"));
		json_decref(reply);
		assert_int_equal(proc_fds(stage.daemon), fds + 1);
	}
	wire_close(&wire);
	assert_int_equal(quiet_fds(), fds);
}

/* In a child that is killed: some requests, the last of them perhaps cut. */
static pid_t start_victim(int number)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child != 0)
		return child;
	struct wire wire;
	if (!wire_open(&wire, stage.socket, NULL))
		_exit(1);
	for (int i = 0; i < 50; i++)
		(void)wire_text(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n");
	(void)wire_send(&wire, PING "\n", (size_t)number % sizeof PING);
	(void)kill(getpid(), SIGKILL);
	_exit(1);
}

static void test_clients_that_are_killed(void **unused)
{
	struct wire wire;
	(void)unused;
	int fds = quiet_fds(), status;
	assert_true(wire_open(&wire, stage.socket, NULL));
	for (int i = 0; i < 200; i++) {
		pid_t victim = start_victim(i);
		assert_int_equal(waitpid(victim, &status, 0), victim);
		assert_true(WIFSIGNALED(status));
		if (i % 20 == 0)
			expect_pong(&wire);
	}
	expect_pong(&wire);
	wire_close(&wire);
	assert_int_equal(quiet_fds(), fds);
}

static void limit_fds(rlim_t count)
{
	struct rlimit limit;
	assert_int_equal(prlimit(stage.daemon, RLIMIT_NOFILE, NULL, &limit), 0);
	limit.rlim_cur = count;
	assert_int_equal(prlimit(stage.daemon, RLIMIT_NOFILE, &limit, NULL), 0);
}

static void test_out_of_descriptors(void **unused)
{
	enum { COUNT = 40, ROOM = 10 };
	struct wire clients[COUNT], wire;
	struct rlimit before;
	int served = 0, refused = 0;
	(void)unused;
	int fds = quiet_fds();
	assert_int_equal(prlimit(stage.daemon, RLIMIT_NOFILE, NULL, &before), 0);
	limit_fds((rlim_t)fds + ROOM);
	for (int i = 0; i < COUNT; i++) {
		assert_true(wire_open(&clients[i], stage.socket, NULL));
		(void)wire_text(&clients[i], PING "\n");
	}
	expect_pong(&clients[0]);
	int64_t cpu = proc_cpu_ms(stage.daemon);
	/* Who is turned away is told why; the others wait. */
	for (int i = 0; i < COUNT; i++) {
		if (!wire_readable(&clients[i], i < ROOM ? 5000 : 20))
			continue;
		json_t *reply = wire_reply(&clients[i]);
		served += json_object_get(reply, "result") != NULL;
		if (strcmp(wire_code(reply), "limit_exceeded") == 0) {
			assert_true(json_is_null(json_object_get(reply, "id")));
			refused++;
		}
		json_decref(reply);
	}
	assert_in_range(served, 1, ROOM + 3); /* numbers may be free below the highest */
	assert_true(served + refused < COUNT);
	assert_true(proc_cpu_ms(stage.daemon) - cpu < 1000);
	for (int i = 0; i < COUNT; i++)
		wire_close(&clients[i]);
	assert_true(wire_open(&wire, stage.socket, NULL));
	expect_pong(&wire);
	wire_close(&wire);
	assert_int_equal(prlimit(stage.daemon, RLIMIT_NOFILE, &before, NULL), 0);
	assert_int_equal(quiet_fds(), fds);
}

static void test_same_daemon(void **unused)
{
	(void)unused;
	json_t *info = stage_call(&stage, "system.info", NULL);
	assert_int_equal(json_integer_value(json_object_get(info, "pid")), stage.daemon);
	json_decref(info);
	stage_close(&stage);
}

static int open_stage(void **unused)
{
	static const struct stage_options options = { .without_sandbox = true };
	struct rlimit many;
	(void)unused;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &many), 0);
	many.rlim_cur = many.rlim_max < 4096 ? many.rlim_max : 4096;
	(void)setrlimit(RLIMIT_NOFILE, &many);
	stage_open(&stage, &options);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipelining_without_reading),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_idle_clients),
		cmocka_unit_test(test_half_frames),
		cmocka_unit_test(test_a_frame_that_never_ends),
		cmocka_unit_test(test_descriptors_sent_along),
		cmocka_unit_test(test_clients_that_are_killed),
		cmocka_unit_test(test_out_of_descriptors),
		cmocka_unit_test(test_same_daemon),
	};
	return cmocka_run_group_tests(tests, open_stage, NULL);
}
