/* Where things are. */
#include "daemon/app_paths.h"

#include "ipc/base/strutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int app_paths_config(char *out, size_t size, const char *given, struct err *err)
{
	if (given) {
		if (!str_copy(out, size, given))
			return err_set(err, ERR_CONFIG, "--config: the path is too long");
		return access(given, F_OK) == 0 ? 0 : err_set(err, ERR_CONFIG, "%s:0: no such file", given);
	}
	config_default_path(out, size, "almanacd.conf");
	if (out[0] && access(out, F_OK) != 0)
		out[0] = '\0';
	return 0;
}

void app_paths_policy(char *out, size_t size, const char *given, const char *config_path)
{
	const char *slash = config_path[0] ? strrchr(config_path, '/') : NULL;
	if (given)
		(void)str_copy(out, size, given);
	else if (slash)
		(void)snprintf(out, size, "%.*s/policy.conf", (int)(slash - config_path), config_path);
	else if (config_path[0])
		(void)str_copy(out, size, "policy.conf");
	else
		config_default_path(out, size, "policy.conf");
}

/* STATE_DIRECTORY may name several, colon-separated: the first is ours. */
static bool from_environment(char *out, size_t size)
{
	const char *state = getenv("STATE_DIRECTORY");
	if (!state || state[0] != '/')
		return false;
	(void)snprintf(out, size, "%.*s", (int)strcspn(state, ":"), state);
	return true;
}

int app_paths_state(char *out, size_t size, const char *given, const char *configured, struct err *err)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (given || configured[0])
		return str_copy(out, size, given ? given : configured) ? 0 : err_set(err, ERR_CONFIG, "the state directory's path is too long");
	if (from_environment(out, size))
		return 0;
	if (geteuid() == 0)
		(void)str_copy(out, size, "/var/lib/almanac");
	else if (xdg && xdg[0] == '/')
		(void)snprintf(out, size, "%s/almanac", xdg);
	else if (home && home[0] == '/')
		(void)snprintf(out, size, "%s/.local/state/almanac", home);
	else
		return err_set(err, ERR_CONFIG, "no state directory: give --state-dir or set XDG_STATE_HOME");
	return 0;
}
