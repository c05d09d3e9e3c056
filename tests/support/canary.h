/* Canaries: every token and code that the sandbox issued, looked for in what a run left behind. */
#ifndef TESTS_SUPPORT_CANARY_H
#define TESTS_SUPPORT_CANARY_H

#include <jansson.h>
#include <stddef.h>

/* state: the sandbox's /_sandbox/state. Fails the cmocka test, naming the place, if one of its tokens or codes stands in the
 * bytes: raw, percent-encoded, hexadecimal, base64 at any of the three alignments, JSON-escaped or UTF-16. */
void canary_check_bytes(const json_t *state, const char *place, const void *bytes, size_t len);
/* The same for every regular file below a directory. */
void canary_check_tree(const json_t *state, const char *directory);

#endif
