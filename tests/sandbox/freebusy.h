/* POST /calendar/v3/freeBusy */
#ifndef SANDBOX_FREEBUSY_H
#define SANDBOX_FREEBUSY_H

#include "tests/sandbox/call.h"

void freebusy_query(struct call *call);

#endif
