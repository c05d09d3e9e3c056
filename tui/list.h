/* Rows by id, without drawing: sorted, filtered, with a cursor and marks that stay with their row whatever moves.
 *
 * Rows come and go with list_put and list_remove at any time; list_settle then brings order and cursor up to date, and must
 * have run before rows are looked at by position. For 3 s after a cursor key the order is held: values change, rows that are
 * gone go, new ones come last, but nothing moves. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "tui/filter.h"
#include "tui/idmap.h"

#include <stdint.h>

enum { LIST_ID_SIZE = 64, LIST_COLUMNS_MAX = 12, LIST_HOLD_MS = 3000 };

enum list_kind {
	LIST_TEXT,
	LIST_STATE,   /* number: rank */
	LIST_NUMBER,  /* number */
	LIST_AGO,     /* number: wall ms, shown as the time since */
	LIST_UNTIL,   /* number: wall ms, shown as the time left */
	LIST_ACCOUNT, /* an e-mail address: cut so that its domain stays */
};

#define LIST_NO_NUMBER INT64_MIN

struct list_column {
	const char *title;
	enum list_kind kind;
	int min, ideal, weight, drop; /* see layout.h */
};

struct list_value {
	char *text;     /* owned; NULL for numbers */
	int64_t number; /* LIST_NO_NUMBER: none */
};

struct list_row {
	char id[LIST_ID_SIZE];
	char also[LIST_ID_SIZE]; /* another id that belongs to it: a sync error's connection */
	struct list_value values[LIST_COLUMNS_MAX];
	char *facets[FILTER_FACETS]; /* folded, owned */
	char *note;              /* for the detail pane, owned, may be NULL */
	char *folded;
	bool marked, dead;
	unsigned sweep;
	size_t position;         /* in shown; SIZE_MAX: hidden */
};

struct list {
	const struct list_column *columns;
	size_t column_count, name_column;
	struct list_row **rows;  /* all */
	size_t count, capacity;
	struct list_row **shown; /* what passes the filter, in order */
	size_t shown_count;
	struct idmap by_id;
	struct filter filter;
	char filter_text[256];
	size_t sort_column;
	bool descending;
	char cursor[LIST_ID_SIZE]; /* "" only when nothing is shown */
	size_t cursor_at, top;
	int64_t held_until;
	bool dirty, unsorted, pinned; /* pinned: a person has moved the cursor, or all is loaded */
	unsigned sweep;
	size_t changes;          /* rows new, changed or gone since list_sweep_begin */
	char vanished[128];      /* name of the selected row that went; "" if none */
};

void list_init(struct list *list, const struct list_column *columns, size_t count, size_t name_column);
void list_free(struct list *list);

/* values, facets and note are copied. Returns whether anything is new. */
bool list_put(struct list *list, const char *id, const struct list_value *values, const char *const facets[FILTER_FACETS],
              const char *note, const char *also);
void list_remove(struct list *list, const char *id);
struct list_row *list_find(const struct list *list, const char *id); /* NULL: none, or gone */
/* Between the two every row that still exists is put again; the others go. */
void list_sweep_begin(struct list *list);
void list_sweep_end(struct list *list);

void list_settle(struct list *list, int64_t now);
struct list_row *list_selected(const struct list *list); /* NULL: nothing is shown */
size_t list_total(const struct list *list);
/* Milliseconds for which the order stays, 0: it does not, or nothing would move. */
int64_t list_held(const struct list *list, int64_t now);

void list_move(struct list *list, int64_t by, int64_t now); /* cut at the ends */
void list_filter(struct list *list, const char *text);
void list_sort(struct list *list, size_t column, bool descending);
/* So that the cursor is within `height` rows from top. */
void list_scroll(struct list *list, size_t height);

/* Rows with the mark set; *hidden: those among them that the filter hides. */
size_t list_marked(const struct list *list, size_t *hidden);

#endif
