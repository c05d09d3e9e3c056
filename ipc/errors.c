/* The wire errors and their JSON. */
#include "ipc/errors.h"

#include "ipc/base/strutil.h"
#include "ipc/method.h"

#include <stddef.h>
#include <string.h>

static const struct error_row rows[] = {
	{ ERR_PARSE_ERROR, "parse_error", -32700, 2, false, "the frame is not one JSON text within the limits" },
	{ ERR_INVALID_REQUEST, "invalid_request", -32600, 2, false, "not a JSON-RPC 2.0 request" },
	{ ERR_METHOD_NOT_FOUND, "method_not_found", -32601, 2, false, "there is no such method" },
	{ ERR_INVALID_PARAMS, "invalid_params", -32602, 64, false, "a parameter is unknown, missing or out of bounds; data.field names it" },
	{ ERR_INTERNAL, "internal", -32603, 2, false, "a fault of the daemon" },
	{ ERR_DENIED, "denied", -32001, 2, false, "the caller's role does not allow this" },
	{ ERR_NOT_FOUND, "not_found", -32002, 5, false, "no such object, or none that the caller may see" },
	{ ERR_CONFLICT, "conflict", -32003, 2, false, "it changed meanwhile, exists already or is in the wrong state" },
	{ ERR_BUSY, "busy", -32004, 2, true, "not finished in time; data.run_id names work that goes on" },
	{ ERR_LIMIT_EXCEEDED, "limit_exceeded", -32004, 2, false, "a limit of the daemon was reached" },
	{ ERR_REAUTH_REQUIRED, "reauth_required", -32010, 4, false, "a person must consent again" },
	{ ERR_SCOPE_MISSING, "scope_missing", -32010, 4, false, "the consent does not cover this" },
	{ ERR_RATE_LIMITED, "rate_limited", -32012, 2, true, "the provider wants fewer requests" },
	{ ERR_PROVIDER_UNAVAILABLE, "provider_unavailable", -32013, 2, true, "the provider cannot be reached or answers nonsense" },
	{ ERR_PROVIDER_REJECTED, "provider_rejected", -32014, 2, false, "the provider refused the request" },
	{ ERR_ACCOUNT_MISMATCH, "account_mismatch", -32014, 2, false, "another account consented than the one asked for" },
	{ ERR_SEALED, "sealed", -32020, 2, false, "the key that opens stored tokens is missing or wrong" },
	{ ERR_APP_MISCONFIGURED, "app_misconfigured", -32021, 2, false, "client id, secret, redirect URI or policy need mending" },
	{ ERR_STORE_FAILED, "store_failed", -32023, 2, true, "the store could not be read or written; nothing was changed" },
};

const struct error_row *error_row(enum err_code code)
{
	const struct error_row *internal = NULL;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].code == code)
			return &rows[i];
		if (rows[i].code == ERR_INTERNAL)
			internal = &rows[i];
	}
	return internal;
}

const struct error_row *error_row_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (str_equal(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/* Only what is known and the method has as a parameter: the call can be made as it stands. */
static void put_if_taken(struct writer *w, const struct method *method, const char *name, const char *value)
{
	if (value[0] && method && method_param(method, name))
		writer_put_text(w, name, value);
}

static void write_action(struct writer *w, const struct err *err)
{
	const struct method *method = method_find(err->action_method, strlen(err->action_method));
	writer_key(w, "action");
	writer_object(w);
	writer_put_text(w, "method", err->action_method);
	writer_key(w, "params");
	writer_object(w);
	put_if_taken(w, method, "id", err->action_connection);
	put_if_taken(w, method, "workspace", err->action_workspace);
	put_if_taken(w, method, "provider", err->action_provider);
	put_if_taken(w, method, "connection", err->action_connection);
	writer_end(w);
	writer_put_text(w, "label", err->action_label);
	writer_end(w);
}

void error_write(struct writer *w, const struct err *err)
{
	const struct error_row *row = error_row(err->code);
	writer_object(w);
	writer_put_int(w, "code", row->rpc_code);
	writer_put_text(w, "message", err->message);
	writer_key(w, "data");
	writer_object(w);
	writer_put_text(w, "code", row->name);
	writer_put_bool(w, "retryable", row->retryable);
	if (err->retry_after_ms > 0)
		writer_put_int(w, "retry_after_ms", err->retry_after_ms);
	if (err->field[0])
		writer_put_text(w, "field", err->field);
	if (err->provider_status || err->provider_reason[0]) {
		writer_key(w, "provider");
		writer_object(w);
		writer_put_int(w, "status", err->provider_status);
		writer_put_text(w, "reason", err->provider_reason);
		writer_end(w);
	}
	if (err->action_method)
		write_action(w, err);
	if (err->run_id[0])
		writer_put_text(w, "run_id", err->run_id);
	writer_end(w);
	writer_end(w);
}
