/* Roles, colours, states. */
#include "tui/theme.h"

#include <stddef.h>
#include <string.h>

static const struct role_look looks[PAINT_COUNT] = {
	[PAINT_TEXT] = { '.', -1, 0 },
	[PAINT_OK] = { 'o', 2, 0 },
	[PAINT_WARN] = { 'w', 3, 0 },
	[PAINT_ERROR] = { 'e', 1, ATTR_BOLD },
	[PAINT_RECONNECT] = { 'r', 5, ATTR_BOLD },
	[PAINT_OFF] = { 'x', -1, 0 },
	/* Not the dim attribute, nor colour 8: both vanish in some palettes. */
	[PAINT_DIM] = { 'd', 6, 0 },
	[PAINT_ACCENT] = { 'a', -1, ATTR_BOLD },
	[PAINT_HEADER] = { 'h', -1, ATTR_UNDERLINE },
};

static const struct state_look states[] = {
	{ "connected", "●", PAINT_OK, 1 },	    { "degraded", "▲", PAINT_WARN, 5 },
	{ "failing", "✖", PAINT_ERROR, 6 },	    { "reauth_required", "↻", PAINT_RECONNECT, 7 },
	{ "blocked", "■", PAINT_ERROR, 8 },	    { "pending", "◐", PAINT_DIM, 4 },
	{ "paused", "‖", PAINT_OFF, 3 },	    { "disconnected", "○", PAINT_OFF, 2 },
};
static const struct state_look unknown = { "unknown", "?", PAINT_WARN, 0 };

const struct role_look *theme_look(enum paint role)
{
	return &looks[role < PAINT_COUNT ? role : PAINT_TEXT];
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
