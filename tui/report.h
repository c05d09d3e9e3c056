/* What went wrong, on standard error: `almanac: message (code)`, and what would mend it. */
#ifndef TUI_REPORT_H
#define TUI_REPORT_H

#include "ipc/base/err.h"
#include "tui/io.h"

#include <jansson.h>

/* A fault found here; returns code. */
int report_err(const struct io *io, const struct err *err, int code);
/* The error object of a reply; returns its exit code. */
int report_reply(const struct io *io, const json_t *error);
/* A data.code with its message, as in oauth.status; returns its exit code. Either may be NULL. */
int report_code(const struct io *io, const char *code, const char *message);

#endif
