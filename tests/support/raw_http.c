/* HTTP as raw bytes over TCP. */
#include "tests/support/raw_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, CHUNK = 16384 };

int raw_http_dial(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

bool raw_http_send(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;
	while (len > 0) {
		ssize_t put = send(fd, at, len, MSG_NOSIGNAL);
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

static void parse(struct raw_reply *reply)
{
	const char *text = buf_text(&reply->text), *end = strstr(text, "\r\n\r\n");
	reply->body = end ? end + 4 : "";
	reply->status = end && strncmp(text, "HTTP/1.1 ", 9) == 0 ? (int)strtol(text + 9, NULL, 10) : 0;
}

void raw_http_finish(int fd, struct raw_reply *reply)
{
	*reply = (struct raw_reply){ 0 };
	for (;;) {
		struct pollfd waited = { .fd = fd, .events = POLLIN };
		if (poll(&waited, 1, WAIT_MS) != 1)
			fail_msg("the listener says nothing for %d s", WAIT_MS / 1000);
		char piece[CHUNK];
		ssize_t got = recv(fd, piece, sizeof piece, 0);
		if (got <= 0)
			break;
		buf_add(&reply->text, piece, (size_t)got);
	}
	(void)close(fd);
	parse(reply);
}

void raw_http(int port, const void *bytes, size_t len, struct raw_reply *reply)
{
	int fd = raw_http_dial(port);
	assert_true(fd >= 0);
	(void)raw_http_send(fd, bytes, len);
	raw_http_finish(fd, reply);
}

void raw_http_text(int port, const char *text, struct raw_reply *reply)
{
	raw_http(port, text, strlen(text), reply);
}

void raw_reply_free(struct raw_reply *reply)
{
	buf_free(&reply->text);
}

bool raw_header(const struct raw_reply *reply, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);
	for (const char *at = strstr(buf_text(&reply->text), "\r\n"); at && at + 4 < reply->body; at = strstr(at, "\r\n")) {
		at += 2;
		if (strncasecmp(at, name, len) == 0 && at[len] == ':') {
			(void)snprintf(out, size, "%.*s", (int)strcspn(at + len + 2, "\r"), at + len + 2);
			return true;
		}
	}
	return false;
}
