/* Cells through ncurses onto a tty. */
#include "tui/term_ncurses.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "tui/crash.h"

#include <fcntl.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

enum { GOODBYE_MS = 500, COPY_MAX = 74994 };

static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

struct term {
	SCREEN *screen;
	FILE *sink;             /* a memory file that ncurses writes to */
	int out;                /* the tty, not blocking */
	struct buf waiting;     /* bytes on their way */
	struct cells shown;
	struct termios saved;
	bool pastes, inside, fresh;
	short pairs[PAINT_COUNT];
};

/* What ncurses has written since the last time. */
static void collect(struct term *term)
{
	char chunk[4096];
	ssize_t got;
	int fd = fileno(term->sink);
	(void)fflush(term->sink);
	(void)lseek(fd, 0, SEEK_SET);
	while ((got = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(&term->waiting, chunk, (size_t)got);
	if (ftruncate(fd, 0) == 0)
		(void)lseek(fd, 0, SEEK_SET);
}

bool term_flush(struct term *term)
{
	while (term->waiting.len > 0) {
		ssize_t done = write(term->out, term->waiting.data, term->waiting.len);
		if (done <= 0)
			return false;
		buf_consume(&term->waiting, (size_t)done);
	}
	return true;
}

/* On the way out a terminal that does not read gets a moment, no more. */
static void flush_for_good(struct term *term)
{
	for (int tries = 0; !term_flush(term) && tries < GOODBYE_MS / 10; tries++) {
		struct pollfd ready = { .fd = term->out, .events = POLLOUT };
		if (poll(&ready, 1, 10) < 0 || (ready.revents & (POLLERR | POLLHUP | POLLNVAL)))
			break;
	}
}

void term_size(int *cols, int *rows)
{
	struct winsize size = { 0 };
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
		size.ws_col = 80;
		size.ws_row = 24;
	}
	*cols = size.ws_col < CELLS_MAX_COLS ? size.ws_col : CELLS_MAX_COLS;
	*rows = size.ws_row < CELLS_MAX_ROWS ? size.ws_row : CELLS_MAX_ROWS;
}

static void prepare_goodbye(struct term *term)
{
	static const char *const names[] = { "sgr0", "cnorm", "rmcup" };
	char bye[CRASH_BYE_MAX];
	size_t len = 0;
	if (term->pastes) {
		memcpy(bye, paste_off, sizeof paste_off - 1);
		len = sizeof paste_off - 1;
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *text = tigetstr(names[i]);
		if (text == NULL || text == (char *)-1 || len + strlen(text) + 2 > sizeof bye)
			continue;
		memcpy(bye + len, text, strlen(text));
		len += strlen(text);
	}
	memcpy(bye + len, "\r\n", 2);
	crash_arm(bye, len + 2, STDOUT_FILENO, STDIN_FILENO, &term->saved);
}

static void set_modes(const struct term *term)
{
	struct termios modes = term->saved;
	modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	modes.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON);
	modes.c_oflag &= ~(tcflag_t)OPOST;
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

static bool start_screen(struct term *term, struct err *err)
{
	const char *name = getenv("TERM");
	use_env(FALSE);
	term->screen = newterm(NULL, term->sink, stdin);
	/* Terminals newer than the machine's terminfo; they all understand xterm. What says it is dumb is believed. */
	if (!term->screen && name && *name && strcmp(name, "dumb") != 0 && strcmp(name, "unknown") != 0)
		term->screen = newterm("xterm-256color", term->sink, stdin);
	if (!term->screen) {
		(void)err_set(err, ERR_INTERNAL, "the terminal type `%.40s` is unknown here or cannot place its cursor; set TERM, for example to xterm",
		              name ? name : "");
		return false;
	}
	const char *move_to = tigetstr("cup");
	if (move_to == NULL || move_to == (char *)-1) {
		endwin();
		delscreen(term->screen);
		(void)err_set(err, ERR_INTERNAL, "the terminal `%.40s` cannot place its cursor", name ? name : "");
		return false;
	}
	/* The old and plain ones print the sequence instead of ignoring it. */
	term->pastes = name && strncmp(name, "vt", 2) != 0 && strcmp(name, "linux") != 0;
	return true;
}

static void start_colours(struct term *term, enum color_mode color)
{
	if (color == COLOR_NEVER || !has_colors() || start_color() != OK)
		return;
	bool defaults = use_default_colors() == OK;
	for (int role = 0; role < PAINT_COUNT; role++) {
		int8_t colour = theme_look((enum paint)role)->colour;
		if (colour < 0 || !defaults)
			continue;
		term->pairs[role] = (short)(role + 1);
		(void)init_pair(term->pairs[role], colour, -1);
	}
}

/* A description of its own, so that not blocking is no one else's affair. */
static int open_out(void)
{
	char name[256] = "";
	int fd = -1;
	if (ttyname_r(STDOUT_FILENO, name, sizeof name) == 0)
		fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd >= 0 ? fd : dup(STDOUT_FILENO);
}

struct term *term_open(enum color_mode color, struct err *err)
{
	struct term *term = mem_alloc(sizeof *term);
	int fd = memfd_create("almanac-frame", MFD_CLOEXEC);
	term->sink = fd >= 0 ? fdopen(fd, "w+") : NULL;
	if (!term->sink || tcgetattr(STDIN_FILENO, &term->saved) != 0 || !start_screen(term, err)) {
		if (!term->sink)
			(void)err_set(err, ERR_INTERNAL, "no memory for the screen");
		else if (!term->screen && !err->message[0])
			(void)err_set(err, ERR_INTERNAL, "standard input is not a terminal");
		if (term->sink)
			(void)fclose(term->sink);
		free(term);
		return NULL;
	}
	term->out = open_out();
	start_colours(term, color);
	(void)typeahead(-1);
	(void)leaveok(stdscr, FALSE);
	(void)scrollok(stdscr, FALSE);
	(void)idlok(stdscr, TRUE);
	prepare_goodbye(term);
	term->inside = true;
	term->fresh = true;
	set_modes(term);
	if (term->pastes)
		buf_add_text(&term->waiting, paste_on);
	return term;
}

void term_leave(struct term *term)
{
	if (!term->inside)
		return;
	endwin();
	collect(term);
	if (term->pastes)
		buf_add_text(&term->waiting, paste_off);
	flush_for_good(term);
	buf_truncate(&term->waiting, 0);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &term->saved);
	crash_disarm();
	term->inside = false;
}

void term_enter(struct term *term)
{
	if (term->inside)
		return;
	set_modes(term);
	prepare_goodbye(term);
	if (term->pastes)
		buf_add_text(&term->waiting, paste_on);
	term->inside = true;
	term_redraw(term);
}

void term_close(struct term *term)
{
	if (!term)
		return;
	term_leave(term);
	delscreen(term->screen);
	(void)fclose(term->sink);
	(void)close(term->out);
	cells_free(&term->shown);
	buf_free(&term->waiting);
	free(term);
}

void term_redraw(struct term *term)
{
	term->fresh = true;
	/* Whoever had the terminal meanwhile may have set it to their liking. */
	if (term->inside)
		set_modes(term);
	(void)clearok(curscr, TRUE);
}

static attr_t attributes(const struct cell *cell)
{
	unsigned attr = cell->attr | theme_look((enum paint)cell->role)->attr;
	return (attr & ATTR_REVERSE ? A_REVERSE : 0) | (attr & ATTR_BOLD ? A_BOLD : 0) | (attr & ATTR_UNDERLINE ? A_UNDERLINE : 0);
}

/* The row as ncurses wants it. Where libc knows another width than we do, something of that width is shown instead. */
static void show_row(const struct term *term, const struct cells *cells, int row)
{
	static cchar_t line[CELLS_MAX_COLS + 1];
	int count = 0;
	for (int col = 0; col < cells->cols; col++) {
		const struct cell *cell = cells_at(cells, col, row);
		wchar_t text[CELL_POINTS + 1] = { 0 };
		if (cell->width == 0)
			continue;
		for (int i = 0; i < CELL_POINTS && cell->points[i]; i++)
			if (i == 0 || wcwidth((wchar_t)cell->points[i]) == 0)
				text[i] = (wchar_t)cell->points[i];
			else
				break;
		bool agreed = wcwidth(text[0]) == cell->width;
		if (!agreed)
			text[0] = L'?', text[1] = 0;
		(void)setcchar(&line[count++], text, attributes(cell), term->pairs[cell->role], NULL);
		if (!agreed && cell->width == 2)
			(void)setcchar(&line[count++], L" ", attributes(cell), term->pairs[cell->role], NULL);
	}
	(void)mvadd_wchnstr(row, 0, line, count);
}

bool term_show(struct term *term, const struct cells *cells)
{
	if (!term->inside || !term_flush(term))
		return false;
	if (!term->fresh && cells_equal(cells, &term->shown))
		return true;
	int cols, rows;
	getmaxyx(stdscr, rows, cols);
	if (rows != cells->rows || cols != cells->cols) {
		(void)resize_term(cells->rows, cells->cols);
		(void)clearok(curscr, TRUE);
	}
	for (int row = 0; row < cells->rows; row++)
		show_row(term, cells, row);
	(void)move(cells->cursor_row, cells->cursor_col);
	(void)wnoutrefresh(stdscr);
	(void)doupdate();
	collect(term);
	cells_copy(&term->shown, cells);
	term->fresh = false;
	(void)term_flush(term);
	return true;
}

int term_out(const struct term *term)
{
	return term->out;
}

void term_copy(struct term *term, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = (const unsigned char *)text;
	size_t len = strlen(text);
	if (len > COPY_MAX || !term->inside)
		return;
	buf_add_text(&term->waiting, "\033]52;c;");
	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = (unsigned)in[i] << 16 | (i + 1 < len ? (unsigned)in[i + 1] << 8 : 0) | (i + 2 < len ? in[i + 2] : 0U);
		buf_add_char(&term->waiting, digits[bits >> 18]);
		buf_add_char(&term->waiting, digits[bits >> 12 & 63]);
		buf_add_char(&term->waiting, i + 1 < len ? digits[bits >> 6 & 63] : '=');
		buf_add_char(&term->waiting, i + 2 < len ? digits[bits & 63] : '=');
	}
	buf_add_text(&term->waiting, "\033\\");
	(void)term_flush(term);
}
