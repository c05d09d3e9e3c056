/* `almanac call`. Nothing is checked here that the daemon checks; only that it is JSON, and that no secret is on show. */
#include "tui/call.h"

#include "ipc/base/err.h"
#include "ipc/base/strutil.h"
#include "ipc/method.h"
#include "tui/caller.h"
#include "tui/pretty.h"
#include "tui/report.h"

#include <string.h>

static int usage(const struct io *io, const char *message)
{
	struct err err;
	(void)err_set(&err, ERR_INVALID_PARAMS, "%s", message);
	return report_err(io, &err, EXIT_USAGE);
}

static bool shows_secret(const char *name, const json_t *params)
{
	const struct method *method = method_find(name, strlen(name));
	for (size_t i = 0; method && i < method->param_count; i++)
		if (method->params[i].type == PARAM_SECRET && json_object_get(params, method->params[i].name))
			return true;
	return false;
}

/* NULL and a message when it is not an object. */
static json_t *read_params(const struct io *io, const char *name, const char *text)
{
	bool from_input = str_equal(text, "-");
	json_error_t error;
	json_t *params = from_input ? json_loadf(io->in, JSON_REJECT_DUPLICATES, &error)
	                            : json_loads(text, JSON_REJECT_DUPLICATES, &error);
	const char *fault = NULL;
	if (!json_is_object(params))
		fault = params ? "the params must be a JSON object" : "the params are not JSON";
	else if (!from_input && shows_secret(name, params))
		fault = "a secret is not taken from the command line, where others can see it; give - and write the params to "
			"standard input";
	if (!fault)
		return params;
	(void)usage(io, fault);
	json_decref(params);
	return NULL;
}

int call_run(const struct io *io, const struct options *options)
{
	struct caller caller;
	json_t *params = NULL, *result;
	if (options->rest_count < 1 || options->rest_count > 2)
		return usage(io, "expected: almanac call METHOD [JSON]");
	const char *name = options->rest[0];
	if (!str_is_utf8(name, strlen(name)))
		return usage(io, "the method is not well-formed UTF-8");
	if (options->rest_count == 2 && !(params = read_params(io, name, options->rest[1])))
		return EXIT_USAGE;
	int code = caller_open(&caller, io, options);
	if (code == EXIT_DONE)
		code = caller_call(&caller, name, params, &result);
	json_decref(params);
	if (code == EXIT_DONE) {
		pretty_write(io->out, result, io->out_tty);
		json_decref(result);
	}
	caller_close(&caller);
	return code;
}
