/* The text of an answer: status line, the headers that every answer of ours carries, body. Inside daemon/http only. */
#ifndef DAEMON_HTTP_REPLY_H
#define DAEMON_HTTP_REPLY_H

#include "ipc/base/buf.h"

#include <stdint.h>

/* location: NULL but for 302. A content type or location that cannot stand in a header makes it an empty 500. */
void reply_format(struct buf *out, int status, const char *content_type, const struct buf *body, const char *location,
                  int64_t now_ms);
/* What a request gets that never reaches a handler: a short static text. */
void reply_refusal(struct buf *out, int status, int64_t now_ms);

#endif
