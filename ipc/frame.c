/* Frames: finding one in the input, and the one-pass look at it that allocates nothing. */
#include "ipc/frame.h"

#include "ipc/base/text.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum frame_status frame_find(const char *data, size_t len, size_t max, size_t *scanned, size_t *frame_len, size_t *used)
{
	size_t window = len < max ? len : max;
	const char *newline = window > *scanned ? memchr(data + *scanned, '\n', window - *scanned) : NULL;
	if (newline) {
		*scanned = 0;
		*frame_len = (size_t)(newline - data);
		*used = *frame_len + 1;
		return FRAME_READY;
	}
	*scanned = window;
	return len >= max ? FRAME_TOO_LONG : FRAME_MORE;
}

enum byte_class { BYTE_SKIP, BYTE_OPEN, BYTE_CLOSE, BYTE_QUOTE, BYTE_NUMBER, BYTE_WORD, BYTE_HIGH };

static const unsigned char classes[256] = {
	['{'] = BYTE_OPEN,           ['['] = BYTE_OPEN,           ['}'] = BYTE_CLOSE, [']'] = BYTE_CLOSE,
	['"'] = BYTE_QUOTE,          ['-'] = BYTE_NUMBER,         ['+'] = BYTE_NUMBER, ['.'] = BYTE_NUMBER,
	['0' ... '9'] = BYTE_NUMBER, ['a' ... 'z'] = BYTE_WORD,   ['A' ... 'Z'] = BYTE_WORD,
	[0x80 ... 0xff] = BYTE_HIGH,
};

/* What ends the quick walk through a string. */
static bool is_stop(unsigned char c)
{
	return c == '"' || c == '\\' || c >= 0x80;
}

/* Bytes before the first stop, eight at a time: a byte's high bit is set in `stops` if it is one. Bytes after the first may
 * be marked wrongly, which does no harm. */
static size_t plain_run(const unsigned char *at, const unsigned char *end)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	const unsigned char *start = at;
	for (; end - at >= 8; at += 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		word = le64toh(word);
		uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
		uint64_t stops = (word | (quote - ones) | (slash - ones)) & high;
		if (stops)
			return (size_t)(at - start) + (size_t)__builtin_ctzll(stops) / 8;
	}
	while (at < end && !is_stop(*at))
		at++;
	return (size_t)(at - start);
}

/* All three walkers start at the first byte of their token and return the first byte after it, NULL when it is refused. */
static const unsigned char *skip_high(const unsigned char *at, const unsigned char *end)
{
	size_t used;
	uint32_t c = text_decode((const char *)at, (size_t)(end - at), &used);
	return c == 0xfffd && used == 1 ? NULL : at + used;
}

static const unsigned char *skip_string(const unsigned char *at, const unsigned char *end)
{
	at++;
	while (at < end) {
		at += plain_run(at, end);
		if (at == end)
			break;
		if (*at == '"')
			return at + 1;
		if (*at == '\\')
			at = end - at < 2 ? end : at + 2;
		else if (!(at = skip_high(at, end)))
			return NULL;
	}
	return end;
}

static const unsigned char *skip_number(const unsigned char *at, const unsigned char *end)
{
	int digits = 0;
	for (; at < end; at++) {
		bool digit = *at >= '0' && *at <= '9';
		if (!digit && classes[*at] != BYTE_NUMBER && *at != 'e' && *at != 'E')
			break;
		digits += digit;
	}
	return digits > FRAME_DIGITS_MAX ? NULL : at;
}

static const unsigned char *skip_word(const unsigned char *at, const unsigned char *end)
{
	while (at < end && classes[*at] == BYTE_WORD)
		at++;
	return at;
}

int frame_scan(const char *frame, size_t len, struct err *err)
{
	const unsigned char *at = (const unsigned char *)frame, *end = at + len;
	int depth = 0, tokens = 0;
	/* jansson overlooks one that follows a number. */
	if (memchr(frame, '\0', len))
		return err_set(err, ERR_PARSE_ERROR, "a NUL byte");
	while (at < end) {
		switch ((enum byte_class)classes[*at]) {
		case BYTE_SKIP:
			at++;
			continue;
		case BYTE_CLOSE:
			depth--;
			at++;
			continue;
		case BYTE_OPEN:
			if (++depth > FRAME_DEPTH_MAX)
				return err_set(err, ERR_PARSE_ERROR, "nested deeper than %d levels", FRAME_DEPTH_MAX);
			at++;
			break;
		case BYTE_QUOTE:
			at = skip_string(at, end);
			break;
		case BYTE_NUMBER:
			if (!(at = skip_number(at, end)))
				return err_set(err, ERR_PARSE_ERROR, "a number has more than %d digits", FRAME_DIGITS_MAX);
			break;
		case BYTE_WORD:
			at = skip_word(at, end);
			break;
		case BYTE_HIGH:
			at = skip_high(at, end);
			break;
		}
		if (!at)
			return err_set(err, ERR_PARSE_ERROR, "not well-formed UTF-8");
		if (++tokens > FRAME_TOKENS_MAX)
			return err_set(err, ERR_PARSE_ERROR, "more than %d values", FRAME_TOKENS_MAX);
	}
	return 0;
}
