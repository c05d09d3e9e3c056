/* Where the parts of the screen are: a pure function of its size. */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include "tui/cells.h"

#include <stddef.h>

enum { LAYOUT_MIN_COLS = 40, LAYOUT_MIN_ROWS = 10 };

struct layout {
	bool too_small;      /* nothing else is set then */
	int crumbs, tabs;    /* rows */
	int banner;          /* row, -1: none */
	struct rect body;
	int message, keys;   /* rows */
};

struct layout layout_of(int cols, int rows, bool banner);

/* A column of a table: how it may shrink and grow. */
struct layout_column {
	int min, ideal; /* cells */
	int weight;     /* share of what is left over; 0: none */
	int drop;       /* the highest goes first when there is no room; 0: never */
};
/* widths[i] is 0 for a column that is not shown. One blank lies between columns. */
void layout_columns(const struct layout_column *columns, size_t count, int width, int *widths);

#endif
