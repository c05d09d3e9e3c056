/* Reading events. */
#ifndef TESTS_SANDBOX_EVENTS_H
#define TESTS_SANDBOX_EVENTS_H

#include "tests/sandbox/call.h"

/* GET /calendar/v3/calendars/{id}/events */
void events_list(struct call *call);

/* GET /calendar/v3/calendars/{id}/events/{id} */
void events_get(struct call *call);

/* Answers an event with its etag. */
void events_reply(struct call *call, const struct calendar *calendar, const struct event *event);

#endif
