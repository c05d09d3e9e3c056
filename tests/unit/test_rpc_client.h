/* A client of the server in a test's world: non-blocking, it turns the world while it waits. */
#ifndef TESTS_UNIT_TEST_RPC_CLIENT_H
#define TESTS_UNIT_TEST_RPC_CLIENT_H

#include "tests/unit/test_rpc_world.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

struct client {
	struct world *world;
	int fd;
	struct buf in;
	bool eof;
};

static inline struct client client_open(struct world *world)
{
	struct client client = { .world = world };
	struct err err;
	assert_int_equal(socket_connect(world->app.socket_path, &client.fd, &err), 0);
	assert_int_equal(fcntl(client.fd, F_SETFL, O_NONBLOCK), 0);
	return client;
}

static inline void client_close(struct client *client)
{
	(void)close(client->fd);
	buf_free(&client->in);
	for (int i = 0; i < 5; i++)
		world_turn(client->world);
}

static inline void client_send_len(struct client *client, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(client->fd, text, len, MSG_NOSIGNAL);
		if (sent < 0) {
			world_turn(client->world);
			continue;
		}
		text += sent;
		len -= (size_t)sent;
	}
}

static inline void client_send(struct client *client, const char *text)
{
	client_send_len(client, text, strlen(text));
}

/* Turn the world until the client has a line (true) or the other end has closed (false); *line is without the newline. */
static inline bool client_read(struct client *client, char *line, size_t size)
{
	for (int turn = 0; turn < 5000; turn++) {
		char *newline = client->in.len ? memchr(client->in.data, '\n', client->in.len) : NULL;
		if (newline) {
			size_t len = (size_t)(newline - client->in.data);
			assert_true(len < size);
			memcpy(line, client->in.data, len);
			line[len] = '\0';
			buf_consume(&client->in, len + 1);
			return true;
		}
		if (client->eof)
			return false;
		world_turn(client->world);
		struct pollfd poller = { .fd = client->fd, .events = POLLIN };
		if (poll(&poller, 1, 1) <= 0)
			continue;
		char *to = buf_reserve(&client->in, 65536);
		ssize_t got = recv(client->fd, to, 65536, 0);
		assert_true(got >= 0);
		client->in.len += (size_t)got;
		client->eof = got == 0;
	}
	fail_msg("no answer came");
	return false;
}

#endif
