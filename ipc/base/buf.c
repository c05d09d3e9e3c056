/* A growable byte buffer. */
#include "ipc/base/buf.h"

#include "ipc/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

char *buf_reserve(struct buf *buf, size_t more)
{
	size_t need = buf->len + more + 1;
	if (need > buf->capacity) {
		size_t capacity = buf->capacity ? buf->capacity : 128;
		while (capacity < need)
			capacity *= 2;
		buf->data = mem_grow_array(buf->data, capacity, 1);
		buf->capacity = capacity;
	}
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	char *to = buf_reserve(buf, len);
	if (len)
		memcpy(to, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list ap, again;
	va_start(ap, format);
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (len > 0) {
		char *to = buf_reserve(buf, (size_t)len);
		(void)vsnprintf(to, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

void buf_consume(struct buf *buf, size_t len)
{
	if (len == 0)
		return;
	if (len > buf->len)
		len = buf->len;
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
	buf->data[buf->len] = '\0';
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
