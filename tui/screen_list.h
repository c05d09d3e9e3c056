/* The screens that are a list: one body, told by a table what to ask for and what to show. */
#ifndef TUI_SCREEN_LIST_H
#define TUI_SCREEN_LIST_H

#include "tui/feed.h"
#include "tui/view.h"

struct screen_list;

struct screen_list_spec {
	enum screen screen;
	const char *title;     /* "Connections" */
	const char *noun;      /* "connections" */
	const char *kind;      /* of the rows, see struct object */
	struct feed_spec feed; /* put gets the screen as owner */
	const struct list_column *columns;
	size_t column_count, name_column, sort_column;
	bool descending;
	const char *empty;     /* a sentence with the next key */
	const char *none;      /* instead of "No … yet", may be NULL */
	const char *const *states; /* a query each, NULL-terminated; NULL: one query for all */
	/* Enter on a row; may be NULL. */
	void (*open)(struct screen_list *screen, const struct list_row *row);
	/* What `also` of a row is: its workspace, or the connection that actions are about. */
	enum { ALSO_NOTHING, ALSO_WORKSPACE, ALSO_CONNECTION, ALSO_SELF_WORKSPACE } also;
};

struct screen_list {
	struct view view;      /* first */
	struct view_ops ops;   /* with the screen of spec */
	const struct screen_list_spec *spec;
	struct feed feed;
	struct list list;
	char scope_id[64];     /* the workspace it is confined to, "" for all */
	char scope_name[128];
	size_t height;         /* rows of the last drawing */
	bool lacks_names;      /* set by put: a name was not known yet */
	unsigned names_seen;
	int64_t names_at;
};

/* scope: a workspace, may be NULL. It loads at once, if the link is there. */
struct view *screen_list_new(struct desk *desk, const struct screen_list_spec *spec, const struct object *scope);

#endif
