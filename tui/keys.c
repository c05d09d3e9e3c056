/* Bytes as keys: ECMA-48 sequences as xterm, tmux, screen, rxvt, vt100 and the Linux console send them. */
#include "tui/keys.h"

#include "ipc/base/text.h"

#include <stdio.h>
#include <string.h>

static const char paste_end[] = "\033[201~";
static const size_t paste_end_len = sizeof paste_end - 1;

/* ESC [ A, ESC O A and their like. */
static uint32_t final_key(char final)
{
	switch (final) {
	case 'A': return K_UP;
	case 'B': return K_DOWN;
	case 'C': return K_RIGHT;
	case 'D': return K_LEFT;
	case 'H': return K_HOME;
	case 'F': return K_END;
	case 'Z': return K_BACK_TAB;
	case 'P': return K_F1;
	case 'M': return K_ENTER; /* the keypad's, after ESC O */
	default: return K_UNKNOWN;
	}
}

/* ESC [ number ~ */
static uint32_t number_key(long number)
{
	switch (number) {
	case 1: case 7: return K_HOME;
	case 2: return K_INSERT;
	case 3: return K_DELETE;
	case 4: case 8: return K_END;
	case 5: return K_PAGE_UP;
	case 6: return K_PAGE_DOWN;
	case 11: return K_F1;
	case 200: return K_PASTE;
	default: return K_UNKNOWN;
	}
}

static long leading_number(const char *text)
{
	long value = 0;
	for (; *text >= '0' && *text <= '9' && value < 1000; text++)
		value = value * 10 + (*text - '0');
	return value;
}

/* One key from the front of the buffer; 0 bytes when it is not whole yet. */
static size_t take_sequence(const char *in, size_t len, uint32_t *key)
{
	if (len < 2)
		return 0;
	if (in[1] == 'O') {
		*key = len < 3 ? 0 : final_key(in[2]);
		return len < 3 ? 0 : 3;
	}
	if (in[1] != '[') {
		/* Two keys: the second may begin a sequence of its own. */
		*key = K_ESC;
		return 1;
	}
	/* The Linux console sends ESC [ [ A for F1. */
	if (len > 2 && in[2] == '[') {
		*key = len < 4 ? 0 : in[3] == 'A' ? K_F1 : K_UNKNOWN;
		return len < 4 ? 0 : 4;
	}
	for (size_t i = 2; i < len; i++) {
		if (in[i] < 0x40 || in[i] > 0x7e)
			continue;
		*key = in[i] == '~' ? number_key(leading_number(in + 2)) : in[i] == 'M' ? K_UNKNOWN : final_key(in[i]);
		return i + 1;
	}
	return 0;
}

static size_t take_key(const char *in, size_t len, bool last, uint32_t *key)
{
	size_t used;
	unsigned char first = (unsigned char)in[0];
	if (first == K_ESC)
		return take_sequence(in, len, key);
	size_t need = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
	if (len < need && !last)
		return 0;
	*key = text_decode(in, len, &used);
	if (*key == '\n')
		*key = K_ENTER;
	if (*key == '\b')
		*key = K_BACKSPACE;
	return used;
}

static void consume(struct keys *keys, size_t used)
{
	keys->len -= used;
	memmove(keys->pending, keys->pending + used, keys->len);
	keys->pending[keys->len] = '\0';
}

static void end_paste(struct keys *keys, keys_fn *fn, void *arg)
{
	keys->pasting = false;
	fn(arg, K_PASTE, buf_text(&keys->paste));
	buf_truncate(&keys->paste, 0);
}

/* Everything up to the end mark is text; a beginning of the mark at the end of what came is kept. */
static bool take_paste(struct keys *keys, keys_fn *fn, void *arg)
{
	const char *esc = memchr(keys->pending, K_ESC, keys->len);
	size_t plain = esc ? (size_t)(esc - keys->pending) : keys->len;
	if (plain == 0) {
		size_t same = keys->len < paste_end_len ? keys->len : paste_end_len;
		if (memcmp(keys->pending, paste_end, same) != 0) {
			plain = 1;
		} else if (same < paste_end_len) {
			return false;
		} else {
			consume(keys, paste_end_len);
			end_paste(keys, fn, arg);
			return true;
		}
	}
	if (keys->paste.len + plain < KEYS_PASTE_MAX)
		buf_add(&keys->paste, keys->pending, plain);
	consume(keys, plain);
	return true;
}

static void drain(struct keys *keys, bool last, keys_fn *fn, void *arg)
{
	while (keys->len > 0) {
		uint32_t key = K_UNKNOWN;
		if (keys->pasting) {
			if (!take_paste(keys, fn, arg))
				return;
			continue;
		}
		size_t used = take_key(keys->pending, keys->len, last, &key);
		if (used == 0)
			return;
		consume(keys, used);
		if (key == K_PASTE)
			keys->pasting = true;
		else if (key != K_UNKNOWN)
			fn(arg, key, NULL);
	}
}

void keys_feed(struct keys *keys, const char *bytes, size_t len, keys_fn *fn, void *arg)
{
	while (len > 0) {
		size_t room = sizeof keys->pending - 1 - keys->len, more = len < room ? len : room;
		memcpy(keys->pending + keys->len, bytes, more);
		keys->len += more;
		keys->pending[keys->len] = '\0';
		bytes += more;
		len -= more;
		drain(keys, false, fn, arg);
		/* A sequence longer than any there is. */
		if (keys->len == sizeof keys->pending - 1)
			consume(keys, keys->len);
	}
}

bool keys_waiting(const struct keys *keys)
{
	return keys->len > 0;
}

void keys_flush(struct keys *keys, keys_fn *fn, void *arg)
{
	if (keys->pasting)
		return;
	while (keys->len > 0) {
		if (keys->pending[0] != K_ESC) {
			drain(keys, true, fn, arg);
			continue;
		}
		bool alone = keys->len == 1;
		/* The head of a sequence that never ended is dropped as a whole: its letters are no keys. */
		consume(keys, keys->len);
		if (alone)
			fn(arg, K_ESC, NULL);
	}
}

void keys_free(struct keys *keys)
{
	buf_free(&keys->paste);
}

const char *keys_name(uint32_t key, char out[16])
{
	static const struct {
		uint32_t key;
		const char *name;
	} names[] = {
		{ K_ENTER, "Enter" },  { K_TAB, "Tab" },	  { K_ESC, "Esc" },	    { K_BACKSPACE, "Backspace" },
		{ K_UP, "Up" },	       { K_DOWN, "Down" },	  { K_LEFT, "Left" },	    { K_RIGHT, "Right" },
		{ K_HOME, "Home" },    { K_END, "End" },	  { K_PAGE_UP, "PgUp" },    { K_PAGE_DOWN, "PgDn" },
		{ K_INSERT, "Ins" },   { K_DELETE, "Del" },	  { K_BACK_TAB, "S-Tab" },  { K_F1, "F1" },
		{ ' ', "Space" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].key == key) {
			(void)snprintf(out, 16, "%s", names[i].name);
			return out;
		}
	if (key < 32)
		(void)snprintf(out, 16, "^%c", (char)(key + 64));
	else
		(void)snprintf(out, 16, "%c", key < 127 ? (char)key : '?');
	return out;
}
