/* A list as a table on the screen. */
#ifndef TUI_LIST_DRAW_H
#define TUI_LIST_DRAW_H

#include "tui/cells.h"
#include "tui/list.h"

/* Header line and rows; the cursor row begins with `>` and is reversed, a marked one has a `*`. Settles and scrolls the list,
 * puts the terminal's cursor on the selected row. */
void list_draw(struct list *list, struct cells *cells, struct rect area, int64_t now);
/* "rows 1–12 of 40", with the marks, into out. height: rows of the area without the header. */
void list_position(const struct list *list, size_t height, char *out, size_t size);

#endif
