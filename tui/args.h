/* The words after a verb as the params of its method. */
#ifndef TUI_ARGS_H
#define TUI_ARGS_H

#include "ipc/base/buf.h"
#include "ipc/method.h"
#include "tui/io.h"

#include <jansson.h>

/* *params is owned by the caller. Types are converted, bounds are not looked at: params_check does that.
 * A PARAM_SECRET takes `-` alone and is read from io->in: what is on a command line is seen by every user of the machine. */
int args_parse(const struct method *method, int argc, char **argv, const struct io *io, json_t **params, struct err *err);
/* "dry-run" for "dry_run" */
void args_add_option_name(struct buf *out, const char *param);

#endif
