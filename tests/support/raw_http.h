/* HTTP as raw bytes over TCP, for requests that no decent client would make. */
#ifndef TESTS_SUPPORT_RAW_HTTP_H
#define TESTS_SUPPORT_RAW_HTTP_H

#include "ipc/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct raw_reply {
	int status;      /* 0: closed without an answer, or the answer is no HTTP */
	struct buf text; /* all of it */
	const char *body; /* in text */
};

/* A connection to 127.0.0.1; -1: refused. */
int raw_http_dial(int port);
bool raw_http_send(int fd, const void *bytes, size_t len);
/* Read until the other side closes (ten seconds at most, else the test fails), and close. */
void raw_http_finish(int fd, struct raw_reply *reply);
/* All three at once. */
void raw_http(int port, const void *bytes, size_t len, struct raw_reply *reply);
void raw_http_text(int port, const char *text, struct raw_reply *reply);
void raw_reply_free(struct raw_reply *reply);

/* The value of a header of the answer, copied into out; false without it. */
bool raw_header(const struct raw_reply *reply, const char *name, char *out, size_t size);

#endif
