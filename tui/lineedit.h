/* One line of text being edited: filter, palette, typed confirmation. */
#ifndef TUI_LINEEDIT_H
#define TUI_LINEEDIT_H

#include "tui/cells.h"

#include <stddef.h>

enum { LINEEDIT_MAX = 256 };

struct lineedit {
	char text[LINEEDIT_MAX];
	size_t len, caret; /* bytes; the caret is at a character */
};

void lineedit_set(struct lineedit *edit, const char *text);
/* Whether the key belongs to editing. Enter, Esc, Tab and the like do not. */
bool lineedit_key(struct lineedit *edit, uint32_t key);
/* Pasted text: line ends become blanks, controls are left out. */
void lineedit_paste(struct lineedit *edit, const char *text);
/* Draws it so that the caret is visible, and puts the terminal's cursor there. */
void lineedit_draw(const struct lineedit *edit, struct cells *cells, int col, int row, int width);

#endif
