/* Bytes from a terminal as keys. Both forms of the arrows are known, so no mode of the terminal needs to be switched on for
 * them; pasted text (bracketed paste) comes as one piece and can be told from typing. */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "ipc/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* A key is a character, or one of these. */
enum {
	K_ENTER = '\r',
	K_TAB = '\t',
	K_ESC = 27,
	K_BACKSPACE = 127,
	K_CTRL_A = 1,
	K_CTRL_D = 4,
	K_CTRL_E = 5,
	K_CTRL_L = 12,
	K_CTRL_U = 21,
	K_CTRL_W = 23,
	K_UP = 0x110000,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_INSERT,
	K_DELETE,
	K_BACK_TAB,
	K_F1,
	K_PASTE,  /* text goes with it */
	K_UNKNOWN /* a sequence that means nothing here */
};

enum { KEYS_ESC_MS = 25, KEYS_PASTE_MAX = 65536 };

struct keys {
	char pending[64];
	size_t len;
	bool pasting;
	struct buf paste; /* cut at KEYS_PASTE_MAX */
};

/* text: the pasted bytes with K_PASTE, else NULL. */
typedef void keys_fn(void *arg, uint32_t key, const char *text);

void keys_feed(struct keys *keys, const char *bytes, size_t len, keys_fn *fn, void *arg);
/* A sequence has begun: if nothing follows within KEYS_ESC_MS, call keys_flush. */
bool keys_waiting(const struct keys *keys);
void keys_flush(struct keys *keys, keys_fn *fn, void *arg);
void keys_free(struct keys *keys);
/* "Enter", "^L", "j"; into out, which is returned. */
const char *keys_name(uint32_t key, char out[16]);

#endif
