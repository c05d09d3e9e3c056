/* What becomes of a request under a fault: which reply, when, and how it is sent. */
#ifndef TESTS_SANDBOX_OUTCOME_H
#define TESTS_SANDBOX_OUTCOME_H

#include "tests/sandbox/call.h"

struct event_base;

/* In which style an endpoint says what went wrong. */
enum outcome_style { OUTCOME_API, OUTCOME_OAUTH, OUTCOME_PAGE };

/* Hands the parts of `action` (NULL: no fault) that concern the work to the call. */
void outcome_prepare(struct call *call, const json_t *action);

/* Whether the fault answers in place of the endpoint; if so, the reply is made. */
bool outcome_replace(struct call *call, const json_t *action, enum outcome_style style);

/* Whether the client will get an answer at all. */
bool outcome_is_answered(const json_t *action);

/* Sends the call's reply the way the fault wants. */
void outcome_send(struct call *call, const json_t *action, struct event_base *base);

#endif
