/* The options that every verb knows. */
#include "tui/options.h"

#include "ipc/base/strutil.h"

#include <stddef.h>
#include <string.h>

const char options_help[] = "  --socket PATH     the daemon's socket; else $ALMANAC_SOCKET, else the usual places\n"
			    "  --json            the result as JSON\n"
			    "  --no-header       no header line\n"
			    "  --yes             do not ask before something is destroyed\n"
			    "  --help, --version\n"
			    "For the console: --read-only, --glyphs=auto|utf8|linux|ascii, --color=auto|always|never (or NO_COLOR)\n";

static bool *find_flag(struct options *options, const char *arg)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "--json", &options->json }, { "--no-header", &options->no_header }, { "--yes", &options->yes },
		{ "--help", &options->help }, { "-h", &options->help },		      { "--version", &options->version },
		{ "--wait", &options->wait }, { "--no-wait", &options->no_wait }, { "--read-only", &options->read_only },
	};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (strcmp(flags[i].name, arg) == 0)
			return flags[i].flag;
	return NULL;
}

static int take_socket(struct options *options, const char *path, struct err *err)
{
	if (!path || !*path)
		return err_field(err, "socket", "--socket needs a path");
	if (options->socket)
		return err_field(err, "socket", "--socket is given twice");
	options->socket = path;
	return 0;
}

int options_parse(struct options *options, int argc, char **argv, struct err *err)
{
	int kept = 0, i = 1;
	*options = (struct options){ 0 };
	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		bool *flag = find_flag(options, argv[i]);
		if (flag) {
			*flag = true;
		} else if (strcmp(argv[i], "--socket") == 0) {
			if (take_socket(options, i + 1 < argc ? argv[i + 1] : NULL, err))
				return -1;
			i++;
		} else if (str_starts_with(argv[i], "--socket=")) {
			if (take_socket(options, argv[i] + strlen("--socket="), err))
				return -1;
		} else if (str_starts_with(argv[i], "--glyphs=")) {
			options->glyphs = argv[i] + strlen("--glyphs=");
		} else if (str_starts_with(argv[i], "--color=")) {
			options->color = argv[i] + strlen("--color=");
		} else {
			argv[kept++] = argv[i];
		}
	}
	while (i < argc)
		argv[kept++] = argv[i++];
	if (kept > 0 && argv[0][0] == '-' && argv[0][1] != '\0')
		return err_field(err, "verb", "an option of a verb comes after the verb; see almanac --help");
	if (options->wait && options->no_wait)
		return err_field(err, "wait", "--wait and --no-wait exclude each other");
	options->verb = kept > 0 ? argv[0] : NULL;
	options->rest = argv + 1;
	options->rest_count = kept > 0 ? kept - 1 : 0;
	return 0;
}
