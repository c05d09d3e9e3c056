/* The terminal: cells through ncurses onto a tty.
 *
 * ncurses only works out the bytes of a frame. They go into memory and from there to the terminal without ever blocking: while
 * the terminal takes nothing, no further frame is made, so that it gets the newest one when it reads again. Keys are not read
 * by ncurses but by keys.h. One terminal a process. */
#ifndef TUI_TERM_NCURSES_H
#define TUI_TERM_NCURSES_H

#include "ipc/base/err.h"
#include "tui/cells.h"
#include "tui/theme.h"

struct term;

/* Takes over standard input and output. NULL: this terminal cannot show the console, err says what to do instead. */
struct term *term_open(enum color_mode color, struct err *err);
/* Gives the terminal back, waiting a moment for one that does not read, and frees. */
void term_close(struct term *term);
/* Between leave and enter the terminal is as it was found: for the plain view and while suspended. */
void term_leave(struct term *term);
void term_enter(struct term *term);
void term_size(int *cols, int *rows);
/* Makes the frame, unless it is the one that is shown or the last one is still on its way (false then). */
bool term_show(struct term *term, const struct cells *cells);
/* Draw the next frame from nothing. */
void term_redraw(struct term *term);
/* Write what is waiting; false while something is left. */
bool term_flush(struct term *term);
/* To be watched for writing while term_flush is false. */
int term_out(const struct term *term);
/* Ask the terminal to put text into its clipboard (OSC 52). */
void term_copy(struct term *term, const char *text);

#endif
