/* The one function that makes foreign text displayable (SAFETY.md TUI-1). */
#ifndef IPC_BASE_TEXT_H
#define IPC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rewrite `len` bytes of untrusted text into one safe line of UTF-8: bad bytes become U+FFFD; control characters
 * (C0, DEL, C1), line and paragraph separators, bidirectional controls, zero-width and tag characters become visible
 * escapes such as \x1b or \u202e; at most four combining marks follow a character. Cut at whole characters so that
 * it fits `size` bytes with the NUL. Returns the bytes written without the NUL. */
size_t text_display(char *out, size_t size, const char *in, size_t len);
/* Decode one character of `len` > 0 bytes; *used says how many it took (1 for a bad byte, then U+FFFD is returned). */
uint32_t text_decode(const char *in, size_t len, size_t *used);
/* Terminal cells of one character as text_display lets it through: 0, 1 or 2. Independent of the locale. */
int text_width(uint32_t c);
/* Terminal cells of a whole displayable text. */
size_t text_columns(const char *text);

#endif
