/* The names of the states of a connection, as stored and as on the wire. */
#include "store/records.h"

#include <string.h>

static const char *const names[STATE_COUNT] = {
	[STATE_DISCONNECTED] = "disconnected",
	[STATE_PAUSED] = "paused",
	[STATE_BLOCKED] = "blocked",
	[STATE_REAUTH_REQUIRED] = "reauth_required",
	[STATE_FAILING] = "failing",
	[STATE_DEGRADED] = "degraded",
	[STATE_PENDING] = "pending",
	[STATE_CONNECTED] = "connected",
};

const char *connection_state_name(enum connection_state state)
{
	return names[state];
}

bool connection_state_parse(const char *name, enum connection_state *out)
{
	/* From the end: most connections are connected. */
	for (int i = STATE_COUNT - 1; i >= 0; i--) {
		if (strcmp(names[i], name) == 0) {
			*out = (enum connection_state)i;
			return true;
		}
	}
	return false;
}
