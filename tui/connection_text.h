/* A connection in words: the lines of its screen. */
#ifndef TUI_CONNECTION_TEXT_H
#define TUI_CONNECTION_TEXT_H

#include "tui/doc.h"

#include <jansson.h>

/* Results as they came, owned; NULL: not there (yet). */
struct connection_facts {
	json_t *connection, *explanation, *calendars, *timeline;
	bool no_timeline; /* the daemon has none */
};

void connection_text(struct doc *doc, const struct connection_facts *facts, const char *workspace, int64_t now);

#endif
