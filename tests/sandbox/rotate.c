/*
 * Names of rotation modes, for the command line and the control endpoint. Nothing is owned.
 */
#include "tests/sandbox/rotate.h"

#include <string.h>

bool rotate_parse(const char *name, enum state_rotate *rotate)
{
	static const char *const names[] = { "none", "lenient", "strict", "family" };

	for (int i = ROTATE_NONE; i <= ROTATE_FAMILY; i++) {
		if (strcmp(names[i], name) == 0) {
			*rotate = (enum state_rotate)i;
			return true;
		}
	}
	return false;
}
