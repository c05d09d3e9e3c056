/* The socket as a foreign program sees it. */
#include "tests/support/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, CHUNK = 65536 };

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || strlen(path) >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

bool wire_open(struct wire *wire, const char *path, struct buf *tape)
{
	*wire = (struct wire){ .fd = dial(path), .tape = tape };
	return wire->fd >= 0;
}

/* One byte with a descriptor beside it, or alone when there is none. */
static void hand_over(int through, int fd)
{
	char byte = 0;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(header), &fd, sizeof fd);
	}
	(void)sendmsg(through, &message, MSG_NOSIGNAL);
}

static int take_over(int through)
{
	char byte;
	int fd = -1;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
		                  .msg_controllen = sizeof control.bytes };
	if (recvmsg(through, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header)
		memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

bool wire_open_as(struct wire *wire, const char *path, const struct wire_who *who, struct buf *tape)
{
	int pair[2], status;
	*wire = (struct wire){ .fd = -1, .tape = tape };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		bool changed = setgroups(who->group_count, who->groups) == 0 && setresgid(who->gid, who->gid, who->gid) == 0 &&
		               setresuid(who->uid, who->uid, who->uid) == 0;
		int fd = changed ? dial(path) : -1;
		hand_over(pair[1], fd);
		_exit(changed ? 0 : 1);
	}
	wire->fd = take_over(pair[0]);
	(void)close(pair[0]);
	(void)close(pair[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return wire->fd >= 0;
}

void wire_open_doors(const char *path)
{
	char up[128];
	(void)snprintf(up, sizeof up, "%s", path);
	assert_int_equal(chmod(up, 0666), 0);
	for (int i = 0; i < 2; i++) {
		*strrchr(up, '/') = '\0';
		assert_int_equal(chmod(up, 0711), 0);
	}
}

void wire_close(struct wire *wire)
{
	if (wire->fd >= 0)
		(void)close(wire->fd);
	wire->fd = -1;
	buf_free(&wire->in);
	buf_free(&wire->line);
}

bool wire_send(struct wire *wire, const void *bytes, size_t len)
{
	const char *at = bytes;
	while (len > 0) {
		ssize_t put = send(wire->fd, at, len, MSG_NOSIGNAL);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

bool wire_text(struct wire *wire, const char *text)
{
	return wire_send(wire, text, strlen(text));
}

void wire_shut(struct wire *wire)
{
	assert_int_equal(shutdown(wire->fd, SHUT_WR), 0);
}

bool wire_readable(const struct wire *wire, int timeout_ms)
{
	struct pollfd waited = { .fd = wire->fd, .events = POLLIN };
	return poll(&waited, 1, timeout_ms) == 1;
}

/* False at the end of the stream. */
static bool receive(struct wire *wire)
{
	if (!wire_readable(wire, WAIT_MS))
		fail_msg("the daemon says nothing for %d s", WAIT_MS / 1000);
	char *to = buf_reserve(&wire->in, CHUNK);
	ssize_t got = recv(wire->fd, to, CHUNK, 0);
	if (got <= 0)
		return false;
	wire->in.len += (size_t)got;
	wire->in.data[wire->in.len] = '\0';
	if (wire->tape)
		buf_add(wire->tape, to, (size_t)got);
	return true;
}

const char *wire_line(struct wire *wire)
{
	size_t looked = 0;
	const char *end;
	while ((end = memchr(buf_text(&wire->in) + looked, '\n', wire->in.len - looked)) == NULL) {
		looked = wire->in.len;
		if (!receive(wire)) {
			if (wire->in.len > 0)
				fail_msg("the stream ends within a line: %s", buf_text(&wire->in));
			return NULL;
		}
	}
	size_t len = (size_t)(end - wire->in.data);
	buf_truncate(&wire->line, 0);
	buf_add(&wire->line, wire->in.data, len);
	buf_consume(&wire->in, len + 1);
	return buf_text(&wire->line);
}

json_t *wire_reply(struct wire *wire)
{
	const char *line = wire_line(wire);
	if (!line)
		return NULL;
	json_t *reply = json_loadb(line, wire->line.len, JSON_REJECT_DUPLICATES, NULL);
	if (!reply)
		fail_msg("not a JSON text: %.300s", line);
	return reply;
}

json_t *wire_ask(struct wire *wire, const char *line)
{
	struct buf frame = { 0 };
	buf_printf(&frame, "%s\n", line);
	bool sent = wire_send(wire, frame.data, frame.len);
	buf_free(&frame);
	return sent ? wire_reply(wire) : NULL;
}

bool wire_ended(struct wire *wire, int timeout_ms)
{
	char byte;
	return wire->in.len == 0 && wire_readable(wire, timeout_ms) && recv(wire->fd, &byte, 1, 0) <= 0;
}

static const json_t *error_of(const json_t *reply)
{
	return json_object_get(reply, "error");
}

const char *wire_code(const json_t *reply)
{
	const char *code = json_string_value(json_object_get(json_object_get(error_of(reply), "data"), "code"));
	return code ? code : "";
}

json_int_t wire_number(const json_t *reply)
{
	return json_integer_value(json_object_get(error_of(reply), "code"));
}

const char *wire_field(const json_t *reply)
{
	const char *field = json_string_value(json_object_get(json_object_get(error_of(reply), "data"), "field"));
	return field ? field : "";
}
