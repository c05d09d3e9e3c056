/* The streams of the command, handed in so that tests can bring their own. */
#ifndef TUI_IO_H
#define TUI_IO_H

#include <stdbool.h>
#include <stdio.h>

struct options;

struct io {
	FILE *in, *out, *err;
	bool in_tty;  /* somebody can be asked */
	bool out_tty; /* somebody reads along: tables, local times, indented JSON */
	/* What runs without a verb, on a terminal; NULL: there is none. */
	int (*console)(const struct options *options);
};

/* Exit codes of CONTRACT.md section 5 that are not those of an error reply. */
enum { EXIT_DONE = 0, EXIT_UNHEALTHY = 1, EXIT_FAILED = 2, EXIT_UNREACHABLE = 3, EXIT_USAGE = 64 };

#endif
