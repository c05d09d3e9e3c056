/* Results on standard output: tables for people, TSV for pipes, JSON on demand. */
#ifndef TUI_OUTPUT_H
#define TUI_OUTPUT_H

#include "ipc/method.h"
#include "tui/io.h"
#include "tui/options.h"

#include <jansson.h>

/* A column of a list: where its value is in an item (see cell_at) and what stands above it. */
struct column {
	const char *path, *title;
};
/* Columns of a result schema ("connection_list"), NULL if it is no list. */
const struct column *output_columns(const char *schema, size_t *count);

void output_result(const struct io *io, const struct options *options, const struct method *method, const json_t *result);

#endif
