/* Figures on the grid of cells. */
#include "tui/figures.h"

#include "tui/theme.h"

#include <ctype.h>
#include <stdio.h>

void figure_rule(struct cells *cells, int col, int row, int width, const char *title)
{
	for (int i = 0; i < width; i++)
		cells_text(cells, col + i, row, 1, "─", PAINT_DIM, 0);
	if (!title || width < 8)
		return;
	int room = width - 5, need = cells_width(cells->tier, title);
	cells_text(cells, col + 2, row, 1, " ", PAINT_ACCENT, 0);
	if (need > room)
		cells_fit(cells, col + 3, row, room, title, PAINT_ACCENT, 0);
	else
		cells_text(cells, col + 3, row, room, title, PAINT_ACCENT, 0);
	cells_text(cells, col + 3 + (need < room ? need : room), row, 1, " ", PAINT_ACCENT, 0);
}

struct rect figure_box(struct cells *cells, struct rect area, const char *title)
{
	int last_row = area.row + area.rows - 1, last_col = area.col + area.cols - 1;
	cells_fill(cells, area);
	for (int col = area.col + 1; col < last_col; col++) {
		cells_text(cells, col, area.row, 1, "─", PAINT_DIM, 0);
		cells_text(cells, col, last_row, 1, "─", PAINT_DIM, 0);
	}
	for (int row = area.row + 1; row < last_row; row++) {
		cells_text(cells, area.col, row, 1, "│", PAINT_DIM, 0);
		cells_text(cells, last_col, row, 1, "│", PAINT_DIM, 0);
	}
	cells_text(cells, area.col, area.row, 1, "┌", PAINT_DIM, 0);
	cells_text(cells, last_col, area.row, 1, "┐", PAINT_DIM, 0);
	cells_text(cells, area.col, last_row, 1, "└", PAINT_DIM, 0);
	cells_text(cells, last_col, last_row, 1, "┘", PAINT_DIM, 0);
	if (title && area.cols > 8) {
		char shown[512];
		int room = area.cols - 6;
		(void)snprintf(shown, sizeof shown, " %s ", title);
		int need = cells_width(cells->tier, shown);
		cells_fit(cells, area.col + 2, area.row, need < room ? need : room, shown, PAINT_ACCENT, ATTR_BOLD);
	}
	return (struct rect){ area.col + 2, area.row + 1, area.cols - 4, area.rows - 2 };
}

void figure_bar(struct cells *cells, int col, int row, int width, int share, enum paint role)
{
	static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	int eighths = (int)((int64_t)(share < 0 ? 0 : share > 1000 ? 1000 : share) * width * 8 / 1000);
	/* Something is never shown as nothing. */
	if (share > 0 && eighths == 0)
		eighths = 1;
	for (int i = 0; i < eighths / 8; i++)
		cells_text(cells, col + i, row, 1, "█", role, 0);
	cells_text(cells, col + eighths / 8, row, 1, parts[eighths % 8], role, 0);
}

static void add_point(struct buf *out, uint32_t c)
{
	char bytes[4];
	size_t len = 1;
	if (c < 0x80) {
		bytes[0] = (char)c;
	} else if (c < 0x800) {
		bytes[0] = (char)(0xc0 | c >> 6);
		len = 2;
	} else if (c < 0x10000) {
		bytes[0] = (char)(0xe0 | c >> 12);
		len = 3;
	} else {
		bytes[0] = (char)(0xf0 | c >> 18);
		len = 4;
	}
	for (size_t i = 1; i < len; i++)
		bytes[i] = (char)(0x80 | (c >> (6 * (len - 1 - i)) & 0x3f));
	buf_add(out, bytes, len);
}

void figure_dump(const struct cells *cells, struct buf *out)
{
	for (int row = 0; row < cells->rows; row++) {
		size_t end = out->len;
		for (int col = 0; col < cells->cols; col++) {
			const struct cell *cell = cells_at(cells, col, row);
			for (int i = 0; cell->width > 0 && i < CELL_POINTS && cell->points[i]; i++)
				add_point(out, cell->points[i]);
			if (cell->width > 0 && cell->points[0] != ' ')
				end = out->len;
		}
		buf_truncate(out, end);
		buf_add_char(out, '\n');
	}
}

void figure_dump_roles(const struct cells *cells, struct buf *out)
{
	for (int row = 0; row < cells->rows; row++) {
		for (int col = 0; col < cells->cols; col++) {
			const struct cell *cell = cells_at(cells, col, row);
			char letter = theme_look((enum paint)cell->role)->letter;
			if (cell->attr & ATTR_REVERSE)
				letter = letter == '.' ? 's' : (char)toupper((unsigned char)letter);
			buf_add_char(out, letter);
		}
		buf_add_char(out, '\n');
	}
}
