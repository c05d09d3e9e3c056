/* Roles, colours, states. */
#include "tui/theme.h"

#include <stddef.h>
#include <string.h>

static const struct role_look looks[ROLE_COUNT] = {
	[ROLE_TEXT] = { '.', -1, 0 },
	[ROLE_OK] = { 'o', 2, 0 },
	[ROLE_WARN] = { 'w', 3, 0 },
	[ROLE_ERROR] = { 'e', 1, ATTR_BOLD },
	[ROLE_RECONNECT] = { 'r', 5, ATTR_BOLD },
	[ROLE_OFF] = { 'x', -1, 0 },
	/* Not the dim attribute, nor colour 8: both vanish in some palettes. */
	[ROLE_DIM] = { 'd', 6, 0 },
	[ROLE_ACCENT] = { 'a', -1, ATTR_BOLD },
	[ROLE_HEADER] = { 'h', -1, ATTR_UNDERLINE },
};

static const struct state_look states[] = {
	{ "connected", "●", ROLE_OK, 1 },	    { "degraded", "▲", ROLE_WARN, 5 },
	{ "failing", "✖", ROLE_ERROR, 6 },	    { "reauth_required", "↻", ROLE_RECONNECT, 7 },
	{ "blocked", "■", ROLE_ERROR, 8 },	    { "pending", "◐", ROLE_DIM, 4 },
	{ "paused", "‖", ROLE_OFF, 3 },	    { "disconnected", "○", ROLE_OFF, 2 },
};
static const struct state_look unknown = { "unknown", "?", ROLE_WARN, 0 };

const struct role_look *theme_look(enum role role)
{
	return &looks[role < ROLE_COUNT ? role : ROLE_TEXT];
}

const struct state_look *theme_state(const char *state)
{
	for (size_t i = 0; state && i < sizeof states / sizeof states[0]; i++)
		if (strcmp(states[i].word, state) == 0)
			return &states[i];
	return &unknown;
}

const struct state_look *theme_state_at(int position)
{
	int count = (int)(sizeof states / sizeof states[0]);
	return position >= 0 && position < count ? &states[position] : NULL;
}

bool theme_choose_color(const char *given, const char *no_color, enum color_mode *mode)
{
	*mode = COLOR_AUTO;
	if (!given || strcmp(given, "auto") == 0)
		*mode = no_color && *no_color ? COLOR_NEVER : COLOR_AUTO;
	else if (strcmp(given, "always") == 0)
		*mode = COLOR_ALWAYS;
	else if (strcmp(given, "never") == 0)
		*mode = COLOR_NEVER;
	else
		return false;
	return true;
}
