/* The command: from argv to the exit code. */
#ifndef TUI_CLI_H
#define TUI_CLI_H

#include "tui/io.h"

/* The process's own streams. */
int cli_main(int argc, char **argv);
/* With the streams given; argv is reordered. What was written to io->out is flushed, and its failure is a failure. */
int cli_run(int argc, char **argv, const struct io *io);

#endif
