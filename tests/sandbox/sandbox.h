/* The whole sandbox: what its parts hang on. */
#ifndef TESTS_SANDBOX_SANDBOX_H
#define TESTS_SANDBOX_SANDBOX_H

#include "tests/sandbox/faults.h"
#include "tests/sandbox/http.h"
#include "tests/sandbox/journal.h"
#include "tests/sandbox/state.h"

struct sandbox {
	struct event_base *base;
	struct http_server *server;
	struct state *state;
	struct faults *faults;
	struct journal *journal;
};

#endif
