/* Rows of cells. */
#include "tui/table.h"

#include "ipc/base/mem.h"
#include "ipc/base/text.h"

#include <stdlib.h>
#include <string.h>

void table_init(struct table *table, size_t columns)
{
	*table = (struct table){ .columns = columns };
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){ 0 };
}

void table_add(struct table *table, char *cell)
{
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 64;
		table->cells = mem_grow_array(table->cells, table->capacity, sizeof *table->cells);
	}
	table->cells[table->count++] = cell;
}

void table_write(const struct table *table, FILE *out)
{
	size_t *widths = mem_alloc_array(table->columns, sizeof *widths);
	for (size_t i = 0; i < table->count; i++) {
		size_t width = text_columns(table->cells[i]);
		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;
		(void)fputs(table->cells[i], out);
		if (column + 1 == table->columns)
			(void)fputc('\n', out);
		else
			(void)fprintf(out, "%*s", (int)(widths[column] - text_columns(table->cells[i]) + 2), "");
	}
	free(widths);
}

static void write_escaped(const char *cell, FILE *out)
{
	for (const char *at = cell; *at; at++) {
		unsigned char c = (unsigned char)*at;
		if (c == '\t')
			(void)fputs("\\t", out);
		else if (c == '\n')
			(void)fputs("\\n", out);
		else if (c == '\r')
			(void)fputs("\\r", out);
		else if (c == '\\')
			(void)fputs("\\\\", out);
		else if (c < 0x20 || c == 0x7f)
			(void)fprintf(out, "\\x%02x", c);
		else
			(void)fputc(c, out);
	}
}

void table_write_tsv(const struct table *table, FILE *out)
{
	for (size_t i = 0; i < table->count; i++) {
		write_escaped(table->cells[i], out);
		(void)fputc((i + 1) % table->columns == 0 ? '\n' : '\t', out);
	}
}
