/* Frames on the socket: one JSON text a line (CONTRACT.md sections 5 and 7), and the allocation-free look at a frame before
 * jansson sees it (DESIGN.md section 7: jansson turns 64 KiB of `{},` into megabytes). */
#ifndef IPC_FRAME_H
#define IPC_FRAME_H

#include "ipc/base/err.h"

#include <stddef.h>

enum { FRAME_MAX = 65536, FRAME_DEPTH_MAX = 32, FRAME_TOKENS_MAX = 4096, FRAME_DIGITS_MAX = 20 };

enum frame_status { FRAME_READY, FRAME_MORE, FRAME_TOO_LONG };
/* Find the first frame in data. READY: *frame_len bytes without the newline, *used with it. `scanned` remembers how far was
 * looked without finding a newline (start with 0). max counts the newline. Blank lines are frames of length 0. */
enum frame_status frame_find(const char *data, size_t len, size_t max, size_t *scanned, size_t *frame_len, size_t *used);

/* Depth, tokens and digits within the limits, UTF-8 well formed: else ERR_PARSE_ERROR. Not a validator: jansson follows. */
int frame_scan(const char *frame, size_t len, struct err *err);

#endif
