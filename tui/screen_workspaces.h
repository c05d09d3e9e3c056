/* The list of workspaces; Enter shows a workspace's connections. */
#ifndef TUI_SCREEN_WORKSPACES_H
#define TUI_SCREEN_WORKSPACES_H

#include "tui/desk.h"

struct view *screen_workspaces_new(struct desk *desk);

#endif
