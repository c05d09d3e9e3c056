/* The command line. */
#ifndef TESTS_SANDBOX_OPTIONS_H
#define TESTS_SANDBOX_OPTIONS_H

#include "tests/sandbox/state.h"

struct options {
	struct state_settings settings;
	uint16_t port;
	const char *script;      /* NULL: none */
	const char *request_log; /* NULL: none */
};

/* Fills `options` from the command line. -1: go on; else the exit code, after a message. */
int options_read(struct options *options, int argc, char **argv);

#endif
