/* A growable byte buffer, always NUL-terminated. Zero-initialise it, free it with buf_free. Not for secrets: those
 * live in daemon/vault/secret.h. */
#ifndef IPC_BASE_BUF_H
#define IPC_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *data; /* NULL until the first byte is put in */
	size_t len;
	size_t capacity;
};

/* Make room for `more` bytes beyond len (and the NUL); returns where they go. */
char *buf_reserve(struct buf *buf, size_t more);
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_truncate(struct buf *buf, size_t len);
/* Drop the first `len` bytes. */
void buf_consume(struct buf *buf, size_t len);
void buf_free(struct buf *buf);
/* The text, "" when empty; owned by the buffer, valid until it changes. */
const char *buf_text(const struct buf *buf);

#endif
