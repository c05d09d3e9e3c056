/* The table of actions. */
#include "tui/actions.h"

#include "ipc/base/strutil.h"
#include "tui/keys.h"

#include <string.h>

#define OBJECTS (SCREEN_CONNECTIONS | SCREEN_CONNECTION | SCREEN_OVERVIEW)
#define CHANGES (GUARD_SELECTION | GUARD_LIVE | GUARD_CHANGES)

const struct action_row action_table[] = {
	{ ACTION_OPEN, "open", { K_ENTER }, SCREENS_LISTS, "open what the cursor is on", GUARD_SELECTION, GRADE_NONE, "open", 2 },
	{ ACTION_CONNECT, "connect", { 'c' }, SCREEN_WORKSPACES | SCREEN_CONNECTIONS, "connect an account: make a link for its owner",
	  GUARD_LIVE | GUARD_CHANGES, GRADE_NONE, "connect", 4 },
	{ ACTION_RECONNECT, "reconnect", { 'C' }, OBJECTS, "ask the owner to consent again, by a link", CHANGES, GRADE_NONE,
	  "reconnect", 6 },
	{ ACTION_REFRESH, "refresh", { 'r' }, OBJECTS, "refresh token and calendar list now", CHANGES, GRADE_NONE,
	  "refresh", 5 },
	{ ACTION_TEST, "test", { 't' }, OBJECTS, "try each step it needs, with latencies", CHANGES, GRADE_NONE, "test", 8 },
	{ ACTION_PAUSE, "pause", { 'P' }, OBJECTS, "pause it, or let a paused one go on", CHANGES, GRADE_YES, "pause", 9 },
	{ ACTION_DISCONNECT, "disconnect", { 'D' }, OBJECTS, "forget tokens, revoke consent; asks for the name",
	  CHANGES, GRADE_TYPED, "disconnect", 10 },
	{ ACTION_ACKNOWLEDGE, "acknowledge", { 'a' }, SCREEN_ERRORS, "say that this error was seen", CHANGES, GRADE_NONE, "acknowledge", 6 },
	{ ACTION_COPY_ID, "copy", { 'y' }, SCREENS_ALL, "copy the id to the terminal's clipboard", GUARD_SELECTION, GRADE_NONE, "copy id",
	  11 },
	{ ACTION_RAW, "raw", { 'J' }, SCREENS_ALL, "the object as JSON on the plain screen", GUARD_SELECTION | GUARD_LIVE, GRADE_NONE, NULL,
	  0 },
	{ ACTION_FILTER, "filter", { '/' }, SCREENS_LISTS, "narrow: words, state: ws: reason: !not", 0, GRADE_NONE, "filter", 3 },
	{ ACTION_SORT_NEXT, "sort", { 's', '>' }, SCREENS_LISTS, "sort by the next column", 0, GRADE_NONE, "sort", 7 },
	{ ACTION_SORT_PREVIOUS, "sort-previous", { '<' }, SCREENS_LISTS, "sort by the column before", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_SORT_INVERT, "sort-invert", { 'I' }, SCREENS_LISTS, "turn the order round", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_MARK, "mark", { ' ' }, SCREENS_LISTS, "mark or unmark; r and t act on all marked", GUARD_SELECTION,
	  GRADE_NONE, NULL, 0 },
	{ ACTION_MARK_ALL, "mark-all", { '*' }, SCREENS_LISTS, "mark all rows that are shown", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_UNMARK, "unmark", { 'u' }, SCREENS_LISTS, "take all marks away", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_UP, "up", { K_UP, 'k' }, SCREENS_ALL, "up", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_DOWN, "down", { K_DOWN, 'j' }, SCREENS_ALL, "down", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_PAGE_UP, "page-up", { K_PAGE_UP }, SCREENS_ALL, "a page up", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_PAGE_DOWN, "page-down", { K_PAGE_DOWN }, SCREENS_ALL, "a page down", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_FIRST, "first", { K_HOME, 'g' }, SCREENS_ALL, "to the first row", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_LAST, "last", { K_END, 'G' }, SCREENS_ALL, "to the last row", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_TAB_1, "overview", { '1' }, SCREENS_ALL, "Overview", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_TAB_1 + 1, "workspaces", { '2' }, SCREENS_ALL, "Workspaces", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_TAB_1 + 2, "connections", { '3' }, SCREENS_ALL, "Connections", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_TAB_1 + 3, "calendars", { '4' }, SCREENS_ALL, "Calendars", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_TAB_1 + 4, "configurations", { '5' }, SCREENS_ALL, "Configurations", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_TAB_1 + 5, "jobs", { '6' }, SCREENS_ALL, "Jobs", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_TAB_7, "errors", { '7' }, SCREENS_ALL, "Errors", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_NEXT_TAB, "next", { K_TAB }, SCREENS_ALL, "the next screen", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_PREVIOUS_TAB, "previous", { K_BACK_TAB }, SCREENS_ALL, "the screen before", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_RELOAD, "reload", { 'R' }, SCREENS_ALL, "ask the daemon again; if it is lost, try now", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_MESSAGES, "messages", { 'M' }, SCREENS_ALL, "all messages of this session", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_PALETTE, "palette", { ':' }, SCREENS_ALL, "a command by name", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_REDRAW, "redraw", { K_CTRL_L }, SCREENS_ALL, "draw the screen anew", 0, GRADE_NONE, NULL, 0 },
	{ ACTION_HELP, "help", { '?', K_F1 }, SCREENS_ALL, "this help", 0, GRADE_NONE, "help", 0 },
	{ ACTION_BACK, "back", { 'q', K_BACKSPACE, K_ESC }, SCREENS_ALL, "back; q at the top quits", 0, GRADE_NONE, "back", 1 },
	{ ACTION_QUIT, "quit", { 'Q' }, SCREENS_ALL, "quit", 0, GRADE_NONE, NULL, 0 },
};
const size_t action_count = sizeof action_table / sizeof action_table[0];

const struct action_row *action_by_key(uint32_t key, enum screen screen)
{
	for (size_t i = 0; i < action_count; i++)
		for (size_t k = 0; k < 3 && action_table[i].keys[k]; k++)
			if (action_table[i].keys[k] == key && action_table[i].screens & (unsigned)screen)
				return &action_table[i];
	return NULL;
}

const struct action_row *action_by_name(const char *name, enum screen screen)
{
	for (size_t i = 0; i < action_count; i++)
		if (strcmp(action_table[i].name, name) == 0 && action_table[i].screens & (unsigned)screen)
			return &action_table[i];
	return NULL;
}

const struct action_row *action_complete(const char *prefix, enum screen screen, size_t skip)
{
	for (size_t i = 0; i < action_count; i++)
		if (str_starts_with(action_table[i].name, prefix) && action_table[i].screens & (unsigned)screen && skip-- == 0)
			return &action_table[i];
	return NULL;
}
