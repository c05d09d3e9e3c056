/* The real console on a pseudo terminal that a test can look at: forkpty's parts and libvterm.
 *
 * Nothing sleeps for a fixed time: what is expected is polled for, and "quiet" means no byte for a while. When something does
 * not come, the screen is printed and the test fails. */
#ifndef TESTS_SUPPORT_VTERM_CONSOLE_H
#define TESTS_SUPPORT_VTERM_CONSOLE_H

#include "ipc/base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <vterm.h>

struct vterm_console {
	pid_t pid;            /* the console, or with options.shell the one that waits for it like a shell */
	pid_t job;            /* with options.shell: the console */
	int master, slave;    /* the slave stays open here, so that its modes can be read after the end */
	VTerm *vt;
	VTermScreen *screen;
	int cols, rows;
	VTermPos cursor;
	bool alternate, cursor_visible;
	struct buf raw;       /* every byte written so far */
	size_t mark;          /* into raw, see vterm_console_mark */
};

struct vterm_console_options {
	const char *socket;
	int cols, rows;
	bool shell;              /* run it as the foreground job of a little shell, so that it can be stopped */
	const char *const *args; /* after the program's name, NULL-terminated; may be NULL */
	const char *const *env;  /* "NAME=value" beside TERM, LC_ALL and TZ, which come first and may be overridden; may be NULL */
};

void vterm_console_start(struct vterm_console *console, const struct vterm_console_options *options);
/* Ends the program if it still runs, and frees. */
void vterm_console_stop(struct vterm_console *console);

/* Reads until nothing has come for quiet_ms; at most 10 s. */
void vterm_console_settle(struct vterm_console *console, int quiet_ms);
/* Until the text stands on the screen (somewhere, or in a row), or it does not any more. */
void vterm_console_expect(struct vterm_console *console, const char *text);
void vterm_console_expect_row(struct vterm_console *console, int row, const char *text);
void vterm_console_expect_not(struct vterm_console *console, const char *text);
bool vterm_console_shows(struct vterm_console *console, const char *text);
/* One row as UTF-8 without blanks at its end; valid until the next call. */
const char *vterm_console_row(struct vterm_console *console, int row);
/* The row that begins with `>`, -1: none. */
int vterm_console_cursor_row(struct vterm_console *console);
void vterm_console_dump(struct vterm_console *console);

void vterm_console_type(struct vterm_console *console, const char *ascii);
void vterm_console_press(struct vterm_console *console, VTermKey key);
void vterm_console_send(struct vterm_console *console, const char *bytes, size_t len);
void vterm_console_resize(struct vterm_console *console, int cols, int rows);

/* With options.shell: until the job is stopped; and `fg`. */
void vterm_console_wait_stopped(struct vterm_console *console);
void vterm_console_foreground(struct vterm_console *console);

/* From here on bytes are counted. */
void vterm_console_mark(struct vterm_console *console);
size_t vterm_console_written(const struct vterm_console *console);
/* Whether the bytes occur since the mark. */
bool vterm_console_wrote(const struct vterm_console *console, const char *bytes);

/* Exit code, -SIGNAL; fails the test after timeout_ms. Output is read meanwhile. */
int vterm_console_wait(struct vterm_console *console, int timeout_ms);
/* The terminal is as it was found: main screen, cursor, paste mode off, echo and lines on. */
void vterm_console_check_restored(struct vterm_console *console);

#endif
