/* The screen as a grid of cells, drawn in full for each frame and handed to a backend: term_ncurses.h, or text for tests.
 *
 * Everything drawn passes text_display and the glyph set, so that nothing foreign reaches a terminal any other way. Drawing
 * outside the grid or the given width is cut; a wide character is never split. */
#ifndef TUI_CELLS_H
#define TUI_CELLS_H

#include "tui/glyphs.h"
#include "tui/theme.h"

#include <stdbool.h>
#include <stdint.h>

enum { CELL_POINTS = 3, CELLS_MAX_COLS = 1000, CELLS_MAX_ROWS = 500 };

struct cell {
	uint32_t points[CELL_POINTS]; /* a character and its marks, 0-terminated unless full */
	uint8_t width;                /* 1, 2, or 0: the second half of the wide one to the left */
	uint8_t role, attr;
};

struct cells {
	int cols, rows;
	enum glyph_tier tier;
	struct cell *grid;            /* owned */
	int cursor_col, cursor_row;   /* where the terminal's own cursor is put */
};

struct rect {
	int col, row, cols, rows;
};

/* Zero-initialise; keeps tier. The grid is blank afterwards. Sizes are cut to 1…MAX. */
void cells_resize(struct cells *cells, int cols, int rows);
void cells_clear(struct cells *cells);
void cells_free(struct cells *cells);
bool cells_equal(const struct cells *a, const struct cells *b);
void cells_copy(struct cells *to, const struct cells *from);
const struct cell *cells_at(const struct cells *cells, int col, int row); /* NULL outside */

/* At most `max` cells of the text; returns the cells used. */
int cells_text(struct cells *cells, int col, int row, int max, const char *text, enum paint role, unsigned attr);
/* The same into exactly `width` cells, with an ellipsis where it does not fit. */
void cells_fit(struct cells *cells, int col, int row, int width, const char *text, enum paint role, unsigned attr);
void cells_fit_right(struct cells *cells, int col, int row, int width, const char *text, enum paint role, unsigned attr);
/* Adds attributes to a stretch of a row. */
void cells_mark(struct cells *cells, int col, int row, int width, unsigned attr);
void cells_fill(struct cells *cells, struct rect area);
/* Cells of the text once it is displayable in this glyph set. */
int cells_width(enum glyph_tier tier, const char *text);

#endif
