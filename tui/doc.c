/* A text of lines with a cursor. */
#include "tui/doc.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/figures.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct doc_line *add(struct doc *doc)
{
	if (doc->count == doc->capacity) {
		doc->capacity = doc->capacity ? doc->capacity * 2 : 64;
		doc->lines = mem_grow_array(doc->lines, doc->capacity, sizeof *doc->lines);
	}
	doc->lines[doc->count] = (struct doc_line){ .role = PAINT_TEXT };
	return &doc->lines[doc->count++];
}

void doc_begin(struct doc *doc)
{
	for (size_t i = 0; i < doc->count; i++)
		free(doc->lines[i].text);
	doc->count = 0;
}

__attribute__((format(printf, 1, 0))) static char *compose(const char *format, va_list ap)
{
	struct buf text = { 0 };
	char line[1024];
	(void)vsnprintf(line, sizeof line, format, ap);
	buf_add_text(&text, line);
	return text.data ? text.data : mem_strdup("");
}

void doc_add(struct doc *doc, const char *key, enum paint role, const char *format, ...)
{
	va_list ap;
	struct doc_line *line = add(doc);
	va_start(ap, format);
	line->text = compose(format, ap);
	va_end(ap);
	line->role = role;
	(void)str_copy(line->key, sizeof line->key, key);
}

void doc_rule(struct doc *doc, const char *format, ...)
{
	va_list ap;
	struct doc_line *line = add(doc);
	va_start(ap, format);
	line->text = compose(format, ap);
	va_end(ap);
	line->rule = true;
}

void doc_end(struct doc *doc)
{
	size_t found = SIZE_MAX, first = SIZE_MAX;
	for (size_t i = 0; i < doc->count; i++) {
		if (!doc->lines[i].key[0])
			continue;
		if (first == SIZE_MAX)
			first = i;
		if (strcmp(doc->lines[i].key, doc->cursor) == 0)
			found = i;
	}
	size_t at = found != SIZE_MAX ? found : first;
	if (at == SIZE_MAX) {
		doc->cursor_at = 0;
		return;
	}
	if (found != SIZE_MAX)
		doc->top = doc->top + at > doc->cursor_at ? doc->top + at - doc->cursor_at : 0;
	doc->cursor_at = at;
	(void)str_copy(doc->cursor, sizeof doc->cursor, doc->lines[at].key);
}

void doc_move(struct doc *doc, int64_t by)
{
	size_t at = doc->cursor_at;
	int64_t left = by < 0 ? -by : by;
	while (left > 0) {
		size_t next = at;
		do {
			if ((by < 0 && next == 0) || (by > 0 && next + 1 >= doc->count))
				goto done;
			next = by < 0 ? next - 1 : next + 1;
		} while (!doc->lines[next].key[0]);
		at = next;
		left--;
	}
done:
	if (at >= doc->count)
		return;
	/* From the first place upwards there is only the head of the text. */
	if (by < 0 && left > 0)
		doc->top = 0;
	doc->cursor_at = at;
	(void)str_copy(doc->cursor, sizeof doc->cursor, doc->lines[at].key);
}

void doc_draw(struct doc *doc, struct cells *cells, struct rect area)
{
	size_t height = area.rows > 0 ? (size_t)area.rows : 0;
	doc->height = height;
	if (height == 0)
		return;
	if (doc->cursor_at < doc->top)
		doc->top = doc->cursor_at;
	if (doc->cursor_at >= doc->top + height)
		doc->top = doc->cursor_at - height + 1;
	if (doc->count <= height)
		doc->top = 0;
	else if (doc->top > doc->count - height)
		doc->top = doc->count - height;
	for (size_t i = 0; i < height && doc->top + i < doc->count; i++) {
		const struct doc_line *line = &doc->lines[doc->top + i];
		int row = area.row + (int)i;
		if (line->rule) {
			figure_rule(cells, area.col, row, area.cols, line->text);
			continue;
		}
		cells_fit(cells, area.col + 1, row, area.cols - 1, line->text, line->role, 0);
		if (doc->top + i == doc->cursor_at && line->key[0]) {
			cells_text(cells, area.col, row, 1, ">", PAINT_ACCENT, 0);
			cells_mark(cells, area.col, row, area.cols, ATTR_REVERSE);
			cells->cursor_col = area.col;
			cells->cursor_row = row;
		}
	}
}

void doc_free(struct doc *doc)
{
	doc_begin(doc);
	free(doc->lines);
	*doc = (struct doc){ 0 };
}
