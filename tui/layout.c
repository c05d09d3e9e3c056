/* Where the parts of the screen are. */
#include "tui/layout.h"

struct layout layout_of(int cols, int rows, bool banner)
{
	struct layout layout = { .too_small = cols < LAYOUT_MIN_COLS || rows < LAYOUT_MIN_ROWS, .banner = -1 };
	if (layout.too_small)
		return layout;
	int top = 2;
	layout.tabs = 1;
	if (banner)
		layout.banner = top++;
	layout.body = (struct rect){ 0, top, cols, rows - 2 - top };
	layout.message = rows - 2;
	layout.keys = rows - 1;
	return layout;
}

static int total(const int *widths, size_t count)
{
	int sum = 0, shown = 0;
	for (size_t i = 0; i < count; i++) {
		sum += widths[i];
		shown += widths[i] > 0;
	}
	return sum + (shown > 0 ? shown - 1 : 0);
}

/* False when nothing more may go. */
static bool drop_one(const struct layout_column *columns, size_t count, int *widths)
{
	size_t worst = count;
	for (size_t i = 0; i < count; i++)
		if (widths[i] > 0 && columns[i].drop > 0 && (worst == count || columns[i].drop > columns[worst].drop))
			worst = i;
	if (worst == count)
		return false;
	widths[worst] = 0;
	return true;
}

void layout_columns(const struct layout_column *columns, size_t count, int width, int *widths)
{
	for (size_t i = 0; i < count; i++)
		widths[i] = columns[i].min;
	while (total(widths, count) > width && drop_one(columns, count, widths))
		;
	/* Up to the ideal a cell at a time, then the rest by weight. */
	for (bool grown = true; grown;) {
		grown = false;
		for (size_t i = 0; i < count; i++)
			if (widths[i] > 0 && widths[i] < columns[i].ideal && total(widths, count) < width) {
				widths[i]++;
				grown = true;
			}
	}
	int left = width - total(widths, count), weights = 0;
	for (size_t i = 0; i < count; i++)
		weights += widths[i] > 0 ? columns[i].weight : 0;
	for (size_t i = 0; i < count && left > 0 && weights > 0; i++)
		if (widths[i] > 0 && columns[i].weight > 0)
			widths[i] += left * columns[i].weight / weights;
	/* Still too wide: the last ones are cut. */
	for (size_t i = count; i > 0 && total(widths, count) > width; i--)
		while (widths[i - 1] > 1 && total(widths, count) > width)
			widths[i - 1]--;
}
