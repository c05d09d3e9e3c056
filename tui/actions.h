/* Everything a person can do in the console, as one table: keys, help, key bar and palette all come from it. */
#ifndef TUI_ACTIONS_H
#define TUI_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Screens as bits, so that an action can name several. The first seven are the tabs 1 to 7. */
enum screen {
	SCREEN_OVERVIEW = 1 << 0,
	SCREEN_WORKSPACES = 1 << 1,
	SCREEN_CONNECTIONS = 1 << 2,
	SCREEN_CALENDARS = 1 << 3,
	SCREEN_CONFIGURATIONS = 1 << 4,
	SCREEN_JOBS = 1 << 5,
	SCREEN_ERRORS = 1 << 6,
	SCREEN_CONNECTION = 1 << 7,
	SCREENS_LISTS = (1 << 7) - 1,
	SCREENS_ALL = (1 << 8) - 1
};

enum action {
	ACTION_NONE,
	ACTION_TAB_1, /* … the seven follow each other */
	ACTION_TAB_7 = ACTION_TAB_1 + 6,
	ACTION_NEXT_TAB,
	ACTION_PREVIOUS_TAB,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_OPEN,
	ACTION_BACK,
	ACTION_FILTER,
	ACTION_SORT_NEXT,
	ACTION_SORT_PREVIOUS,
	ACTION_SORT_INVERT,
	ACTION_MARK,
	ACTION_MARK_ALL,
	ACTION_UNMARK,
	ACTION_REFRESH,
	ACTION_TEST,
	ACTION_PAUSE,
	ACTION_RECONNECT,
	ACTION_CONNECT,
	ACTION_DISCONNECT,
	ACTION_ACKNOWLEDGE,
	ACTION_COPY_ID,
	ACTION_RAW,
	ACTION_RELOAD,
	ACTION_MESSAGES,
	ACTION_PALETTE,
	ACTION_HELP,
	ACTION_REDRAW,
	ACTION_QUIT
};

/* How much is asked before it is done. */
enum grade { GRADE_NONE, GRADE_YES, GRADE_TYPED };

enum { GUARD_SELECTION = 1, GUARD_LIVE = 2, GUARD_CHANGES = 4 };

struct action_row {
	enum action action;
	const char *name;     /* in the palette */
	uint32_t keys[3];     /* 0-terminated unless full */
	unsigned screens;
	const char *help;
	unsigned guard;
	enum grade grade;
	const char *bar;      /* word in the key bar, NULL: not there */
	int bar_rank;         /* lower stays longer when it is narrow */
};

extern const struct action_row action_table[];
extern const size_t action_count;

/* ACTION_NONE's row is NULL. */
const struct action_row *action_by_key(uint32_t key, enum screen screen);
const struct action_row *action_by_name(const char *name, enum screen screen);
/* The only name with this prefix on the screen, or the first; NULL: none. `skip` counts further candidates. */
const struct action_row *action_complete(const char *prefix, enum screen screen, size_t skip);

#endif
