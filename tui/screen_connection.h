/* The screen of one connection: facts, why it is as it is, its calendars, what happened to it. */
#ifndef TUI_SCREEN_CONNECTION_H
#define TUI_SCREEN_CONNECTION_H

#include "tui/desk.h"

struct view *screen_connection_new(struct desk *desk, const char *id, const char *account);

#endif
