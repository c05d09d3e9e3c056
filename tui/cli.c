/* The command. */
#include "tui/cli.h"

#include "ipc/base/text.h"
#include "ipc/method.h"
#include "ipc/version.h"
#include "tui/call.h"
#include "tui/connect.h"
#include "tui/console.h"
#include "tui/help.h"
#include "tui/oneshot.h"
#include "tui/options.h"
#include "tui/report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int refuse_verb(const struct io *io, const char *verb)
{
	char shown[128];
	text_display(shown, sizeof shown, verb, strlen(verb));
	(void)fprintf(io->err, "almanac: there is no verb `%s`; see almanac --help (invalid_params)\n", shown);
	return EXIT_USAGE;
}

static int show_help(const struct io *io, const char *verb)
{
	const struct method *method = verb ? method_find_verb(verb) : NULL;
	if (!verb || strcmp(verb, "help") == 0)
		help_write(io->out);
	else if (strcmp(verb, "call") == 0)
		help_write_call(io->out);
	else if (method)
		help_write_verb(io->out, method);
	else
		return refuse_verb(io, verb);
	return EXIT_DONE;
}

static int run_console(const struct io *io, const struct options *options)
{
	if (io->console && io->in_tty && io->out_tty)
		return io->console(options);
	if (!io->out_tty || !io->in_tty)
		(void)fprintf(io->err, "almanac: the console needs a terminal; without one use a verb, such as `almanac status` or "
		                       "`almanac connections --json`\n\n");
	help_write(io->out_tty ? io->out : io->err);
	return io->out_tty ? EXIT_DONE : EXIT_USAGE;
}

static int dispatch(const struct io *io, const struct options *options)
{
	const char *verb = options->verb;
	if (options->version) {
		(void)fprintf(io->out, "almanac %s\n", ALMANAC_VERSION);
		return EXIT_DONE;
	}
	if (options->help)
		return show_help(io, verb);
	if (!verb)
		return run_console(io, options);
	if (strcmp(verb, "help") == 0)
		return show_help(io, options->rest_count > 0 ? options->rest[0] : NULL);
	if (strcmp(verb, "call") == 0)
		return call_run(io, options);
	const struct method *method = method_find_verb(verb);
	if (!method)
		return refuse_verb(io, verb);
	bool connects = strcmp(method->name, "oauth.begin") == 0;
	if ((options->wait || options->no_wait) && !connects) {
		(void)fprintf(io->err, "almanac: %s has nothing to wait for (invalid_params)\n", verb);
		return EXIT_USAGE;
	}
	return connects ? connect_run(io, options, method) : oneshot_run(io, options, method);
}

int cli_run(int argc, char **argv, const struct io *io)
{
	struct options options;
	struct err err;
	if (options_parse(&options, argc, argv, &err))
		return report_err(io, &err, EXIT_USAGE);
	int code = dispatch(io, &options);
	errno = 0;
	if (fflush(io->out) != 0 || ferror(io->out)) {
		(void)fprintf(io->err, "almanac: cannot write the output: %s (internal)\n", strerror(errno ? errno : EIO));
		return EXIT_FAILED;
	}
	return code;
}

/* A standard stream that is closed must not become the socket: what is printed would go to the daemon. */
static bool fill_closed_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* The lowest free number is the one that is missing. Opened the wrong way round, so that its use fails. */
		int open_fd = fcntl(fd, F_GETFD) < 0 ? open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) : fd;
		if (open_fd != fd)
			return false;
	}
	return true;
}

int cli_main(int argc, char **argv)
{
	/* A reader that went away is a write error like any other. */
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	if (!fill_closed_streams() || sigaction(SIGPIPE, &ignore, NULL) != 0)
		return EXIT_FAILED;
	struct io io = { .in = stdin, .out = stdout, .err = stderr, .in_tty = isatty(STDIN_FILENO), .out_tty = isatty(STDOUT_FILENO),
		         .console = console_run };
	return cli_run(argc, argv, &io);
}
