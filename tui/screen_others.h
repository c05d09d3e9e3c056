/* Calendars, configurations and jobs as plain lists. */
#ifndef TUI_SCREEN_OTHERS_H
#define TUI_SCREEN_OTHERS_H

#include "tui/desk.h"

struct view *screen_calendars_new(struct desk *desk);
struct view *screen_configurations_new(struct desk *desk);
struct view *screen_jobs_new(struct desk *desk);

#endif
