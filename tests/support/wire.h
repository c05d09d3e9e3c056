/* The socket as a foreign program sees it: raw bytes out, lines in, and callers of any uid.
 *
 * Credentials are those at connect: wire_open_as connects in a child of that uid and takes the descriptor over. What goes wrong
 * on our side fails the cmocka test. */
#ifndef TESTS_SUPPORT_WIRE_H
#define TESTS_SUPPORT_WIRE_H

#include "ipc/base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct wire {
	int fd;
	struct buf in;    /* received and not yet handed out */
	struct buf line;  /* the line handed out last */
	struct buf *tape; /* every byte received goes here too; NULL: nowhere */
};

struct wire_who {
	uid_t uid;
	gid_t gid;
	gid_t groups[4];  /* supplementary */
	size_t group_count;
};

/* False: nobody listens there. */
bool wire_open(struct wire *wire, const char *path, struct buf *tape);
/* False: that user cannot connect. Only root can do this. */
bool wire_open_as(struct wire *wire, const char *path, const struct wire_who *who, struct buf *tape);
void wire_close(struct wire *wire);
/* As an administrator would who lets everybody knock: the socket and the two directories above it. */
void wire_open_doors(const char *path);

/* All of it, however long it takes. False: the other side has closed. */
bool wire_send(struct wire *wire, const void *bytes, size_t len);
bool wire_text(struct wire *wire, const char *text);
void wire_shut(struct wire *wire); /* our side only */

/* The next line without its newline, NULL at the end of the stream; owned by the wire until the next call. A test that waits
 * longer than ten seconds fails. */
const char *wire_line(struct wire *wire);
/* The same as JSON, owned by the caller; NULL at the end. */
json_t *wire_reply(struct wire *wire);
/* A line out, a line back. */
json_t *wire_ask(struct wire *wire, const char *line);
/* True: the stream has ended, or does within timeout_ms, without another byte. */
bool wire_ended(struct wire *wire, int timeout_ms);
/* Is there something to read? */
bool wire_readable(const struct wire *wire, int timeout_ms);

/* error.data.code of a reply, "" without an error. */
const char *wire_code(const json_t *reply);
json_int_t wire_number(const json_t *reply); /* error.code, 0 without */
/* error.data.field, "" without. */
const char *wire_field(const json_t *reply);

#endif
