/* Small string helpers that libc lacks. */
#ifndef IPC_BASE_STRUTIL_H
#define IPC_BASE_STRUTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copy, cut at the last whole UTF-8 character that fits; always terminates. Returns false if it was cut. */
bool str_copy(char *out, size_t size, const char *text);
bool str_starts_with(const char *text, const char *prefix);
bool str_equal(const char *a, const char *b); /* NULL equals only NULL */
/* The whole text is one decimal integer within [min, max]: no blanks, no '+', no leading zeros. */
bool str_to_int64(const char *text, int64_t min, int64_t max, int64_t *out);
/* Length of the longest prefix of at most `max` bytes that ends on a UTF-8 character boundary. */
size_t str_utf8_cut(const char *text, size_t len, size_t max);
bool str_is_utf8(const char *text, size_t len);
/* Lower-case hexadecimal of len bytes into out (2 * len + 1 bytes). */
void str_hex(char *out, const void *bytes, size_t len);
/* Trim blanks at both ends in place; returns the first non-blank. */
char *str_trim(char *text);

#endif
