/* The blocking client. Replies are not limited by the frame limit of requests, only by what a sane daemon would send. */
#include "ipc/client_sync.h"

#include "ipc/base/buf.h"
#include "ipc/base/clock.h"
#include "ipc/base/mem.h"
#include "ipc/frame.h"
#include "ipc/message.h"
#include "ipc/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLY_MAX = 64 * 1024 * 1024, READ_SIZE = 65536 };

struct client_sync {
	int fd;
	int64_t last_id;
	struct buf input;
	size_t scanned, used; /* used: the line handed out before, dropped at the next read */
};

int client_sync_open(struct client_sync **out, const char *path, struct err *err)
{
	int fd;
	if (socket_connect(path, &fd, err))
		return -1;
	struct client_sync *client = mem_alloc(sizeof *client);
	client->fd = fd;
	*out = client;
	return 0;
}

void client_sync_close(struct client_sync *client)
{
	if (!client)
		return;
	close(client->fd);
	buf_free(&client->input);
	free(client);
}

int client_sync_send(struct client_sync *client, const char *text, size_t len, struct err *err)
{
	while (len > 0) {
		ssize_t sent = send(client->fd, text, len, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return err_set(err, ERR_INTERNAL, "the connection to the daemon broke: %s", strerror(errno));
		text += sent;
		len -= (size_t)sent;
	}
	return 0;
}

/* Wait until there is something to read. */
static int wait_readable(int fd, int64_t deadline, struct err *err)
{
	for (;;) {
		int64_t left = deadline < 0 ? -1 : deadline - clock_boot(&clock_system);
		if (deadline >= 0 && left < 0)
			left = 0;
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int ready = poll(&wait, 1, (int)left);
		if (ready > 0)
			return 0;
		if (ready == 0)
			return err_set(err, ERR_BUSY, "no reply from the daemon in time");
		if (errno != EINTR)
			return err_set(err, ERR_INTERNAL, "poll: %s", strerror(errno));
	}
}

static int read_more(struct client_sync *client, int64_t deadline, struct err *err)
{
	char *to = buf_reserve(&client->input, READ_SIZE);
	if (wait_readable(client->fd, deadline, err))
		return -1;
	ssize_t got = recv(client->fd, to, READ_SIZE, 0);
	if (got < 0 && errno == EINTR)
		return 0;
	if (got <= 0)
		return err_set(err, ERR_INTERNAL, "the connection to the daemon broke: %s", got ? strerror(errno) : "it was closed");
	client->input.len += (size_t)got;
	return 0;
}

int client_sync_read(struct client_sync *client, int timeout_ms, const char **line, size_t *len, struct err *err)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_boot(&clock_system) + timeout_ms;
	struct buf *input = &client->input;
	buf_consume(input, client->used);
	client->used = 0;
	for (;;) {
		switch (frame_find(buf_text(input), input->len, REPLY_MAX, &client->scanned, len, &client->used)) {
		case FRAME_READY:
			input->data[*len] = '\0';
			*line = input->data;
			return 0;
		case FRAME_TOO_LONG:
			return err_set(err, ERR_INTERNAL, "a reply of the daemon is longer than %d bytes", REPLY_MAX);
		case FRAME_MORE:
			if (read_more(client, deadline, err))
				return -1;
		}
	}
}

/* An error without an id is ours as well: there is only one call at a time. */
static bool is_reply_to(const json_t *message, int64_t id)
{
	const json_t *got = json_object_get(message, "id");
	if (json_is_null(got))
		return json_is_object(json_object_get(message, "error"));
	return json_is_integer(got) && json_integer_value(got) == id &&
	       (json_object_get(message, "result") || json_is_object(json_object_get(message, "error")));
}

static int read_reply(struct client_sync *client, int64_t id, int timeout_ms, json_t **reply, struct err *err)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_boot(&clock_system) + timeout_ms;
	for (;;) {
		const char *line;
		size_t len;
		int64_t left = deadline < 0 ? -1 : deadline - clock_boot(&clock_system);
		if (client_sync_read(client, deadline >= 0 && left < 0 ? 0 : (int)left, &line, &len, err))
			return -1;
		json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
		if (!message)
			return err_set(err, ERR_INTERNAL, "the daemon's reply is not JSON");
		if (is_reply_to(message, id)) {
			*reply = message;
			return 0;
		}
		json_decref(message);
	}
}

int client_sync_call(struct client_sync *client, const char *method, const json_t *params, int timeout_ms, json_t **reply,
                     struct err *err)
{
	struct buf request = { 0 };
	struct writer w;
	struct err send_err;
	int64_t id = ++client->last_id;
	writer_init(&w, &request);
	message_call(&w, id, method, params);
	buf_add_char(&request, '\n');
	int broken = client_sync_send(client, buf_text(&request), request.len, &send_err);
	buf_free(&request);
	/* Who is refused at connect gets a reply before the connection is closed: it may be there to read. */
	if (read_reply(client, id, timeout_ms, reply, err) == 0)
		return 0;
	if (broken && err)
		*err = send_err;
	return -1;
}
