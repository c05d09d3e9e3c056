/* The console: the loop between terminal, daemon and shell. */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include "tui/options.h"

/* On standard input and output, which must be terminals. Returns the exit code: 0, 3 when the screen cannot be started, 64 for
 * bad options, 128 + N after signal N. */
int console_run(const struct options *options);

#endif
