/* `almanac call METHOD [JSON]`: any method, its params as they are. */
#ifndef TUI_CALL_H
#define TUI_CALL_H

#include "tui/io.h"
#include "tui/options.h"

int call_run(const struct io *io, const struct options *options);

#endif
