/* The whole screen of the shell as cells. */
#ifndef TUI_SHELL_DRAW_H
#define TUI_SHELL_DRAW_H

#include "tui/shell.h"

/* cells has the size to draw for. */
void shell_draw(struct shell *shell, struct cells *cells);

#endif
