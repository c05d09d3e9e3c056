/* JSON on its way out. */
#ifndef TUI_PRETTY_H
#define TUI_PRETTY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* The value as it is, in one line; for a terminal indented, and with everything escaped that hides or reorders text. */
void pretty_write(FILE *out, const json_t *value, bool terminal);

#endif
