/* The calendar list and calendars. */
#ifndef TESTS_SANDBOX_CALENDARS_H
#define TESTS_SANDBOX_CALENDARS_H

#include "tests/sandbox/call.h"

/* GET /calendar/v3/users/me/calendarList */
void calendars_list(struct call *call);

/* GET /calendar/v3/users/me/calendarList/{id} */
void calendars_get_entry(struct call *call);

/* GET /calendar/v3/calendars/{id} */
void calendars_get(struct call *call);

#endif
