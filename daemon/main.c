/* almanacd: options, signals, the watchdog. */
#include "daemon/notify.h"
#include "daemon/reload.h"
#include "daemon/start.h"
#include "daemon/vault/secret.h"
#include "ipc/base/log.h"
#include "ipc/openrpc.h"
#include "ipc/version.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE_ERROR = 64 };

struct command {
	struct app_options options;
	bool check_config, print_openrpc;
};

static const char usage[] =
        "usage: almanacd [--config FILE] [--policy FILE] [--state-dir DIR] [--socket PATH]\n"
        "       almanacd --check-config | --print-openrpc | --version | --help\n"
        "\n"
        "The control plane for calendar connections: owns OAuth tokens and an SQLite store, and serves JSON-RPC 2.0 on a\n"
        "Unix socket. Runs in the foreground and logs on standard error.\n"
        "\n"
        "  --config FILE     configuration (default: /etc/almanac/almanacd.conf for root, else $XDG_CONFIG_HOME/almanac)\n"
        "  --policy FILE     who may do what (default: policy.conf beside the configuration)\n"
        "  --state-dir DIR   store and key (default: $STATE_DIRECTORY, /var/lib/almanac for root, $XDG_STATE_HOME/almanac)\n"
        "  --socket PATH     where to listen (default: $RUNTIME_DIRECTORY, /run/almanac for root, $XDG_RUNTIME_DIR)\n"
        "  --check-config    read configuration and policy, say what is wrong with them, and exit\n"
        "  --print-openrpc   print the description of the protocol and exit\n";

/* -1: go on; else the exit code. */
static int parse_options(int argc, char **argv, struct command *command)
{
	enum { OPT_CONFIG = 1, OPT_POLICY, OPT_STATE, OPT_SOCKET, OPT_CHECK, OPT_OPENRPC, OPT_VERSION, OPT_HELP };
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, OPT_CONFIG },     { "policy", required_argument, NULL, OPT_POLICY },
		{ "state-dir", required_argument, NULL, OPT_STATE },   { "socket", required_argument, NULL, OPT_SOCKET },
		{ "check-config", no_argument, NULL, OPT_CHECK },      { "print-openrpc", no_argument, NULL, OPT_OPENRPC },
		{ "version", no_argument, NULL, OPT_VERSION },         { "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int option;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case OPT_CONFIG: command->options.config_path = optarg; break;
		case OPT_POLICY: command->options.policy_path = optarg; break;
		case OPT_STATE: command->options.state_dir = optarg; break;
		case OPT_SOCKET: command->options.socket_path = optarg; break;
		case OPT_CHECK: command->check_config = true; break;
		case OPT_OPENRPC: command->print_openrpc = true; break;
		case OPT_VERSION: (void)puts("almanacd " ALMANAC_VERSION); return 0;
		case OPT_HELP: (void)fputs(usage, stdout); return 0;
		default: (void)fputs(usage, stderr); return EXIT_USAGE_ERROR;
		}
	}
	if (optind == argc)
		return -1;
	(void)fprintf(stderr, "almanacd: unexpected argument\n%s", usage);
	return EXIT_USAGE_ERROR;
}

static int print_openrpc(void)
{
	struct buf out = { 0 };
	struct writer w;
	writer_init(&w, &out);
	openrpc_write(&w);
	buf_add_char(&out, '\n');
	bool written = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
	buf_free(&out);
	return written ? 0 : 74;
}

static int check_config(const struct app_options *options)
{
	struct err err;
	if (app_check_config(options, &err) != 0) {
		(void)fprintf(stderr, "almanacd: %s\n", err.message);
		return app_exit_code(&err);
	}
	(void)puts("configuration and policy are fine");
	return 0;
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct app *app = arg;
	struct err err;
	(void)what;
	if (number == SIGHUP)
		(void)app_reload(app, &err);
	else
		app_stop(app);
}

struct watchdog {
	struct timer *timer;
	int64_t interval_ms;
};

static void feed_watchdog(void *arg)
{
	struct watchdog *watchdog = arg;
	notify_send("WATCHDOG=1");
	timer_set(watchdog->timer, watchdog->interval_ms);
}

static void run(struct app *app)
{
	static const int numbers[] = { SIGHUP, SIGTERM, SIGINT };
	enum { COUNT = sizeof numbers / sizeof numbers[0] };
	struct event *signals[COUNT];
	struct watchdog watchdog = { .interval_ms = notify_watchdog_ms() };
	for (size_t i = 0; i < COUNT; i++) {
		signals[i] = evsignal_new(loop_base(app->core.loop), numbers[i], on_signal, app);
		(void)evsignal_add(signals[i], NULL);
	}
	if (watchdog.interval_ms > 0) {
		watchdog.timer = timer_new(app->core.loop, feed_watchdog, &watchdog);
		timer_set(watchdog.timer, watchdog.interval_ms);
	}
	LOG_INFO("ready", LOG_STR("socket", app->socket_path), LOG_STR("callback", app->callback_url),
	         LOG_STR("state_dir", app->state_dir), LOG_STR("version", ALMANAC_VERSION));
	notify_send("READY=1");
	app_run(app);
	timer_free(watchdog.timer);
	/* Closing is not broken off: nothing in it waits for anybody. */
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	for (size_t i = 0; i < COUNT; i++) {
		event_free(signals[i]);
		(void)sigaction(numbers[i], &ignore, NULL);
	}
}

int main(int argc, char **argv)
{
	struct command command = { 0 };
	struct app app;
	struct err err;
	int code = parse_options(argc, argv, &command);
	if (code >= 0)
		return code;
	if (command.print_openrpc)
		return print_openrpc();
	if (secret_setup() != 0)
		return 74;
	if (command.check_config)
		return check_config(&command.options);
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	(void)sigaction(SIGPIPE, &ignore, NULL);
	code = 0;
	if (app_open(&app, &command.options, &err) != 0) {
		(void)fprintf(stderr, "almanacd: %s\n", err.message);
		code = app_exit_code(&err);
	} else {
		run(&app);
		LOG_INFO("stopped", LOG_INT("uptime_ms", clock_boot(app.core.clock) - app.started_boot));
	}
	app_close(&app);
	return code;
}
