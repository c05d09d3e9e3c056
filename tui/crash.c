/* Giving the terminal back in a crash. Only async-signal-safe calls in the handler. */
#include "tui/crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	char bye[CRASH_BYE_MAX];
	size_t len;
	int in, out;
	struct termios saved;
	volatile sig_atomic_t armed;
} state;

static char handler_stack[64 * 1024];
static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void restore(void)
{
	if (!state.armed)
		return;
	state.armed = 0;
	if (write(state.out, state.bye, state.len) < 0)
		say("almanac: the terminal could not be restored; try `reset`\n");
	(void)tcsetattr(state.in, TCSANOW, &state.saved);
}

static void on_crash(int number)
{
	restore();
	say("almanac: the console crashed (");
	say(number == SIGSEGV ? "segmentation fault" : number == SIGABRT ? "abort" : "signal");
	say("). That is a defect in it; the daemon is not affected.\n");
	/* SA_RESETHAND: this ends the process the way it would have ended. */
	(void)raise(number);
}

void crash_arm(const char *bye, size_t len, int out, int in, const struct termios *saved)
{
	const stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof handler_stack };
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER) };
	state.len = len < sizeof state.bye ? len : sizeof state.bye;
	memcpy(state.bye, bye, state.len);
	state.in = in;
	state.out = out;
	state.saved = *saved;
	/* fatal() ends the process without coming back here. */
	static bool registered;
	if (!registered)
		registered = atexit(restore) == 0;
	(void)sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		(void)sigaction(signals[i], &action, NULL);
	state.armed = 1;
}

void crash_disarm(void)
{
	state.armed = 0;
}
