/* What all parts of the console share. */
#ifndef TUI_DESK_H
#define TUI_DESK_H

#include "ipc/base/clock.h"
#include "tui/link.h"
#include "tui/names.h"
#include "tui/remote.h"
#include "tui/toast.h"
#include "tui/view_stack.h"

struct desk {
	const struct clock *clock;
	struct remote remote;
	struct link link;
	struct toasts toasts;
	struct view_stack stack;
	struct names names;
	bool read_only;
	bool notices;  /* the daemon tells of changes; else they are asked for */
	char *plain;   /* text for the plain screen, owned; taken by the loop */
	char *copy;    /* text for the clipboard, owned; taken by the loop */
	bool dirty;    /* something to draw */
	bool redraw;   /* ... from nothing */
	bool quit;
	bool announce; /* the link is back: the next list that is loaded says how much changed */
};

static inline int64_t desk_now(const struct desk *desk)
{
	return clock_wall(desk->clock);
}

#define desk_say(desk_, level_, ...)                                                     \
	do {                                                                             \
		toast_put(&(desk_)->toasts, desk_now(desk_), (level_), __VA_ARGS__);     \
		(desk_)->dirty = true;                                                   \
	} while (0)

#endif
