/* What the terminal can show: three sets of characters, and how the first is brought down to the others.
 *
 * Everything in the console is drawn with the UTF-8 set; cells.c asks here when it stores a character, so that no drawing
 * code knows of the smaller sets. */
#ifndef TUI_GLYPHS_H
#define TUI_GLYPHS_H

#include <stdbool.h>
#include <stdint.h>

enum glyph_tier { GLYPHS_UTF8, GLYPHS_LINUX, GLYPHS_ASCII };

/* given: --glyphs, NULL or "auto" to choose by term (TERM, may be NULL) and codeset (nl_langinfo). False: no such set. */
bool glyphs_choose(const char *given, const char *term, const char *codeset, enum glyph_tier *tier);
/* The character that stands for c, always of one cell if it is not c itself. Emoji and what has no fixed width become a box. */
uint32_t glyphs_translate(enum glyph_tier tier, uint32_t c);

#endif
