/* Three sets of characters. */
#include "tui/glyphs.h"

#include "ipc/base/strutil.h"
#include "ipc/base/text.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

struct glyph {
	uint32_t utf8, linux_console; /* 0: the console has it */
	char ascii;
};

static const struct glyph glyphs[] = {
	/* states */
	{ 0x25cf, 0x2022, '+' }, { 0x25b2, '!', '!' },    { 0x2716, 'x', 'x' },    { 0x21bb, 'R', 'R' },    { 0x25cb, 'o', '-' },
	{ 0x25d0, '~', '.' },    { 0x25a0, 0, '#' },      { 0x2016, '=', '=' },    { 0x25cc, 'o', '-' },
	/* frames */
	{ 0x2500, 0, '-' },      { 0x2502, 0, '|' },      { 0x250c, 0, '+' },      { 0x2510, 0, '+' },      { 0x2514, 0, '+' },
	{ 0x2518, 0, '+' },      { 0x251c, 0, '+' },      { 0x2524, 0, '+' },
	/* bars */
	{ 0x2588, 0, '#' },      { 0x2589, 0x2588, '#' }, { 0x258a, 0x2588, '#' }, { 0x258b, 0x2593, '#' }, { 0x258c, 0x2593, '#' },
	{ 0x258d, 0x2592, '-' }, { 0x258e, 0x2592, '-' }, { 0x258f, 0x2591, '-' }, { 0x2591, 0, '.' },      { 0x2592, 0, ':' },
	{ 0x2593, 0, '%' },
	/* signs */
	{ 0x2026, '~', '~' },    { 0x00b7, 0, ',' },      { 0x203a, '>', '>' },    { 0x2014, '-', '-' },    { 0x2013, '-', '-' },
	{ 0x2713, 0x221a, '+' }, { 0x2717, 'x', 'x' },    { 0x2191, '^', '^' },    { 0x2193, 'v', 'v' },    { 0x25bc, 'v', 'v' },
	{ 0x2022, 0, '*' },      { 0x21b5, '<', '<' },    { 0x26a0, '!', '!' },    { 0x25af, ' ', ' ' },    { 0x25ae, 0x25a0, '#' },
};

bool glyphs_choose(const char *given, const char *term, const char *codeset, enum glyph_tier *tier)
{
	bool utf8 = codeset && (strcasecmp(codeset, "UTF-8") == 0 || strcasecmp(codeset, "UTF8") == 0);
	if (given && strcmp(given, "auto") != 0) {
		static const char *const names[] = { "utf8", "linux", "ascii" };
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (strcmp(given, names[i]) == 0) {
				*tier = (enum glyph_tier)i;
				return true;
			}
		return false;
	}
	if (!utf8 || !term || str_starts_with(term, "vt"))
		*tier = GLYPHS_ASCII;
	else
		*tier = strcmp(term, "linux") == 0 ? GLYPHS_LINUX : GLYPHS_UTF8;
	return true;
}

/* The letters of code page 437, which every font of the Linux console has. */
static bool console_has_letter(uint32_t c)
{
	static const uint32_t letters[] = { 0xa1, 0xa2, 0xa3, 0xa5, 0xa7, 0xaa, 0xab, 0xac, 0xb0, 0xb1, 0xb2, 0xb5, 0xb6, 0xb7, 0xba,
		                            0xbb, 0xbc, 0xbd, 0xbf, 0xc4, 0xc5, 0xc6, 0xc7, 0xc9, 0xd1, 0xd6, 0xdc, 0xdf, 0xe0, 0xe1,
		                            0xe2, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef, 0xf1, 0xf2,
		                            0xf3, 0xf4, 0xf6, 0xf7, 0xf9, 0xfa, 0xfb, 0xfc, 0xff };
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
		if (letters[i] == c)
			return true;
	return false;
}

/* Terminals do not agree on the width of emoji and of pictures with a variation selector. */
static bool is_doubtful(uint32_t c)
{
	return c == 0xfe0f || (c >= 0x1f000 && c <= 0x1ffff) || (c >= 0x2300 && c <= 0x2bff && text_width(c) == 2) ||
	       (c >= 0xe000 && c <= 0xf8ff) || c >= 0x30000;
}

uint32_t glyphs_translate(enum glyph_tier tier, uint32_t c)
{
	if (c >= 0x20 && c < 0x7f)
		return c;
	if (tier == GLYPHS_UTF8)
		return is_doubtful(c) ? 0x25a1 : c;
	for (size_t i = 0; i < sizeof glyphs / sizeof glyphs[0]; i++)
		if (glyphs[i].utf8 == c) {
			if (tier == GLYPHS_ASCII)
				return (uint32_t)(unsigned char)glyphs[i].ascii;
			return glyphs[i].linux_console ? glyphs[i].linux_console : c;
		}
	return tier == GLYPHS_LINUX && console_has_letter(c) ? c : '?';
}
