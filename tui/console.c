/* The console: one libevent loop over keys, signals, the daemon and a ten-times-a-second tick. */
#include "tui/console.h"

#include "ipc/client.h"
#include "ipc/socket.h"
#include "tui/figures.h"
#include "tui/io.h"
#include "tui/keys.h"
#include "tui/shell_draw.h"
#include "tui/shell_news.h"
#include "tui/term_ncurses.h"

#include <event2/event.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TICK_MS = 100, EVENTS_MAX = 16 };

struct console {
	struct event_base *base;
	struct event *events[EVENTS_MAX], *escape, *writable;
	size_t event_count;
	struct shell shell;
	struct client *client;
	struct term *term;
	struct keys keys;
	struct cells cells;
	int64_t second;  /* of the last drawing */
	bool plain;      /* the plain screen is shown */
	bool running, resized;
	int code;
};

static void quit(struct console *console, int code)
{
	console->running = false;
	console->code = code;
}

/* ---- Drawing --------------------------------------------------------------------------------------------------------- */

static void draw(struct console *console)
{
	struct desk *desk = &console->shell.desk;
	int cols, rows;
	if (console->plain)
		return;
	if (console->resized) {
		console->resized = false;
		term_size(&cols, &rows);
		cells_resize(&console->cells, cols, rows);
	}
	if (desk->redraw)
		term_redraw(console->term);
	desk->redraw = false;
	shell_draw(&console->shell, &console->cells);
	console->second = desk_now(desk) / 1000;
	/* A terminal that takes nothing gets the newest frame once it does. */
	if (term_show(console->term, &console->cells))
		desk->dirty = false;
	if (!term_flush(console->term))
		(void)event_add(console->writable, NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct console *console = arg;
	(void)fd;
	(void)what;
	if (!term_flush(console->term))
		(void)event_add(console->writable, NULL);
	else if (console->shell.desk.dirty)
		draw(console);
}

/* ---- What the shell wants of the terminal ---------------------------------------------------------------------------- */

static void show_plain(struct console *console)
{
	char *text = console->shell.desk.plain;
	console->shell.desk.plain = NULL;
	term_leave(console->term);
	console->plain = true;
	(void)printf("\n%s\n\nPress Enter to return to almanac.\n", text);
	(void)fflush(stdout);
	free(text);
}

static void write_dump(const char *path, const struct cells *cells, void (*how)(const struct cells *cells, struct buf *out),
                       struct desk *desk)
{
	struct buf text = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	how(cells, &text);
	if (fd < 0 || write(fd, buf_text(&text), text.len) != (ssize_t)text.len)
		desk_say(desk, TOAST_ERROR, "✗ cannot write %s", path);
	else
		desk_say(desk, TOAST_OK, "✓ wrote %s", path);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&text);
}

static void dump(struct console *console)
{
	char path[300];
	(void)snprintf(path, sizeof path, "%.280s.roles", console->shell.dump);
	/* Without the line in which it was asked for. */
	shell_draw(&console->shell, &console->cells);
	write_dump(path, &console->cells, figure_dump_roles, &console->shell.desk);
	write_dump(console->shell.dump, &console->cells, figure_dump, &console->shell.desk);
	free(console->shell.dump);
	console->shell.dump = NULL;
}

static void serve_shell(struct console *console)
{
	struct desk *desk = &console->shell.desk;
	if (desk->quit)
		quit(console, EXIT_DONE);
	if (desk->copy) {
		term_copy(console->term, desk->copy);
		free(desk->copy);
		desk->copy = NULL;
	}
	if (console->shell.dump)
		dump(console);
	if (desk->plain && !console->plain)
		show_plain(console);
}

/* ---- Keys ------------------------------------------------------------------------------------------------------------ */

static void on_key(void *arg, uint32_t key, const char *text)
{
	struct console *console = arg;
	if (console->running)
		shell_key(&console->shell, key, text);
}

static void on_escape(evutil_socket_t fd, short what, void *arg)
{
	struct console *console = arg;
	(void)fd;
	(void)what;
	keys_flush(&console->keys, on_key, console);
	serve_shell(console);
	draw(console);
}

static void come_back(struct console *console)
{
	console->plain = false;
	console->resized = true;
	term_enter(console->term);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct console *console = arg;
	char bytes[4096];
	ssize_t got = read(fd, bytes, sizeof bytes);
	(void)what;
	if (got <= 0) {
		/* The terminal is gone. */
		quit(console, 128 + SIGHUP);
		return;
	}
	if (console->plain) {
		if (memchr(bytes, '\n', (size_t)got) || memchr(bytes, '\r', (size_t)got))
			come_back(console);
	} else {
		keys_feed(&console->keys, bytes, (size_t)got, on_key, console);
		if (keys_waiting(&console->keys)) {
			const struct timeval wait = { .tv_usec = KEYS_ESC_MS * (getenv("SSH_CONNECTION") ? 3 : 1) * 1000 };
			(void)event_add(console->escape, &wait);
		} else {
			(void)event_del(console->escape);
		}
	}
	serve_shell(console);
	draw(console);
}

/* ---- Signals --------------------------------------------------------------------------------------------------------- */

static void on_end(evutil_socket_t number, short what, void *arg)
{
	(void)what;
	quit(arg, 128 + (int)number);
}

static void on_resize(evutil_socket_t number, short what, void *arg)
{
	struct console *console = arg;
	(void)number;
	(void)what;
	console->resized = true;
	draw(console);
}

static void on_stop(evutil_socket_t number, short what, void *arg)
{
	struct console *console = arg;
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	struct sigaction ours;
	(void)what;
	term_leave(console->term);
	(void)sigaction((int)number, &usual, &ours);
	(void)raise((int)number);
	/* Here it was continued. */
	(void)sigaction((int)number, &ours, NULL);
	if (!console->plain)
		come_back(console);
	draw(console);
}

static void on_continue(evutil_socket_t number, short what, void *arg)
{
	struct console *console = arg;
	(void)number;
	(void)what;
	console->resized = true;
	console->shell.desk.redraw = true;
	draw(console);
}

/* ---- Daemon ---------------------------------------------------------------------------------------------------------- */

static void on_state(void *arg, enum client_state state, const struct err *why)
{
	struct console *console = arg;
	if (!console->client)
		return;
	if (state == CLIENT_CONNECTED)
		shell_news_connected(&console->shell);
	else if (state == CLIENT_WAITING)
		shell_news_lost(&console->shell, why, client_retry_at(console->client));
	draw(console);
}

static void on_notice(void *arg, const json_t *message)
{
	struct console *console = arg;
	shell_news_message(&console->shell, message);
}

static int call(void *arg, const char *method, const json_t *params, client_reply_fn *fn, void *fn_arg, struct err *err)
{
	struct console *console = arg;
	if (!console->client)
		return err_set(err, ERR_INTERNAL, "not connected");
	return client_call(console->client, method, params, fn, fn_arg, err);
}

static void retry(void *arg)
{
	struct console *console = arg;
	client_retry_now(console->client);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct console *console = arg;
	(void)fd;
	(void)what;
	shell_tick(&console->shell);
	serve_shell(console);
	if (console->shell.desk.dirty || desk_now(&console->shell.desk) / 1000 != console->second)
		draw(console);
}

/* ---- Start and end --------------------------------------------------------------------------------------------------- */

static bool add_event(struct console *console, struct event *event, const struct timeval *when)
{
	if (!event || console->event_count == EVENTS_MAX)
		return false;
	console->events[console->event_count++] = event;
	return event_add(event, when) == 0;
}

static bool add_events(struct console *console)
{
	static const struct {
		int number;
		event_callback_fn fn;
	} signals[] = { { SIGTERM, on_end },	{ SIGHUP, on_end },   { SIGINT, on_end },	{ SIGQUIT, on_end },
		        { SIGWINCH, on_resize }, { SIGTSTP, on_stop }, { SIGCONT, on_continue } };
	const struct timeval tick = { .tv_usec = TICK_MS * 1000 };
	struct event_base *base = console->base;
	bool ok = add_event(console, event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, console), NULL) &&
	          add_event(console, event_new(base, -1, EV_PERSIST, on_tick, console), &tick);
	for (size_t i = 0; ok && i < sizeof signals / sizeof signals[0]; i++)
		ok = add_event(console, evsignal_new(base, signals[i].number, signals[i].fn, console), NULL);
	console->escape = evtimer_new(base, on_escape, console);
	console->writable = event_new(base, term_out(console->term), EV_WRITE, on_writable, console);
	return ok && console->escape && console->writable;
}

static void clean_up(struct console *console)
{
	term_close(console->term);
	client_free(console->client);
	shell_free(&console->shell);
	for (size_t i = 0; i < console->event_count; i++)
		event_free(console->events[i]);
	if (console->escape)
		event_free(console->escape);
	if (console->writable)
		event_free(console->writable);
	event_base_free(console->base);
	cells_free(&console->cells);
	keys_free(&console->keys);
}

static int refuse(const struct err *err, int code)
{
	(void)fprintf(stderr, "almanac: cannot start the screen: %s. The verbs work without one: almanac status, almanac connections, "
	                      "almanac --help\n", err->message);
	return code;
}

/* No word of the library on the screen. */
static void swallow(int severity, const char *message)
{
	(void)severity;
	(void)message;
}

static int run(struct console *console, const char *socket)
{
	const struct client_handlers handlers = { .state = on_state, .notice = on_notice, .arg = console };
	const struct remote_wire wire = { .call = call, .arg = console };
	shell_init(&console->shell, &clock_system, &wire, console->shell.desk.read_only);
	console->shell.retry = retry;
	console->shell.retry_arg = console;
	console->running = console->resized = true;
	if (!add_events(console))
		quit(console, EXIT_FAILED);
	console->client = client_new(console->base, socket, &handlers, &clock_system, &rng_system);
	draw(console);
	while (console->running)
		if (event_base_loop(console->base, EVLOOP_ONCE) < 0)
			quit(console, EXIT_FAILED);
	clean_up(console);
	return console->code;
}

int console_run(const struct options *options)
{
	static struct console console;
	enum color_mode color;
	struct err err = { 0 };
	char socket[SOCKET_PATH_MAX];
	(void)setlocale(LC_ALL, "");
	console.shell.desk.read_only = options->read_only;
	if (!glyphs_choose(options->glyphs, getenv("TERM"), nl_langinfo(CODESET), &console.cells.tier)) {
		(void)err_set(&err, ERR_INVALID_PARAMS, "--glyphs is auto, utf8, linux or ascii");
		return refuse(&err, EXIT_USAGE);
	}
	if (!theme_choose_color(options->color, getenv("NO_COLOR"), &color)) {
		(void)err_set(&err, ERR_INVALID_PARAMS, "--color is auto, always or never");
		return refuse(&err, EXIT_USAGE);
	}
	if (socket_path_client(socket, options->socket, &err))
		return refuse(&err, EXIT_USAGE);
	console.term = term_open(color, &err);
	if (!console.term)
		return refuse(&err, EXIT_UNREACHABLE);
	event_set_log_callback(swallow);
	console.base = event_base_new();
	if (!console.base) {
		term_close(console.term);
		(void)err_set(&err, ERR_INTERNAL, "no event loop");
		return refuse(&err, EXIT_FAILED);
	}
	return run(&console, socket);
}
