/* One verb of the method table. */
#include "tui/oneshot.h"

#include "ipc/params.h"
#include "tui/args.h"
#include "tui/caller.h"
#include "tui/confirm.h"
#include "tui/output.h"
#include "tui/report.h"


/* The answer is known, and it is no. */
static bool is_unhealthy(const json_t *result)
{
	return json_is_false(json_object_get(result, "ok")) ||
	       json_is_false(json_object_get(json_object_get(result, "sync"), "ok"));
}

static int call_and_show(struct caller *caller, const struct options *options, const struct method *method,
                         const json_t *params)
{
	const struct io *io = caller->io;
	json_t *result;
	bool all = method_param(method, "cursor") && !params_has(params, "limit");
	int code = all ? caller_list(caller, method->name, params, &result)
	               : caller_call(caller, method->name, params, &result);
	if (code != EXIT_DONE)
		return code;
	output_result(io, options, method, result);
	const char *next = json_string_value(json_object_get(result, "next_cursor"));
	if (next && io->out_tty && !options->json)
		(void)fprintf(io->err, "There are more; go on with --cursor %s\n", next);
	code = is_unhealthy(result) ? EXIT_UNHEALTHY : EXIT_DONE;
	json_decref(result);
	return code;
}

static int run_with(const struct io *io, const struct options *options, const struct method *method, const json_t *params)
{
	struct caller caller;
	bool ask = method->destroys && !params_bool(params, "dry_run", false) && !options->yes;
	if (ask && !confirm_is_possible(io, method))
		return EXIT_USAGE;
	int code = caller_open(&caller, io, options);
	if (code == EXIT_DONE && ask)
		code = confirm_ask(&caller, method, params);
	if (code == EXIT_DONE)
		code = call_and_show(&caller, options, method, params);
	caller_close(&caller);
	return code;
}

int oneshot_run(const struct io *io, const struct options *options, const struct method *method)
{
	struct err err;
	json_t *params;
	if (args_parse(method, options->rest_count, options->rest, io, &params, &err))
		return report_err(io, &err, EXIT_USAGE);
	int code = params_check(method, params, &err) ? report_err(io, &err, EXIT_USAGE) : run_with(io, options, method, params);
	json_decref(params);
	return code;
}
