/* A list as a table on the screen. */
#include "tui/list_draw.h"

#include "ipc/base/strutil.h"
#include "tui/layout.h"
#include "tui/when.h"

#include <stdio.h>
#include <string.h>

enum { LEAD = 2 }; /* cursor and mark */

static bool is_right(enum list_kind kind)
{
	return kind == LIST_NUMBER || kind == LIST_AGO || kind == LIST_UNTIL;
}

/* The local part is cut, the domain stays. */
static void draw_account(struct cells *cells, int col, int row, int width, const char *text, enum paint role, unsigned attr)
{
	const char *domain = strrchr(text, '@');
	int tail = domain ? cells_width(cells->tier, domain) : 0;
	if (!domain || cells_width(cells->tier, text) <= width || tail > width - 4) {
		cells_fit(cells, col, row, width, text, role, attr);
		return;
	}
	int head = cells_text(cells, col, row, width - tail - 1, text, role, attr);
	head += cells_text(cells, col + head, row, 1, "…", role, attr);
	cells_fit(cells, col + head, row, width - head, domain, role, attr);
}

static void draw_value(struct cells *cells, int col, int row, int width, const struct list_column *column,
                       const struct list_value *value, int64_t now)
{
	char text[160] = "-";
	const char *given = value->text ? value->text : "-";
	if (column->kind == LIST_STATE && value->text) {
		const struct state_look *look = theme_state(value->text);
		(void)snprintf(text, sizeof text, "%s %s", look->glyph, given);
		cells_fit(cells, col, row, width, text, look->role, 0);
		return;
	}
	if (column->kind == LIST_ACCOUNT) {
		draw_account(cells, col, row, width, given, PAINT_TEXT, 0);
		return;
	}
	if (!is_right(column->kind)) {
		cells_fit(cells, col, row, width, given, PAINT_TEXT, 0);
		return;
	}
	if (value->number == LIST_NO_NUMBER) {
		if (value->text)
			(void)str_copy(text, sizeof text, value->text);
	} else if (column->kind == LIST_NUMBER) {
		(void)snprintf(text, sizeof text, "%lld", (long long)value->number);
	} else if (column->kind == LIST_AGO) {
		(void)when_span(now - value->number, text, sizeof text);
	} else {
		(void)when_until(value->number, now, text, sizeof text);
	}
	cells_fit_right(cells, col, row, width, text, PAINT_TEXT, 0);
}

static void draw_header(const struct list *list, struct cells *cells, struct rect area, const int *widths)
{
	int col = area.col + LEAD;
	cells_fit(cells, area.col, area.row, area.cols, "", PAINT_HEADER, 0);
	for (size_t i = 0; i < list->column_count; i++) {
		char title[64];
		if (widths[i] == 0)
			continue;
		(void)snprintf(title, sizeof title, "%s%s", list->columns[i].title,
		               i != list->sort_column ? "" : list->descending ? " ▼" : " ▲");
		if (is_right(list->columns[i].kind))
			cells_fit_right(cells, col, area.row, widths[i], title, PAINT_HEADER, 0);
		else
			cells_fit(cells, col, area.row, widths[i], title, PAINT_HEADER, 0);
		col += widths[i] + 1;
	}
}

static void draw_row(const struct list *list, struct cells *cells, struct rect area, int row, const struct list_row *item,
                     const int *widths, int64_t now)
{
	bool selected = item->position == list->cursor_at;
	int col = area.col + LEAD;
	if (selected)
		cells_text(cells, area.col, row, 1, ">", PAINT_ACCENT, 0);
	if (item->marked)
		cells_text(cells, area.col + 1, row, 1, "*", PAINT_ACCENT, 0);
	for (size_t i = 0; i < list->column_count; i++) {
		if (widths[i] == 0)
			continue;
		draw_value(cells, col, row, widths[i], &list->columns[i], &item->values[i], now);
		col += widths[i] + 1;
	}
	if (selected) {
		cells_mark(cells, area.col, row, area.cols, ATTR_REVERSE);
		cells->cursor_col = area.col;
		cells->cursor_row = row;
	}
}

void list_draw(struct list *list, struct cells *cells, struct rect area, int64_t now)
{
	struct layout_column columns[LIST_COLUMNS_MAX];
	int widths[LIST_COLUMNS_MAX];
	list_settle(list, now);
	if (area.rows < 2 || area.cols < LEAD + 2)
		return;
	for (size_t i = 0; i < list->column_count; i++)
		columns[i] = (struct layout_column){ list->columns[i].min, list->columns[i].ideal, list->columns[i].weight,
			                             list->columns[i].drop };
	layout_columns(columns, list->column_count, area.cols - LEAD, widths);
	draw_header(list, cells, area, widths);
	size_t height = (size_t)area.rows - 1;
	list_scroll(list, height);
	for (size_t i = 0; i < height && list->top + i < list->shown_count; i++)
		draw_row(list, cells, area, area.row + 1 + (int)i, list->shown[list->top + i], widths, now);
}

void list_position(const struct list *list, size_t height, char *out, size_t size)
{
	char marks[80] = "";
	size_t hidden, marked = list_marked(list, &hidden);
	if (marked > 0 && hidden > 0)
		(void)snprintf(marks, sizeof marks, "%zu marked, %zu hidden by filter · ", marked, hidden);
	else if (marked > 0)
		(void)snprintf(marks, sizeof marks, "%zu marked · ", marked);
	size_t last = list->top + height < list->shown_count ? list->top + height : list->shown_count;
	if (list->shown_count == 0)
		(void)snprintf(out, size, "%sno rows", marks);
	else
		(void)snprintf(out, size, "%srows %zu–%zu of %zu", marks, list->top + 1, last, list->shown_count);
}
