/* The OpenRPC document. */
#include "ipc/openrpc.h"

#include "ipc/errors.h"
#include "ipc/method.h"
#include "ipc/schemas.h"
#include "ipc/version.h"

#include <stdio.h>
#include <string.h>

static void write_choices(struct writer *w, const char *choices)
{
	writer_key(w, "enum");
	writer_array(w);
	for (const char *at = choices; *at;) {
		size_t len = strcspn(at, "|");
		writer_text_len(w, at, len);
		at += len + (at[len] == '|');
	}
	writer_end(w);
}

static const char *param_format(enum param_type type)
{
	switch (type) {
	case PARAM_ID: return "uuid";
	case PARAM_EMAIL: return "email";
	case PARAM_URL: return "uri";
	case PARAM_TIME: return "date-time";
	default: return NULL;
	}
}

static void write_bounds(struct writer *w, const struct param *param, const char *least, const char *most)
{
	if (param->min == 0 && param->max == 0)
		return;
	writer_put_int(w, least, param->min);
	/* Beyond 2^53 a bound is no bound, and many readers could not even hold it. */
	if (param->max < INT64_C(1) << 53)
		writer_put_int(w, most, param->max);
}

static void write_param_schema(struct writer *w, const struct param *param)
{
	const char *format = param_format(param->type);
	writer_object(w);
	switch (param->type) {
	case PARAM_INT:
		writer_put_text(w, "type", "integer");
		write_bounds(w, param, "minimum", "maximum");
		break;
	case PARAM_BOOL:
		writer_put_text(w, "type", "boolean");
		break;
	case PARAM_STRINGS:
		writer_put_text(w, "type", "array");
		writer_key(w, "items");
		writer_raw(w, "{\"type\":\"string\"}", 17);
		write_bounds(w, param, "minItems", "maxItems");
		break;
	default:
		writer_put_text(w, "type", "string");
		write_bounds(w, param, "minLength", "maxLength");
	}
	if (param->type == PARAM_SLUG)
		writer_put_text(w, "pattern", "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$");
	if (param->choices)
		write_choices(w, param->choices);
	if (format)
		writer_put_text(w, "format", format);
	if (param->fallback) {
		writer_key(w, "default");
		writer_raw(w, param->fallback, strlen(param->fallback));
	}
	if (param->type == PARAM_SECRET)
		writer_put_bool(w, "writeOnly", true);
	writer_end(w);
}

/* Required ones first, as OpenRPC wants it. */
static void write_params(struct writer *w, const struct method *method)
{
	writer_key(w, "params");
	writer_array(w);
	for (int required = 1; required >= 0; required--) {
		for (size_t i = 0; i < method->param_count; i++) {
			const struct param *param = &method->params[i];
			if (param->required != (required == 1))
				continue;
			writer_object(w);
			writer_put_text(w, "name", param->name);
			writer_put_text(w, "summary", param->help);
			writer_put_bool(w, "required", param->required);
			writer_key(w, "schema");
			write_param_schema(w, param);
			writer_end(w);
		}
	}
	writer_end(w);
}

static void write_schema_ref(struct writer *w, const char *name)
{
	char target[96];
	(void)snprintf(target, sizeof target, "#/components/schemas/%s", name);
	writer_object(w);
	writer_put_text(w, "$ref", target);
	writer_end(w);
}

static void write_result(struct writer *w, const struct method *method)
{
	writer_key(w, "result");
	writer_object(w);
	writer_put_text(w, "name", method->result);
	writer_key(w, "schema");
	if (method_param(method, "dry_run")) {
		writer_object(w);
		writer_key(w, "oneOf");
		writer_array(w);
		write_schema_ref(w, method->result);
		write_schema_ref(w, "dry_run");
		writer_end(w);
		writer_end(w);
	} else
		write_schema_ref(w, method->result);
	writer_end(w);
}

static void write_error(struct writer *w, const struct error_row *row)
{
	writer_object(w);
	writer_put_int(w, "code", row->rpc_code);
	writer_put_text(w, "message", row->meaning);
	writer_key(w, "data");
	writer_object(w);
	writer_put_text(w, "code", row->name);
	writer_put_bool(w, "retryable", row->retryable);
	writer_end(w);
	writer_end(w);
}

/* OpenRPC wants every code once a method; of two names with one code the first stands for both. */
static void write_errors(struct writer *w, const struct method *method)
{
	static const char *const general[] = { "invalid_params", "denied", "internal", "store_failed" };
	int seen[32];
	size_t count = 0;
	char name[64];
	writer_key(w, "errors");
	writer_array(w);
	for (; count < sizeof general / sizeof general[0]; count++) {
		const struct error_row *row = error_row_by_name(general[count]);
		seen[count] = row->rpc_code;
		write_error(w, row);
	}
	for (const char *at = method->errors ? method->errors : ""; *(at += strspn(at, " "));) {
		size_t len = strcspn(at, " ");
		(void)snprintf(name, sizeof name, "%.*s", (int)len, at);
		at += len;
		const struct error_row *row = error_row_by_name(name);
		bool known = !row || count == sizeof seen / sizeof seen[0];
		for (size_t i = 0; i < count && !known; i++)
			known = seen[i] == row->rpc_code;
		if (known)
			continue;
		seen[count++] = row->rpc_code;
		write_error(w, row);
	}
	writer_end(w);
}

static void write_method(struct writer *w, const struct method *method)
{
	writer_object(w);
	writer_put_text(w, "name", method->name);
	writer_put_text(w, "summary", method->summary);
	writer_key(w, "tags");
	writer_array(w);
	writer_object(w);
	writer_key(w, "name");
	writer_text_len(w, method->name, strcspn(method->name, "."));
	writer_end(w);
	writer_end(w);
	writer_put_text(w, "paramStructure", "by-name");
	write_params(w, method);
	write_result(w, method);
	write_errors(w, method);
	writer_put_text(w, "x-role", role_name(method->role));
	writer_put_bool(w, "x-mutates", method->mutates);
	writer_put_text(w, "x-verb", method->verb);
	writer_end(w);
}

void openrpc_write(struct writer *w)
{
	writer_object(w);
	writer_put_text(w, "openrpc", "1.3.2");
	writer_key(w, "info");
	writer_object(w);
	writer_put_text(w, "title", "almanac");
	writer_put_text(w, "version", ALMANAC_VERSION);
	writer_put_text(w, "description",
	                "JSON-RPC 2.0 over a Unix stream socket: one request, batch or reply a line. Named parameters only.");
	writer_end(w);
	writer_key(w, "methods");
	writer_array(w);
	for (size_t i = 0; i < method_count; i++)
		write_method(w, method_table[i]);
	writer_end(w);
	writer_key(w, "components");
	writer_object(w);
	writer_key(w, "schemas");
	writer_object(w);
	for (size_t i = 0; i < schema_count; i++) {
		writer_key(w, schema_table[i].name);
		schema_write(w, &schema_table[i]);
	}
	writer_end(w);
	writer_end(w);
	writer_end(w);
}
