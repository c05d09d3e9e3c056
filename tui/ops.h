/* What is done to objects: one call each, said what came of it; after a lost answer the object is read again, never the call
 * repeated. */
#ifndef TUI_OPS_H
#define TUI_OPS_H

#include "tui/desk.h"
#include "tui/dialog.h"

enum { OPS_CHECKS_MAX = 16 };

struct ops {
	struct desk *desk;
	/* Objects whose last call has an unknown result. */
	struct {
		struct object object;
		char what[24];
	} checks[OPS_CHECKS_MAX];
	size_t check_count;
	unsigned in_flight;
};

void ops_start(struct ops *ops, enum action action, const struct object *object);
/* Fill a dialog with what the daemon says the action would do. */
void ops_ask_effects(struct ops *ops, struct dialog *dialog);
/* The link is back: look at what is unknown. */
void ops_check(struct ops *ops);
/* Show the object as JSON on the plain screen. */
void ops_show_raw(struct ops *ops, const struct object *object);

#endif
