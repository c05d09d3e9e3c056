/* Asking before something is destroyed. */
#ifndef TUI_CONFIRM_H
#define TUI_CONFIRM_H

#include "ipc/method.h"
#include "tui/caller.h"
#include "tui/io.h"

/* Without a terminal nobody can be asked: says that --yes is missing. */
bool confirm_is_possible(const struct io *io, const struct method *method);
/* Shows the effects (a dry run) and asks. EXIT_DONE: go on. */
int confirm_ask(struct caller *caller, const struct method *method, const json_t *params);

#endif
