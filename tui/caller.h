/* Calls to the daemon for the one-shot verbs: every failure is reported here, and what comes back is an exit code. */
#ifndef TUI_CALLER_H
#define TUI_CALLER_H

#include "tui/io.h"
#include "tui/options.h"

#include <jansson.h>

struct client_sync;

struct caller {
	const struct io *io;
	struct client_sync *client;
};

int caller_open(struct caller *caller, const struct io *io, const struct options *options);
void caller_close(struct caller *caller);
/* EXIT_DONE: *result is owned by the caller. */
int caller_call(struct caller *caller, const char *method, const json_t *params, json_t **result);
/* All pages as one, in the form of a page. params is left as it was. */
int caller_list(struct caller *caller, const char *method, const json_t *params, json_t **result);

#endif
