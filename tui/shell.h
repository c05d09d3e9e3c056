/* The console without a terminal: keys and news in, cells out. The loop (console.c) and the tests drive it. */
#ifndef TUI_SHELL_H
#define TUI_SHELL_H

#include "tui/consent.h"
#include "tui/doc.h"
#include "tui/lineedit.h"
#include "tui/ops.h"
#include "tui/screens.h"

enum shell_mode { MODE_NORMAL, MODE_FILTER, MODE_PALETTE, MODE_HELP, MODE_MESSAGES };

struct shell {
	struct desk desk;
	struct ops ops;
	struct dialog dialog;
	struct consent consent;
	struct view *roots[SCREENS_ROOTS]; /* NULL until they are first shown */
	int tab;
	enum shell_mode mode;
	struct lineedit edit;
	char last_command[LINEEDIT_MAX];
	size_t completion;
	char completing[64];
	struct doc overlay;
	bool too_small;
	char *dump;                        /* a file to write the screen to, owned; taken by the loop */
	/* Try the link at once; may be NULL. */
	void (*retry)(void *arg);
	void *retry_arg;
};

void shell_init(struct shell *shell, const struct clock *clock, const struct remote_wire *wire, bool read_only);
void shell_free(struct shell *shell);

/* text: with K_PASTE. */
void shell_key(struct shell *shell, uint32_t key, const char *text);
/* Ten times a second. */
void shell_tick(struct shell *shell);

#endif
