/* The options that every verb knows, told apart from those of the methods. */
#ifndef TUI_OPTIONS_H
#define TUI_OPTIONS_H

#include "ipc/base/err.h"

#include <stdbool.h>

struct options {
	const char *socket;  /* NULL: not given */
	bool json, no_header, yes, help, version;
	bool wait, no_wait;  /* only for `connect` */
	const char *glyphs, *color; /* of the console; NULL: not given */
	bool read_only;
	const char *verb;    /* NULL: none */
	char **rest;         /* what follows the verb, in order, without the above; `--` stays; within argv's own array */
	int rest_count;
};

/* Reorders argv in place. ERR_INVALID_PARAMS: what is wrong with the command line. */
int options_parse(struct options *options, int argc, char **argv, struct err *err);
/* Lines about them for the help. */
extern const char options_help[];

#endif
