/*
 * almanac-sandbox: a fake Google over HTTP on loopback.
 * Ownership: main holds every part of struct sandbox and frees all of it before it ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <event2/event.h>
#include <sodium.h>

#include "tests/sandbox/dispatch.h"
#include "tests/sandbox/options.h"
#include "tests/sandbox/people.h"
#include "tests/sandbox/script.h"

static void main_on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	event_base_loopbreak(arg);
}

static void main_raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static int main_complain(const char *what, const char *why)
{
	fprintf(stderr, "almanac-sandbox: %s: %s\n", what, why);
	return 74;
}

static int main_serve(struct sandbox *sandbox)
{
	struct event *term = evsignal_new(sandbox->base, SIGTERM, main_on_signal, sandbox->base);
	struct event *interrupt = evsignal_new(sandbox->base, SIGINT, main_on_signal, sandbox->base);

	event_add(term, NULL);
	event_add(interrupt, NULL);
	printf("listening http://127.0.0.1:%u\n", http_server_port(sandbox->server));
	fflush(stdout);
	event_base_dispatch(sandbox->base);
	event_free(term);
	event_free(interrupt);
	return 0;
}

/* Everything that can fail at the start, then the loop. */
static int main_run(struct sandbox *sandbox, const struct options *options)
{
	char *wrong;

	sandbox->journal = journal_new(options->request_log);
	if (sandbox->journal == NULL)
		return main_complain(options->request_log, strerror(errno));
	if (options->script != NULL) {
		wrong = script_run(sandbox, options->script);
		if (wrong != NULL) {
			fprintf(stderr, "almanac-sandbox: %s\n", wrong);
			free(wrong);
			return 64;
		}
	}
	return main_serve(sandbox);
}

int main(int argc, char **argv)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sandbox sandbox = { 0 };
	struct options options;
	int code = options_read(&options, argc, argv);

	if (code >= 0)
		return code;
	if (sodium_init() < 0)
		return main_complain("libsodium", "cannot start");
	sigaction(SIGPIPE, &ignore, NULL);
	main_raise_limits();
	sandbox.base = event_base_new();
	if (sandbox.base == NULL)
		return main_complain("libevent", "cannot start");
	sandbox.server = http_server_new(sandbox.base, options.port, dispatch_receive, &sandbox);
	if (sandbox.server == NULL) {
		code = main_complain("127.0.0.1", strerror(errno));
	} else {
		sandbox.state = state_new(&options.settings);
		sandbox.faults = faults_new();
		people_fill(sandbox.state);
		code = main_run(&sandbox, &options);
		http_server_free(sandbox.server);
		faults_free(sandbox.faults);
		state_free(sandbox.state);
		if (sandbox.journal != NULL)
			journal_free(sandbox.journal);
	}
	event_base_free(sandbox.base);
	return code;
}
