/* Foreign text taken out of replies. */
#include "daemon/provider/google/foreign.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

enum { ZONE_MAX = 64, COLOUR_LEN = 7 };

char *foreign_text(const char *text, size_t max)
{
	return text ? mem_strndup(text, str_utf8_cut(text, strlen(text), max)) : NULL;
}

bool foreign_is_id(const char *text)
{
	if (!text || !*text || strlen(text) > FOREIGN_ID_MAX)
		return false;
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0)) /* U+0080 to U+009F are C2 80 to C2 9F */
			return false;
	return true;
}

char *foreign_zone(const char *text)
{
	if (!text || *text == '/' || strlen(text) > ZONE_MAX)
		return NULL;
	size_t len = strspn(text, LETTERS DIGITS "_+/-"); /* without a dot there is no ".." */
	return len > 0 && text[len] == '\0' ? mem_strdup(text) : NULL;
}

char *foreign_colour(const char *text)
{
	if (!text || strlen(text) != COLOUR_LEN || text[0] != '#' || strspn(text + 1, DIGITS "abcdefABCDEF") != COLOUR_LEN - 1)
		return NULL;
	return mem_strdup(text);
}
