/* Asking before something is destroyed. */
#include "tui/confirm.h"

#include "tui/pretty.h"

#include <stdint.h>

bool confirm_is_possible(const struct io *io, const struct method *method)
{
	if (io->in_tty && io->out_tty)
		return true;
	(void)fprintf(io->err, "almanac: %s destroys: give --yes, or --dry-run to see what it would do (invalid_params)\n",
	              method->verb);
	return false;
}

int confirm_ask(struct caller *caller, const struct method *method, const json_t *params)
{
	const struct io *io = caller->io;
	json_t *result, *dry = json_copy((json_t *)(uintptr_t)params);
	char answer[16] = "";
	json_object_set_new(dry, "dry_run", json_true());
	int code = caller_call(caller, method->name, dry, &result);
	json_decref(dry);
	if (code != EXIT_DONE)
		return code;
	(void)fprintf(io->err, "%s: this would happen:\n", method->summary);
	pretty_write(io->err, json_object_get(result, "effects"), true);
	json_decref(result);
	(void)fprintf(io->err, "Go on? [y/N] ");
	(void)fflush(io->err);
	if (fgets(answer, sizeof answer, io->in) && (answer[0] == 'y' || answer[0] == 'Y'))
		return EXIT_DONE;
	(void)fprintf(io->err, "almanac: nothing was done\n");
	return EXIT_USAGE;
}
