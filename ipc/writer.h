/* A streaming JSON writer into a buffer: no tree, no allocation but the buffer's growth. Commas are its business.
 *
 *   writer_object(w); writer_key(w, "id"); writer_text(w, id); writer_end(w);
 *
 * Keys are trusted ASCII literals. Texts may be anything: bad UTF-8 becomes U+FFFD, control characters (C0, DEL, C1) and
 * U+2028/9 are escaped. NULL texts are written as null. */
#ifndef IPC_WRITER_H
#define IPC_WRITER_H

#include "ipc/base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { WRITER_DEPTH_MAX = 32 };

struct writer {
	struct buf *out;
	int depth;
	bool after_key;
	uint32_t filled;         /* bit d: a member was already written at depth d */
	char close[WRITER_DEPTH_MAX];
};

void writer_init(struct writer *w, struct buf *out);
void writer_object(struct writer *w);
void writer_array(struct writer *w);
void writer_end(struct writer *w); /* closes the innermost object or array */
void writer_key(struct writer *w, const char *key);
void writer_text(struct writer *w, const char *text);
void writer_text_len(struct writer *w, const char *text, size_t len);
void writer_int(struct writer *w, int64_t value);
void writer_bool(struct writer *w, bool value);
void writer_null(struct writer *w);
void writer_time(struct writer *w, int64_t wall_ms); /* RFC 3339; 0 is written as null */
void writer_raw(struct writer *w, const char *json, size_t len); /* already JSON: an echoed id, stored details */
void writer_json(struct writer *w, const json_t *value);
/* Blank-separated words as an array of strings; NULL or "" gives []. */
void writer_words(struct writer *w, const char *words);

/* key and value at once */
void writer_put_text(struct writer *w, const char *key, const char *text);
void writer_put_int(struct writer *w, const char *key, int64_t value);
void writer_put_bool(struct writer *w, const char *key, bool value);
void writer_put_time(struct writer *w, const char *key, int64_t wall_ms);

#endif
