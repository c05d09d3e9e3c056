/*
 * Options of almanac-sandbox.
 * Ownership: texts point into argv.
 */
#include "tests/sandbox/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/rotate.h"

#define OPTIONS_USAGE 64

static const char options_help[] =
	"usage: almanac-sandbox --port N [options]\n"
	"A fake Google for tests and demos, on 127.0.0.1 only.\n"
	"\n"
	"  --port N             port to listen on; 0 takes a free one\n"
	"  --script F           control orders to carry out at the start (JSON array or JSON lines)\n"
	"  --seed N             seed of all data and tokens (default 1)\n"
	"  --client-id ID       the OAuth client (default sandbox-client)\n"
	"  --client-secret S    its secret (default sandbox-secret)\n"
	"  --accounts N         number of accounts, 0 to 100000 (default 16)\n"
	"  --token-life S       life of access tokens in seconds (default 3600)\n"
	"  --rotate MODE        refresh tokens: none (as Google), lenient, strict or family\n"
	"  --request-log F      append one JSON line per request to F\n"
	"  --help               this text\n"
	"\n"
	"Prints `listening http://127.0.0.1:PORT` when ready. Ends with 0 on SIGTERM or SIGINT.\n";

static bool options_read_number(const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	errno = 0;
	if (*text < '0' || *text > '9')
		return false;
	*value = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *value <= most;
}

static int options_complain(const char *name, const char *problem, const char *value)
{
	fprintf(stderr, "almanac-sandbox: %s %s: %s (see --help)\n", name, problem, value);
	return OPTIONS_USAGE;
}

static const struct option options_known[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "script", required_argument, NULL, 's' },
	{ "seed", required_argument, NULL, 'n' },
	{ "client-id", required_argument, NULL, 'c' },
	{ "client-secret", required_argument, NULL, 'x' },
	{ "accounts", required_argument, NULL, 'a' },
	{ "token-life", required_argument, NULL, 't' },
	{ "rotate", required_argument, NULL, 'r' },
	{ "request-log", required_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* One option; 0, or the exit code after a message. */
static int options_take(struct options *options, int option, const char *value, bool *port_given)
{
	uint64_t number = 0;

	switch (option) {
	case 'p':
		*port_given = true;
		if (!options_read_number(value, 65535, &number))
			return options_complain("--port", "must be 0 to 65535", value);
		options->port = (uint16_t)number;
		return 0;
	case 'n':
		return options_read_number(value, UINT64_MAX, &options->settings.seed)
		               ? 0
		               : options_complain("--seed", "must be a number", value);
	case 'a':
		if (!options_read_number(value, 100000, &number))
			return options_complain("--accounts", "must be 0 to 100000", value);
		options->settings.accounts = (uint32_t)number;
		return 0;
	case 't':
		if (!options_read_number(value, 1000000000, &number))
			return options_complain("--token-life", "must be a number of seconds", value);
		options->settings.token_life_s = (int64_t)number;
		return 0;
	case 'r':
		return rotate_parse(value, &options->settings.rotate)
		               ? 0
		               : options_complain("--rotate", "must be none, lenient, strict or family", value);
	case 's': options->script = value; return 0;
	case 'c': options->settings.client_id = value; return 0;
	case 'x': options->settings.client_secret = value; return 0;
	case 'l': options->request_log = value; return 0;
	default: return OPTIONS_USAGE;
	}
}

int options_read(struct options *options, int argc, char **argv)
{
	bool port_given = false;
	int option;

	memset(options, 0, sizeof *options);
	options->settings = (struct state_settings){ .client_id = "sandbox-client",
		                                     .client_secret = "sandbox-secret",
		                                     .seed = 1,
		                                     .accounts = 16,
		                                     .token_life_s = 3600,
		                                     .rotate = ROTATE_NONE };
	while ((option = getopt_long(argc, argv, "", options_known, NULL)) != -1) {
		int code;

		if (option == 'h') {
			fputs(options_help, stdout);
			return 0;
		}
		code = options_take(options, option, optarg, &port_given);
		if (code != 0)
			return code;
	}
	if (optind < argc)
		return options_complain("arguments", "are not taken", argv[optind]);
	if (!port_given)
		return options_complain("--port", "is required", "0 takes a free one");
	return -1;
}
