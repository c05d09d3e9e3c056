/* The real console on a pseudo terminal. */
#include "tests/support/vterm_console.h"

#include "ipc/base/clock.h"
#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

enum { EXPECT_MS = 10000, WORDS_MAX = 24 };

/* ---- The screen ------------------------------------------------------------------------------------------------------ */

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *user)
{
	struct vterm_console *console = user;
	(void)old;
	(void)visible;
	console->cursor = pos;
	return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
	struct vterm_console *console = user;
	if (property == VTERM_PROP_ALTSCREEN)
		console->alternate = value->boolean;
	if (property == VTERM_PROP_CURSORVISIBLE)
		console->cursor_visible = value->boolean;
	return 1;
}

static size_t encode(uint32_t c, char out[4])
{
	static const unsigned lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	out[0] = (char)(lead[len] | c >> (6 * (len - 1)));
	for (size_t i = 1; i < len; i++)
		out[i] = (char)(0x80 | (c >> (6 * (len - 1 - i)) & 0x3f));
	return len;
}

const char *vterm_console_row(struct vterm_console *console, int row)
{
	static char text[8192];
	size_t len = 0, end = 0;
	for (int col = 0; col < console->cols && len < sizeof text - 64; col++) {
		VTermScreenCell cell;
		VTermPos pos = { .row = row, .col = col };
		if (!vterm_screen_get_cell(console->screen, pos, &cell) || cell.chars[0] == (uint32_t)-1)
			continue;
		if (cell.chars[0] == 0)
			text[len++] = ' ';
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			len += encode(cell.chars[i], text + len);
		if (cell.chars[0] != 0 && cell.chars[0] != ' ')
			end = len;
	}
	text[end] = '\0';
	return text;
}

void vterm_console_dump(struct vterm_console *console)
{
	print_message("--- screen %dx%d, cursor %d,%d\n", console->cols, console->rows, console->cursor.col, console->cursor.row);
	for (int row = 0; row < console->rows; row++)
		print_message("|%s\n", vterm_console_row(console, row));
	print_message("---\n");
}

bool vterm_console_shows(struct vterm_console *console, const char *text)
{
	for (int row = 0; row < console->rows; row++)
		if (strstr(vterm_console_row(console, row), text))
			return true;
	return false;
}

int vterm_console_cursor_row(struct vterm_console *console)
{
	for (int row = 0; row < console->rows; row++)
		if (vterm_console_row(console, row)[0] == '>')
			return row;
	return -1;
}

/* ---- Bytes ----------------------------------------------------------------------------------------------------------- */

/* Reads what is there within wait_ms; false if nothing came. */
static bool pump(struct vterm_console *console, int wait_ms)
{
	char bytes[16384];
	struct pollfd ready = { .fd = console->master, .events = POLLIN };
	if (poll(&ready, 1, wait_ms) <= 0)
		return false;
	ssize_t got = read(console->master, bytes, sizeof bytes);
	if (got <= 0)
		return false;
	buf_add(&console->raw, bytes, (size_t)got);
	(void)vterm_input_write(console->vt, bytes, (size_t)got);
	return true;
}

void vterm_console_settle(struct vterm_console *console, int quiet_ms)
{
	int64_t end = clock_boot(&clock_system) + EXPECT_MS;
	while (pump(console, quiet_ms) && clock_boot(&clock_system) < end)
		;
}

static bool row_has(struct vterm_console *console, int row, const char *text)
{
	return row < 0 ? vterm_console_shows(console, text) : strstr(vterm_console_row(console, row), text) != NULL;
}

static void expect(struct vterm_console *console, int row, const char *text, bool wanted)
{
	int64_t end = clock_boot(&clock_system) + EXPECT_MS;
	while (row_has(console, row, text) != wanted) {
		(void)pump(console, 20);
		if (clock_boot(&clock_system) < end)
			continue;
		vterm_console_dump(console);
		fail_msg("%s `%s`", wanted ? "there is no" : "there still is", text);
	}
}

void vterm_console_expect(struct vterm_console *console, const char *text)
{
	expect(console, -1, text, true);
}

void vterm_console_expect_row(struct vterm_console *console, int row, const char *text)
{
	expect(console, row, text, true);
}

void vterm_console_expect_not(struct vterm_console *console, const char *text)
{
	expect(console, -1, text, false);
}

void vterm_console_send(struct vterm_console *console, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t done = write(console->master, bytes, len);
		if (done <= 0)
			fail_msg("cannot write to the terminal: %s", strerror(errno));
		bytes += done;
		len -= (size_t)done;
	}
}

static void send_output(struct vterm_console *console)
{
	char bytes[256];
	size_t len = vterm_output_read(console->vt, bytes, sizeof bytes);
	vterm_console_send(console, bytes, len);
}

void vterm_console_type(struct vterm_console *console, const char *ascii)
{
	for (; *ascii; ascii++) {
		vterm_keyboard_unichar(console->vt, (uint32_t)(unsigned char)*ascii, VTERM_MOD_NONE);
		send_output(console);
	}
}

void vterm_console_press(struct vterm_console *console, VTermKey key)
{
	vterm_keyboard_key(console->vt, key, VTERM_MOD_NONE);
	send_output(console);
}

void vterm_console_resize(struct vterm_console *console, int cols, int rows)
{
	const struct winsize size = { .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows };
	console->cols = cols;
	console->rows = rows;
	vterm_set_size(console->vt, rows, cols);
	assert_int_equal(ioctl(console->master, TIOCSWINSZ, &size), 0);
}

void vterm_console_mark(struct vterm_console *console)
{
	console->mark = console->raw.len;
}

size_t vterm_console_written(const struct vterm_console *console)
{
	return console->raw.len - console->mark;
}

bool vterm_console_wrote(const struct vterm_console *console, const char *bytes)
{
	return memmem(buf_text(&console->raw) + console->mark, console->raw.len - console->mark, bytes, strlen(bytes)) != NULL;
}

/* ---- The process ----------------------------------------------------------------------------------------------------- */

static _Noreturn void become_console(const struct vterm_console_options *options)
{
	char program[PATH_MAX], socket[160];
	const char *argv[WORDS_MAX] = { "almanac" };
	const char *env[WORDS_MAX] = { "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC", "PATH=/usr/bin:/bin" };
	int count = 1, vars = 4;
	for (const char *const *arg = options->args; arg && *arg && count < WORDS_MAX - 1; arg++)
		argv[count++] = *arg;
	(void)snprintf(socket, sizeof socket, "ALMANAC_SOCKET=%s", options->socket);
	env[vars++] = socket;
	static char sanitizer[2][512];
	static const char *const names[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS" };
	for (int i = 0; i < 2; i++)
		if (getenv(names[i])) {
			(void)snprintf(sanitizer[i], sizeof sanitizer[i], "%s=%s", names[i], getenv(names[i]));
			env[vars++] = sanitizer[i];
		}
	for (const char *const *more = options->env; more && *more && vars < WORDS_MAX - 1; more++) {
		size_t name = strcspn(*more, "=") + 1;
		int at = 0;
		while (at < vars && strncmp(env[at], *more, name) != 0)
			at++;
		env[at] = *more;
		vars += at == vars;
	}
	process_program(program, sizeof program, "almanac");
	execve(program, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(127);
}

static volatile sig_atomic_t wanted;

static void on_foreground(int number)
{
	(void)number;
	wanted = 1;
}

/* A shell of one job: it hands the terminal over, takes it back when the job stops, and gives it again on SIGUSR1. */
static _Noreturn void become_shell(const struct vterm_console_options *options, int report)
{
	const struct sigaction action = { .sa_handler = on_foreground }, ignore = { .sa_handler = SIG_IGN };
	struct sigaction old;
	int status = 0;
	(void)sigaction(SIGUSR1, &action, NULL);
	(void)sigaction(SIGTTOU, &ignore, &old);
	pid_t job = fork();
	if (job == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)setpgid(0, 0);
		(void)tcsetpgrp(STDIN_FILENO, getpid());
		(void)sigaction(SIGTTOU, &old, NULL);
		become_console(options);
	}
	if (write(report, &job, sizeof job) != (ssize_t)sizeof job)
		_exit(126);
	for (;;) {
		pid_t got = waitpid(job, &status, WUNTRACED);
		if (got == job && WIFSTOPPED(status))
			(void)tcsetpgrp(STDIN_FILENO, getpgrp());
		else if (got == job)
			_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
		if (wanted) {
			wanted = 0;
			(void)tcsetpgrp(STDIN_FILENO, job);
			(void)kill(-job, SIGCONT);
		}
	}
}

static void start_process(struct vterm_console *console, const struct vterm_console_options *options)
{
	int report[2];
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	console->pid = fork();
	assert_true(console->pid >= 0);
	if (console->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(console->master);
		(void)login_tty(console->slave);
		if (options->shell)
			become_shell(options, report[1]);
		become_console(options);
	}
	(void)close(report[1]);
	if (options->shell)
		assert_int_equal(read(report[0], &console->job, sizeof console->job), sizeof console->job);
	(void)close(report[0]);
}

static bool is_stopped(void *arg)
{
	const struct vterm_console *console = arg;
	char path[64], text[512];
	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)console->job);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
	if (fd >= 0)
		(void)close(fd);
	text[got > 0 ? got : 0] = '\0';
	const char *state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'T';
}

void vterm_console_wait_stopped(struct vterm_console *console)
{
	if (!process_until(is_stopped, console, 5000))
		fail_msg("the console does not stop");
}

void vterm_console_foreground(struct vterm_console *console)
{
	(void)kill(console->pid, SIGUSR1);
}

void vterm_console_start(struct vterm_console *console, const struct vterm_console_options *options)
{
	static const VTermScreenCallbacks callbacks = { .movecursor = on_cursor, .settermprop = on_property };
	int cols = options->cols ? options->cols : 80, rows = options->rows ? options->rows : 24;
	const struct winsize size = { .ws_col = (unsigned short)cols, .ws_row = (unsigned short)rows };
	*console = (struct vterm_console){ .cols = cols, .rows = rows, .cursor_visible = true };
	if (openpty(&console->master, &console->slave, NULL, NULL, &size) != 0) {
		/* A bare chroot: nothing of the console can be shown there. */
		print_message("no pseudo-terminals: is /dev/pts mounted?\n");
		skip();
	}
	console->vt = vterm_new(rows, cols);
	vterm_set_utf8(console->vt, 1);
	console->screen = vterm_obtain_screen(console->vt);
	vterm_screen_set_callbacks(console->screen, &callbacks, console);
	vterm_screen_enable_altscreen(console->screen, 1);
	vterm_screen_reset(console->screen, 1);
	start_process(console, options);
}

struct ending {
	struct vterm_console *console;
	int status;
};

static bool has_ended(void *arg)
{
	struct ending *ending = arg;
	while (ending->console->master >= 0 && pump(ending->console, 0))
		;
	return waitpid(ending->console->pid, &ending->status, WNOHANG) == ending->console->pid;
}

int vterm_console_wait(struct vterm_console *console, int timeout_ms)
{
	struct ending ending = { .console = console };
	if (!process_until(has_ended, &ending, timeout_ms)) {
		vterm_console_dump(console);
		fail_msg("the console does not end");
	}
	console->pid = 0;
	while (console->master >= 0 && pump(console, 0))
		;
	return WIFSIGNALED(ending.status) ? -WTERMSIG(ending.status) : WEXITSTATUS(ending.status);
}

void vterm_console_check_restored(struct vterm_console *console)
{
	struct termios modes;
	const char *raw = buf_text(&console->raw);
	const char *on = strstr(raw, "\033[?2004h"), *off = NULL;
	for (const char *at = raw; (at = strstr(at, "\033[?2004l")); at++)
		off = at;
	assert_false(console->alternate);
	assert_true(console->cursor_visible);
	assert_true(!on || (off && off > on));
	assert_int_equal(tcgetattr(console->slave, &modes), 0);
	assert_true(modes.c_lflag & ICANON);
	assert_true(modes.c_lflag & ECHO);
	assert_true(modes.c_iflag & ICRNL);
	assert_true(modes.c_oflag & OPOST);
}

void vterm_console_stop(struct vterm_console *console)
{
	if (console->pid > 0) {
		(void)kill(console->job > 0 ? console->job : console->pid, SIGTERM);
		(void)vterm_console_wait(console, 5000);
	}
	if (console->master >= 0)
		(void)close(console->master);
	if (console->slave >= 0)
		(void)close(console->slave);
	vterm_free(console->vt);
	buf_free(&console->raw);
}
