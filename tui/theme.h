/* Roles of what is drawn, the colour of each, and how a state looks: always a glyph and a word, the colour comes third. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

enum paint {
	PAINT_TEXT,
	PAINT_OK,
	PAINT_WARN,
	PAINT_ERROR,
	PAINT_RECONNECT,
	PAINT_OFF,
	PAINT_DIM,
	PAINT_ACCENT,
	PAINT_HEADER,
	PAINT_COUNT
};

enum { ATTR_REVERSE = 1, ATTR_BOLD = 2, ATTR_UNDERLINE = 4 };

struct role_look {
	char letter;    /* in the file of roles beside a dumped screen */
	int8_t colour;  /* 0 to 7 of the terminal's own palette; -1: its default */
	uint8_t attr;
};
const struct role_look *theme_look(enum paint role);

/* States of a connection, CONTRACT.md section 6, worst last. */
struct state_look {
	const char *word;
	const char *glyph; /* UTF-8; see glyphs.h */
	enum paint role;
	int rank;          /* how much it wants attention; for sorting */
};
/* A state this console does not know has the glyph `?` and rank 0; never NULL. */
const struct state_look *theme_state(const char *state);
/* By position, NULL at the end. */
const struct state_look *theme_state_at(int position);

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
/* given: --color, NULL for none; no_color: the variable's value, may be NULL. False: no such mode. */
bool theme_choose_color(const char *given, const char *no_color, enum color_mode *mode);

#endif
