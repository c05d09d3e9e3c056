/* The people of the sandbox: the same accounts, calendars and events from the same seed. */
#ifndef TESTS_SANDBOX_PEOPLE_H
#define TESTS_SANDBOX_PEOPLE_H

#include "tests/sandbox/state.h"

/* Fills a new state with settings.accounts accounts and their calendars. */
void people_fill(struct state *state);

/* Gives one more account (made by state_add_account) its primary and `secondary` further calendars. */
void people_give_calendars(struct state *state, struct account *account, uint32_t secondary);

/* Makes the events of a calendar, if nobody has looked at it before. */
void people_give_events(struct state *state, struct account *account, struct calendar *calendar);

#endif
