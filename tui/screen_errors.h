/* The list of sync errors; Enter shows the connection. */
#ifndef TUI_SCREEN_ERRORS_H
#define TUI_SCREEN_ERRORS_H

#include "tui/desk.h"

struct view *screen_errors_new(struct desk *desk);

#endif
