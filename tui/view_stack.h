/* The views on top of each other. The lowest is one of the seven roots, which live as long as the console; what is pushed is
 * closed when it is left, and what it covered is as it was. */
#ifndef TUI_VIEW_STACK_H
#define TUI_VIEW_STACK_H

#include "tui/view.h"

enum { VIEW_STACK_MAX = 8 };

struct view_stack {
	struct view *views[VIEW_STACK_MAX];
	size_t depth;
};

struct view *view_stack_top(const struct view_stack *stack);
/* Takes the view; on a full stack it is closed at once. */
void view_stack_push(struct view_stack *stack, struct view *view);
/* False at the lowest. */
bool view_stack_pop(struct view_stack *stack);
/* Everything above is closed; the old root is not. */
void view_stack_root(struct view_stack *stack, struct view *root);

#endif
