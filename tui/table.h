/* Rows of cells, written aligned for people or tab-separated for programs. */
#ifndef TUI_TABLE_H
#define TUI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table {
	size_t columns;
	size_t count;  /* cells so far, row by row */
	char **cells;  /* owned */
	size_t capacity;
};

void table_init(struct table *table, size_t columns);
void table_free(struct table *table);
void table_add(struct table *table, char *cell); /* takes the cell; it goes right of the last, or into a new row */
/* Columns by terminal cells; the last one is not padded. Cells must be displayable (ipc/base/text.h). */
void table_write(const struct table *table, FILE *out);
/* Tabs, line ends, backslashes and controls inside a cell are escaped. */
void table_write_tsv(const struct table *table, FILE *out);

#endif
