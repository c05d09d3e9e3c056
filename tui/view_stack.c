/* The views on top of each other. */
#include "tui/view_stack.h"

struct view *view_stack_top(const struct view_stack *stack)
{
	return stack->depth > 0 ? stack->views[stack->depth - 1] : NULL;
}

/* Who comes to the top again has missed the notices of the meantime. */
static void wake(const struct view_stack *stack)
{
	struct view *top = view_stack_top(stack);
	if (top && top->stale) {
		top->stale = false;
		top->ops->reload(top);
	}
}

void view_stack_push(struct view_stack *stack, struct view *view)
{
	if (stack->depth == VIEW_STACK_MAX)
		view->ops->close(view);
	else
		stack->views[stack->depth++] = view;
}

bool view_stack_pop(struct view_stack *stack)
{
	if (stack->depth < 2)
		return false;
	struct view *view = stack->views[--stack->depth];
	view->ops->close(view);
	wake(stack);
	return true;
}

void view_stack_root(struct view_stack *stack, struct view *root)
{
	while (stack->depth > 1) {
		struct view *view = stack->views[--stack->depth];
		view->ops->close(view);
	}
	stack->views[0] = root;
	stack->depth = 1;
	wake(stack);
}
