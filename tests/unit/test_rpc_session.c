/* Sessions of the real server over its socket: frames, batches, limits, closing, and replies that wait for the commit. */
#include "tests/unit/test_rpc_client.h"

#include "daemon/vault/secret.h"
#include "store/workspaces.h"

#include <sys/resource.h>

static char line[2 << 20];

static void expect(struct client *client, const char *text)
{
	assert_true(client_read(client, line, sizeof line));
	if (!strstr(line, text))
		fail_msg("expected %s in %s", text, line);
}

static void expect_exactly(struct client *client, const char *text)
{
	assert_true(client_read(client, line, sizeof line));
	assert_string_equal(line, text);
}

static void expect_end(struct client *client)
{
	if (client_read(client, line, sizeof line))
		fail_msg("expected the end, not %s", line);
}

#define PING(id_) "{\"jsonrpc\":\"2.0\",\"id\":" id_ ",\"method\":\"system.ping\"}"
#define PONG(id_) "{\"jsonrpc\":\"2.0\",\"id\":" id_ ",\"result\":{\"pong\":true}}"
#define CREATE(id_, slug_) \
	"{\"jsonrpc\":\"2.0\",\"id\":" id_ ",\"method\":\"workspace.create\",\"params\":{\"name\":\"x\",\"slug\":\"" slug_ "\"}}"

static int setup(void **state)
{
	struct world *world = world_open();
	world_listen(world);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	world_close(*state);
	return 0;
}

static void test_frames(void **state)
{
	struct client client = client_open(*state);
	client_send(&client, PING("1") "\n\n" PING("\"two\"") "\n" PING("null") "\n");
	expect_exactly(&client, PONG("1"));
	expect_exactly(&client, PONG("\"two\""));
	expect_exactly(&client, PONG("null"));
	for (const char *at = PING("3") "\n"; *at; at++) {
		client_send_len(&client, at, 1);
		world_turn(*state);
	}
	expect_exactly(&client, PONG("3"));
	client_send(&client, "{\"jsonrpc\"\n[]\n{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"no.such\"}\n");
	expect(&client, "\"id\":null,\"error\":{\"code\":-32700");
	expect(&client, "\"id\":null,\"error\":{\"code\":-32600");
	expect(&client, "\"id\":4,\"error\":{\"code\":-32601");
	client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"system.ping\",\"params\":[1]}\n");
	expect(&client, "\"id\":5,\"error\":{\"code\":-32602");
	client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"system.ping\",\"params\":{\"x\":1}}\n");
	expect(&client, "\"field\":\"x\"");
	client_close(&client);
}

static void test_half_close(void **state)
{
	struct client client = client_open(*state);
	client_send(&client, PING("1") "\n" PING("2"));
	assert_int_equal(shutdown(client.fd, SHUT_WR), 0);
	expect_exactly(&client, PONG("1"));
	expect_exactly(&client, PONG("2"));
	expect_end(&client);
	client_close(&client);
}

static void send_padded(struct client *client, size_t frame)
{
	char *text = malloc(frame + 1);
	const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"system.ping\"";
	memset(text, ' ', frame);
	memcpy(text, head, sizeof head - 1);
	text[frame - 2] = '}';
	text[frame - 1] = '\n';
	client_send_len(client, text, frame);
	free(text);
}

static void test_frame_limit(void **state)
{
	struct client client = client_open(*state);
	send_padded(&client, 65536);
	expect_exactly(&client, PONG("9"));
	client_send(&client, PING("1") "\n");
	send_padded(&client, 65537);
	client_send(&client, PING("2") "\n");
	expect_exactly(&client, PONG("1"));
	expect(&client, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,");
	expect_end(&client);
	client_close(&client);
	/* What was not read when it closed must not turn the answer into a reset. */
	client = client_open(*state);
	send_padded(&client, 150000);
	expect(&client, "\"code\":-32600,");
	expect_end(&client);
	client_close(&client);
}

static void test_batch(void **state)
{
	struct client client = client_open(*state);
	client_send(&client, "[" PING("1") ",{\"jsonrpc\":\"2.0\",\"method\":\"system.ping\"},7," PING("2") "]\n");
	assert_true(client_read(&client, line, sizeof line));
	assert_int_equal(line[0], '[');
	assert_non_null(strstr(line, PONG("1") ",{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600"));
	assert_string_equal(line + strlen(line) - strlen("," PONG("2") "]"), "," PONG("2") "]");
	/* Only notifications: no answer at all; the next reply belongs to what follows. */
	client_send(&client, "[{\"jsonrpc\":\"2.0\",\"method\":\"system.ping\"}]\n" PING("3") "\n");
	expect_exactly(&client, PONG("3"));
	struct buf big = { 0 };
	for (int i = 0; i < 33; i++)
		buf_add_text(&big, i ? "," PING("1") : "[" PING("1"));
	buf_add_text(&big, "]\n");
	client_send(&client, buf_text(&big));
	buf_free(&big);
	expect(&client, "\"id\":null,\"error\":{\"code\":-32600");
	client_close(&client);
}

static void test_notification_changes_nothing(void **state)
{
	struct client client = client_open(*state);
	client_send(&client, "{\"jsonrpc\":\"2.0\",\"method\":\"workspace.create\",\"params\":{\"name\":\"x\",\"slug\":\"acme\"}}\n"
	                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"workspace.list\"}\n");
	expect(&client, "\"items\":[],");
	client_close(&client);
}

/* More requests than may be unanswered, and more than one turn of a session: all are answered, in order. */
static void test_back_pressure(void **state)
{
	struct client client = client_open(*state);
	struct buf text = { 0 };
	for (int i = 0; i < 200; i++)
		buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"system.ping\"}\n", i);
	client_send_len(&client, text.data, text.len);
	buf_free(&text);
	for (int i = 0; i < 200; i++) {
		char expected[128];
		(void)snprintf(expected, sizeof expected, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{\"pong\":true}}", i);
		expect_exactly(&client, expected);
	}
	client_close(&client);
}

static bool workspace_exists(struct world *world, const char *slug)
{
	struct err err;
	return store_workspace_get(world->app.core.store, slug, true, NULL, NULL, &err) == 0;
}

/* A client that does not read is not served any further, until it does. */
static void test_slow_reader(void **state)
{
	struct world *world = *state;
	struct client client = client_open(world);
	int received = 0;
	for (int i = 0; i < 150; i++)
		client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n");
	client_send(&client, CREATE("1", "acme") "\n");
	for (int i = 0; i < 200; i++)
		world_turn(world);
	assert_false(workspace_exists(world, "acme"));
	assert_int_equal(shutdown(client.fd, SHUT_WR), 0);
	while (client_read(&client, line, sizeof line))
		received++;
	assert_int_equal(received, 151);
	assert_true(workspace_exists(world, "acme"));
	client_close(&client);
}

static void test_lost_tick(void **state)
{
	struct world *world = *state;
	struct client client = client_open(world);
	client_send(&client, PING("0") "\n");
	expect_exactly(&client, PONG("0"));
	client_send(&client, CREATE("1", "acme") "\n" PING("2") "\n[" PING("3") "," PING("4") "]\n");
	world->fail_next = true;
	expect(&client, "\"id\":1,\"error\":{\"code\":-32023,\"message\":\"the disk is full\"");
	expect(&client, "\"id\":2,\"error\":{\"code\":-32023");
	expect(&client, "[{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32023");
	assert_non_null(strstr(line, ",{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{\"code\":-32023"));
	client_send(&client, PING("5") "\n");
	expect_exactly(&client, PONG("5"));
	client_close(&client);
}

static void test_partial_frame_times_out(void **state)
{
	struct world *world = *state;
	struct client idle = client_open(world), slow = client_open(world);
	client_send(&idle, PING("1") "\n");
	expect_exactly(&idle, PONG("1"));
	world->leap = 11000;
	client_send(&slow, "{\"jsonrpc\":");
	expect_end(&slow);
	client_send(&idle, PING("2") "\n");
	expect_exactly(&idle, PONG("2"));
	client_close(&idle);
	client_close(&slow);
}

static void test_too_many_clients(void **state)
{
	struct world *world = *state;
	rpc_server_close(world->app.server);
	world->config.max_clients = 1;
	world_listen(world);
	struct client first = client_open(world), second = client_open(world);
	client_send(&first, PING("1") "\n");
	client_send(&second, PING("1") "\n");
	expect_exactly(&first, PONG("1"));
	expect(&second, "\"id\":null,\"error\":{\"code\":-32004");
	client_close(&second);
	client_close(&first);
	struct client third = client_open(world);
	client_send(&third, PING("1") "\n");
	expect_exactly(&third, PONG("1"));
	client_close(&third);
}

/* Without descriptors one client is told so, the next waits in the queue, and is served when there are some again. */
static void test_out_of_descriptors(void **state)
{
	struct world *world = *state;
	struct client refused = client_open(world), waiting = client_open(world);
	struct rlimit before, tight;
	int taken[64], count = 0;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	while (count < 64 && (taken[count] = dup(0)) >= 0)
		count++;
	expect(&refused, "\"id\":null,\"error\":{\"code\":-32004");
	expect_end(&refused);
	while (count > 0)
		(void)close(taken[--count]);
	world->leap = 600;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	client_send(&waiting, PING("1") "\n");
	expect_exactly(&waiting, PONG("1"));
	client_close(&refused);
	client_close(&waiting);
}

static void test_descriptors_are_not_taken(void **state)
{
	struct client client = client_open(*state);
	int pair[2];
	assert_int_equal(pipe(pair), 0);
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	char text[] = PING("1") "\n";
	struct iovec part = { text, sizeof text - 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(header), &pair[1], sizeof(int));
	assert_true(sendmsg(client.fd, &message, 0) > 0);
	(void)close(pair[1]);
	expect_exactly(&client, PONG("1"));
	/* Nobody holds the writing end any more. */
	assert_int_equal(read(pair[0], text, 1), 0);
	(void)close(pair[0]);
	client_close(&client);
}

static void test_client_dies(void **state)
{
	struct world *world = *state;
	struct client client = client_open(world), other = client_open(world);
	client_send(&client, PING("1") "\n" CREATE("2", "acme") "\n");
	(void)close(client.fd);
	client.fd = dup(other.fd);
	client_send(&other, PING("1") "\n");
	expect_exactly(&other, PONG("1"));
	client_send(&other, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"workspace.get\",\"params\":{\"id\":\"acme\"}}\n");
	expect(&other, "\"slug\":\"acme\"");
	client_close(&client);
	client_close(&other);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_frames),           TEST(test_half_close),
		TEST(test_frame_limit),      TEST(test_batch),
		TEST(test_back_pressure),    TEST(test_notification_changes_nothing),
		TEST(test_slow_reader),      TEST(test_lost_tick),
		TEST(test_too_many_clients), TEST(test_partial_frame_times_out),
		TEST(test_client_dies),      TEST(test_descriptors_are_not_taken),
		TEST(test_out_of_descriptors),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
