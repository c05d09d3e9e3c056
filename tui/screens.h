/* The seven screens of the keys 1 to 7. */
#ifndef TUI_SCREENS_H
#define TUI_SCREENS_H

#include "tui/desk.h"

enum { SCREENS_ROOTS = 7 };

/* index 0…6. */
struct view *screens_new(struct desk *desk, int index);
const char *screens_title(int index);
/* Which root a screen belongs to; the screen of one connection to Connections. */
int screens_index(enum screen screen);

#endif
