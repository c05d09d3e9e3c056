/* How things are: connections by state, what needs attention, the scheduler. */
#ifndef TUI_SCREEN_OVERVIEW_H
#define TUI_SCREEN_OVERVIEW_H

#include "tui/desk.h"

struct view *screen_overview_new(struct desk *desk);

#endif
