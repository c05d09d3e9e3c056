/* A text of lines with a cursor, for screens that are read from top to bottom. Lines are made anew for each drawing; the cursor
 * stays with its line by the line's key. */
#ifndef TUI_DOC_H
#define TUI_DOC_H

#include "tui/cells.h"

#include <stddef.h>

struct doc_line {
	char key[64];  /* "" : no place for the cursor */
	char *text;    /* owned */
	enum paint role;
	bool rule;     /* a heading across the width */
};

/* Zero-initialise. */
struct doc {
	struct doc_line *lines;
	size_t count, capacity;
	char cursor[64];
	size_t cursor_at, top, height;
};

void doc_begin(struct doc *doc);
void doc_add(struct doc *doc, const char *key, enum paint role, const char *format, ...) __attribute__((format(printf, 4, 5)));
void doc_rule(struct doc *doc, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* All lines are in: the cursor finds its line. */
void doc_end(struct doc *doc);
void doc_draw(struct doc *doc, struct cells *cells, struct rect area);
/* By lines that take the cursor. */
void doc_move(struct doc *doc, int64_t by);
void doc_free(struct doc *doc);

#endif
