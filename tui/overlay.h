/* Texts over the screen: the help of a screen, and the log of messages. */
#ifndef TUI_OVERLAY_H
#define TUI_OVERLAY_H

#include "tui/actions.h"
#include "tui/desk.h"
#include "tui/doc.h"

/* Lines whose key is the name of an action can be run. */
void overlay_help(struct doc *doc, enum screen screen, bool read_only);
void overlay_messages(struct doc *doc, const struct toasts *toasts);
void overlay_draw(struct doc *doc, struct cells *cells, const char *title);

#endif
