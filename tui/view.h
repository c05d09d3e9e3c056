/* A screen, as the shell sees it: a table of functions over an object that keeps its cursor, scroll, filter and order for as
 * long as it lives. Screens do not know each other's neighbours; they push what they open onto the stack. */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/actions.h"
#include "tui/cells.h"

#include <stdbool.h>

struct view;

/* What an action works on; copied, so that a dialog stays with it whatever the screen does. */
struct object {
	char kind[16];  /* "connection", "workspace", … : KIND.get reads it again */
	char id[64];
	char name[160];
	char state[24]; /* of a connection, else "" */
};

struct view_ops {
	enum screen screen;
	/* The last word of the breadcrumb. */
	const char *(*title)(const struct view *view);
	/* What to act on: the row at the cursor, or what the screen is about. False: nothing. */
	bool (*selected)(const struct view *view, struct object *out);
	/* Marked rows one by one; false when there is no further one. May be NULL. */
	bool (*marked)(const struct view *view, size_t index, struct object *out);
	/* The workspace the screen is confined to, or the one at the cursor; false: none. May be NULL. */
	bool (*workspace)(const struct view *view, struct object *out);
	void (*draw)(struct view *view, struct cells *cells, struct rect area);
	/* "rows 1–9 of 40" */
	void (*position)(const struct view *view, char *out, size_t size);
	/* Moving, opening, sorting, marking. False: not an action of this screen. */
	bool (*act)(struct view *view, enum action action);
	/* NULL: there is nothing to filter. */
	void (*filter)(struct view *view, const char *text);
	const char *(*filter_text)(const struct view *view);
	/* Ask the daemon for everything again. */
	void (*reload)(struct view *view);
	/* Something changed at the daemon. */
	void (*notice)(struct view *view, const char *topic, const char *id);
	/* Ten times a second while it is on top. */
	void (*tick)(struct view *view);
	void (*close)(struct view *view);
};

struct view {
	const struct view_ops *ops;
	struct desk *desk;
	bool stale; /* notices went by while another one was on top */
};

#endif
