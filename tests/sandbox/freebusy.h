/* POST /calendar/v3/freeBusy */
#ifndef TESTS_SANDBOX_FREEBUSY_H
#define TESTS_SANDBOX_FREEBUSY_H

#include "tests/sandbox/call.h"

void freebusy_query(struct call *call);

#endif
