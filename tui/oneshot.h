/* One verb of the method table, from its words to its exit code. */
#ifndef TUI_ONESHOT_H
#define TUI_ONESHOT_H

#include "ipc/method.h"
#include "tui/io.h"
#include "tui/options.h"

int oneshot_run(const struct io *io, const struct options *options, const struct method *method);

#endif
