/* Small string helpers that libc lacks. */
#include "ipc/base/strutil.h"

#include <string.h>

size_t str_utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

bool str_copy(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);
	size_t keep = str_utf8_cut(text, len, size - 1);
	memcpy(out, text, keep);
	out[keep] = '\0';
	return keep == len;
}

bool str_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool str_to_int64(const char *text, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *text == '-';
	const char *digits = text + negative;
	size_t len = strspn(digits, "0123456789");
	if (len == 0 || len > 18 || digits[len] != '\0' || (digits[0] == '0' && (len > 1 || negative)))
		return false;
	int64_t value = 0;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (digits[i] - '0');
	if (negative)
		value = -value;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

/* Bytes of the well-formed sequence at `at` (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), 0 if none. */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
	unsigned char c = at[0];
	if (c < 0x80)
		return 1;
	size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || left < need)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && at[1] < 0xa0) || (c == 0xed && at[1] > 0x9f) || (c == 0xf0 && at[1] < 0x90) ||
	    (c == 0xf4 && at[1] > 0x8f))
		return 0;
	return need;
}

bool str_is_utf8(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	while (len > 0) {
		size_t used = utf8_sequence(at, len);
		if (used == 0)
			return false;
		at += used;
		len -= used;
	}
	return true;
}

void str_hex(char *out, const void *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *in = bytes;
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = hex[in[i] >> 4];
		out[2 * i + 1] = hex[in[i] & 15];
	}
	out[2 * len] = '\0';
}

char *str_trim(char *text)
{
	text += strspn(text, " \t\r\n");
	size_t len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}
