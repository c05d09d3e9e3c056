/* Writing events. */
#ifndef TESTS_SANDBOX_EVENTS_WRITE_H
#define TESTS_SANDBOX_EVENTS_WRITE_H

#include "tests/sandbox/call.h"

/* POST /calendar/v3/calendars/{id}/events */
void events_insert(struct call *call);

/* PATCH /calendar/v3/calendars/{id}/events/{id} */
void events_patch(struct call *call);

/* PUT /calendar/v3/calendars/{id}/events/{id} */
void events_update(struct call *call);

/* DELETE /calendar/v3/calendars/{id}/events/{id} */
void events_delete(struct call *call);

#endif
