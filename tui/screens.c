/* The seven screens. */
#include "tui/screens.h"

#include "tui/screen_connections.h"
#include "tui/screen_errors.h"
#include "tui/screen_others.h"
#include "tui/screen_overview.h"
#include "tui/screen_workspaces.h"

static const struct {
	const char *title;
	struct view *(*make)(struct desk *desk);
} roots[SCREENS_ROOTS] = {
	{ "Overview", screen_overview_new },	   { "Workspaces", screen_workspaces_new },
	{ "Connections", screen_connections_all }, { "Calendars", screen_calendars_new },
	{ "Configurations", screen_configurations_new }, { "Jobs", screen_jobs_new },
	{ "Errors", screen_errors_new },
};

struct view *screens_new(struct desk *desk, int index)
{
	return roots[index].make(desk);
}

const char *screens_title(int index)
{
	return roots[index].title;
}

int screens_index(enum screen screen)
{
	if (screen == SCREEN_CONNECTION)
		return screens_index(SCREEN_CONNECTIONS);
	for (int i = 0; i < SCREENS_ROOTS; i++)
		if ((unsigned)screen == 1U << i)
			return i;
	return 0;
}
