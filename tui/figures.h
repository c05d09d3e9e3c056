/* Figures on the grid of cells: rules, frames, bars; and the whole grid as text. */
#ifndef TUI_FIGURES_H
#define TUI_FIGURES_H

#include "ipc/base/buf.h"
#include "tui/cells.h"

/* A horizontal line with a title on it. */
void figure_rule(struct cells *cells, int col, int row, int width, const char *title);
/* A frame with a title, its inside blanked; returns the inside. */
struct rect figure_box(struct cells *cells, struct rect area, const char *title);
/* share of 0…1000; eighths of a cell. */
void figure_bar(struct cells *cells, int col, int row, int width, int share, enum paint role);

/* For tests and bug reports: a line a row without blanks at the end; and the letters of the roles (capital: reversed). */
void figure_dump(const struct cells *cells, struct buf *out);
void figure_dump_roles(const struct cells *cells, struct buf *out);

#endif
