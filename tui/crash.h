/* What a crash must still do: give the terminal back. Everything is prepared at start, so that a signal handler only writes. */
#ifndef TUI_CRASH_H
#define TUI_CRASH_H

#include <stddef.h>
#include <termios.h>

enum { CRASH_BYE_MAX = 256 };

/* bye: the bytes that restore the screen, at most CRASH_BYE_MAX, written to out; saved: the modes for in. Handlers for SEGV,
 * BUS, FPE, ILL and ABRT are set on a stack of their own. */
void crash_arm(const char *bye, size_t len, int out, int in, const struct termios *saved);
/* The terminal is as it was: a crash from here on only reports. */
void crash_disarm(void);

#endif
