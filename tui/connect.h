/* `almanac connect`: begins an attempt, shows its link and waits for its end. */
#ifndef TUI_CONNECT_H
#define TUI_CONNECT_H

#include "ipc/method.h"
#include "tui/io.h"
#include "tui/options.h"

/* method: the row of oauth.begin. */
int connect_run(const struct io *io, const struct options *options, const struct method *method);

#endif
