/* Whether an event resource sent by a client is acceptable. */
#ifndef TESTS_SANDBOX_EVENTS_CHECK_H
#define TESTS_SANDBOX_EVENTS_CHECK_H

#include "tests/sandbox/call.h"

/* Checks `body` and fills in the defaults of its attendees; false after a 400. */
bool events_check_body(struct call *call, const struct calendar *calendar, json_t *body);

/* Checks sendUpdates; false after a 400. */
bool events_check_query(struct call *call);

/* Whether a client may choose this event id: 5 to 1024 characters of a-v and 0-9. */
bool events_check_id(const char *id);

#endif
