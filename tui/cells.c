/* The grid of cells. */
#include "tui/cells.h"

#include "ipc/base/mem.h"
#include "ipc/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 4096 };

static const struct cell blank = { { ' ' }, 1, PAINT_TEXT, 0 };

static struct cell *at(struct cells *cells, int col, int row)
{
	if (col < 0 || row < 0 || col >= cells->cols || row >= cells->rows)
		return NULL;
	return &cells->grid[(size_t)row * (size_t)cells->cols + (size_t)col];
}

const struct cell *cells_at(const struct cells *cells, int col, int row)
{
	if (col < 0 || row < 0 || col >= cells->cols || row >= cells->rows)
		return NULL;
	return &cells->grid[(size_t)row * (size_t)cells->cols + (size_t)col];
}

static int within(int value, int most)
{
	return value < 1 ? 1 : value > most ? most : value;
}

void cells_resize(struct cells *cells, int cols, int rows)
{
	cells->cols = within(cols, CELLS_MAX_COLS);
	cells->rows = within(rows, CELLS_MAX_ROWS);
	free(cells->grid);
	cells->grid = mem_alloc_array((size_t)cells->cols * (size_t)cells->rows, sizeof *cells->grid);
	cells_clear(cells);
}

void cells_clear(struct cells *cells)
{
	for (int i = 0; i < cells->cols * cells->rows; i++)
		cells->grid[i] = blank;
	cells->cursor_col = cells->cursor_row = 0;
}

void cells_free(struct cells *cells)
{
	free(cells->grid);
	*cells = (struct cells){ .tier = cells->tier };
}

bool cells_equal(const struct cells *a, const struct cells *b)
{
	if (a->cols != b->cols || a->rows != b->rows || a->cursor_col != b->cursor_col || a->cursor_row != b->cursor_row)
		return false;
	for (int i = 0; i < a->cols * a->rows; i++) {
		const struct cell *x = &a->grid[i], *y = &b->grid[i];
		if (memcmp(x->points, y->points, sizeof x->points) != 0 || x->width != y->width || x->role != y->role ||
		    x->attr != y->attr)
			return false;
	}
	return true;
}

void cells_copy(struct cells *to, const struct cells *from)
{
	if (to->cols != from->cols || to->rows != from->rows || !to->grid)
		cells_resize(to, from->cols, from->rows);
	memcpy(to->grid, from->grid, (size_t)from->cols * (size_t)from->rows * sizeof *from->grid);
	to->cursor_col = from->cursor_col;
	to->cursor_row = from->cursor_row;
}

/* What is overwritten must leave no half of a wide character behind. */
static void unlink_wide(struct cells *cells, int col, int row)
{
	struct cell *here = at(cells, col, row), *other;
	if (!here)
		return;
	if (here->width == 0 && (other = at(cells, col - 1, row)) && other->width == 2)
		*other = blank;
	if (here->width == 2 && (other = at(cells, col + 1, row)) && other->width == 0)
		*other = blank;
}

static void put(struct cells *cells, int col, int row, uint32_t c, int width, enum paint role, unsigned attr)
{
	struct cell *here = at(cells, col, row);
	if (!here)
		return;
	unlink_wide(cells, col, row);
	*here = (struct cell){ { c }, (uint8_t)width, (uint8_t)role, (uint8_t)attr };
	if (width == 2 && at(cells, col + 1, row)) {
		unlink_wide(cells, col + 1, row);
		*at(cells, col + 1, row) = (struct cell){ { 0 }, 0, (uint8_t)role, (uint8_t)attr };
	}
}

static void put_mark(struct cells *cells, int col, int row, uint32_t c)
{
	struct cell *here = at(cells, col, row);
	if (here && here->width == 0)
		here = at(cells, col - 1, row);
	for (int i = 1; here && i < CELL_POINTS; i++)
		if (here->points[i] == 0) {
			here->points[i] = c;
			return;
		}
}

/* Decode one displayable character for the glyph set; 0 in *c: nothing to draw. */
static int next_glyph(enum glyph_tier tier, const char *text, size_t len, size_t *used, uint32_t *c)
{
	uint32_t raw = text_decode(text, len, used);
	int width = text_width(raw);
	if (width == 0) {
		*c = tier == GLYPHS_UTF8 && raw != 0xfe0f ? raw : 0;
		return 0;
	}
	*c = glyphs_translate(tier, raw);
	return *c == raw ? width : 1;
}

int cells_text(struct cells *cells, int col, int row, int max, const char *text, enum paint role, unsigned attr)
{
	char shown[SHOWN_MAX];
	size_t used, left = text_display(shown, sizeof shown, text, strlen(text));
	int done = 0;
	for (const char *from = shown; left > 0; from += used, left -= used) {
		uint32_t c;
		int width = next_glyph(cells->tier, from, left, &used, &c);
		if (width == 0) {
			if (c && done > 0)
				put_mark(cells, col + done - 1, row, c);
			continue;
		}
		if (done + width > max)
			break;
		/* At the right edge of the grid there is no room for the second half. */
		if (width == 2 && col + done + 1 >= cells->cols)
			c = ' ', width = 1;
		put(cells, col + done, row, c, width, role, attr);
		done += width;
	}
	return done;
}

int cells_width(enum glyph_tier tier, const char *text)
{
	char shown[SHOWN_MAX];
	size_t used, left = text_display(shown, sizeof shown, text, strlen(text));
	int done = 0;
	for (const char *from = shown; left > 0; from += used, left -= used) {
		uint32_t c;
		done += next_glyph(tier, from, left, &used, &c);
	}
	return done;
}

static void pad(struct cells *cells, int col, int row, int count, enum paint role, unsigned attr)
{
	for (int i = 0; i < count; i++)
		put(cells, col + i, row, ' ', 1, role, attr);
}

void cells_fit(struct cells *cells, int col, int row, int width, const char *text, enum paint role, unsigned attr)
{
	if (width <= 0)
		return;
	int all = cells_width(cells->tier, text);
	int done = cells_text(cells, col, row, all > width ? width - 1 : width, text, role, attr);
	if (all > width)
		done += cells_text(cells, col + done, row, 1, "…", role, attr);
	pad(cells, col + done, row, width - done, role, attr);
}

void cells_fit_right(struct cells *cells, int col, int row, int width, const char *text, enum paint role, unsigned attr)
{
	int all = cells_width(cells->tier, text);
	int lead = all < width ? width - all : 0;
	pad(cells, col, row, lead, role, attr);
	cells_fit(cells, col + lead, row, width - lead, text, role, attr);
}

void cells_mark(struct cells *cells, int col, int row, int width, unsigned attr)
{
	for (int i = 0; i < width; i++) {
		struct cell *here = at(cells, col + i, row);
		if (here)
			here->attr |= (uint8_t)attr;
	}
}

void cells_fill(struct cells *cells, struct rect area)
{
	for (int row = 0; row < area.rows; row++)
		pad(cells, area.col, area.row + row, area.cols, PAINT_TEXT, 0);
}

