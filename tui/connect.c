/* `almanac connect`. */
#include "tui/connect.h"

#include "ipc/base/strutil.h"
#include "ipc/params.h"
#include "tui/args.h"
#include "tui/caller.h"
#include "tui/cell.h"
#include "tui/output.h"
#include "tui/pretty.h"
#include "tui/report.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 500 };

/* Where there is only one provider it need not be named. */
static void default_provider(const struct method *method, json_t *params)
{
	const struct param *provider = method_param(method, "provider");
	if (!params_has(params, "provider") && !strchr(provider->choices, '|'))
		json_object_set_new(params, "provider", json_string(provider->choices));
}

/* To reconnect, the connection says which workspace it is in. */
static int default_workspace(struct caller *caller, json_t *params)
{
	const char *connection = params_text(params, "connection");
	json_t *found;
	if (!connection || params_has(params, "workspace"))
		return EXIT_DONE;
	json_t *asked = json_pack("{ss}", "id", connection);
	int code = caller_call(caller, "connection.get", asked, &found);
	json_decref(asked);
	if (code != EXIT_DONE)
		return code;
	json_object_set(params, "workspace", json_object_get(found, "workspace_id"));
	json_object_set(params, "provider", json_object_get(found, "provider"));
	json_decref(found);
	return EXIT_DONE;
}

static void show_link(const struct io *io, const struct options *options, const struct method *method,
                      const json_t *attempt)
{
	if (!io->out_tty || options->json) {
		output_result(io, options, method, attempt);
	} else {
		char *short_url = cell_at(attempt, "short_url", true), *url = cell_at(attempt, "authorization_url", true);
		char *id = cell_at(attempt, "attempt_id", true), *expires = cell_at(attempt, "expires_at", true);
		(void)fprintf(io->out, "Open this link in a browser and consent:\n\n  %s\n\nThe same in full:\n\n  %s\n\n", short_url, url);
		(void)fprintf(io->out, "It works until %s. Attempt %s\n", expires, id);
		free(short_url);
		free(url);
		free(id);
		free(expires);
	}
	(void)fflush(io->out);
}

static int show_connected(struct caller *caller, const struct options *options, const json_t *status)
{
	const struct io *io = caller->io;
	json_t *connection;
	json_t *asked = json_pack("{sO}", "id", json_object_get(status, "connection_id"));
	int code = caller_call(caller, "connection.get", asked, &connection);
	json_decref(asked);
	if (code != EXIT_DONE)
		return code;
	if (io->out_tty && !options->json) {
		char *email = cell_at(connection, "account_email", true), *id = cell_at(connection, "id", true);
		(void)fprintf(io->out, "Connected %s as %s\n", email, id);
		free(email);
		free(id);
	}
	json_decref(connection);
	return EXIT_DONE;
}

/* The attempt is over. */
static int show_end(struct caller *caller, const struct options *options, const char *state, const json_t *status)
{
	const struct io *io = caller->io;
	const json_t *error = json_object_get(status, "error");
	if (options->json)
		pretty_write(io->out, status, io->out_tty);
	if (strcmp(state, "done") == 0)
		return show_connected(caller, options, status);
	if (json_is_object(error))
		return report_code(io, json_string_value(json_object_get(error, "code")),
		                   json_string_value(json_object_get(error, "message")));
	return report_code(io, state, strcmp(state, "expired") == 0 ? "the link was not used in time" : "the attempt has ended");
}

static bool is_over(const char *state)
{
	static const char *const over[] = { "done", "failed", "expired", "cancelled" };
	for (size_t i = 0; i < sizeof over / sizeof over[0]; i++)
		if (strcmp(state, over[i]) == 0)
			return true;
	return false;
}

static const char *progress(const char *state)
{
	if (strcmp(state, "opened") == 0)
		return "The link was opened.";
	return strcmp(state, "returned") == 0 ? "The consent arrived; the calendars are being fetched." : NULL;
}

static int wait_for_end(struct caller *caller, const struct options *options, const json_t *attempt)
{
	const struct io *io = caller->io;
	json_t *status, *asked = json_pack("{sO}", "attempt_id", json_object_get(attempt, "attempt_id"));
	char last[32] = "";
	int code;
	while ((code = caller_call(caller, "oauth.status", asked, &status)) == EXIT_DONE) {
		const char *state = json_string_value(json_object_get(status, "state"));
		if (!state || is_over(state)) {
			code = show_end(caller, options, state ? state : "internal", status);
			json_decref(status);
			break;
		}
		if (strcmp(last, state) != 0 && progress(state))
			(void)fprintf(io->err, "%s\n", progress(state));
		(void)str_copy(last, sizeof last, state);
		json_decref(status);
		(void)poll(NULL, 0, POLL_MS);
	}
	json_decref(asked);
	return code;
}

static int run_with(struct caller *caller, const struct options *options, const struct method *method, json_t *params)
{
	const struct io *io = caller->io;
	json_t *attempt;
	struct err err;
	int code = default_workspace(caller, params);
	if (code != EXIT_DONE)
		return code;
	default_provider(method, params);
	if (params_check(method, params, &err))
		return report_err(io, &err, EXIT_USAGE);
	code = caller_call(caller, method->name, params, &attempt);
	if (code != EXIT_DONE)
		return code;
	show_link(io, options, method, attempt);
	if (options->wait || (io->out_tty && !options->no_wait))
		code = wait_for_end(caller, options, attempt);
	json_decref(attempt);
	return code;
}

int connect_run(const struct io *io, const struct options *options, const struct method *method)
{
	struct caller caller;
	struct err err;
	json_t *params;
	if (args_parse(method, options->rest_count, options->rest, io, &params, &err))
		return report_err(io, &err, EXIT_USAGE);
	int code = EXIT_DONE;
	/* What nothing can fill in is said before anybody is called. */
	if (params_has(params, "workspace")) {
		default_provider(method, params);
		if (params_check(method, params, &err))
			code = report_err(io, &err, EXIT_USAGE);
	} else if (!params_has(params, "connection")) {
		(void)err_field(&err, "workspace", "workspace: is required");
		code = report_err(io, &err, EXIT_USAGE);
	}
	if (code == EXIT_DONE) {
		code = caller_open(&caller, io, options);
		if (code == EXIT_DONE)
			code = run_with(&caller, options, method, params);
		caller_close(&caller);
	}
	json_decref(params);
	return code;
}
