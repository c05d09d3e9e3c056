/* What went wrong, on standard error. Messages may quote foreign text, so that they are made displayable like it. */
#include "tui/report.h"

#include "ipc/base/buf.h"
#include "ipc/base/strutil.h"
#include "ipc/base/text.h"
#include "ipc/errors.h"
#include "ipc/method.h"
#include "tui/args.h"
#include "tui/cell.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void write_line(const struct io *io, const char *message, const char *code)
{
	char shown[2048], shown_code[128];
	text_display(shown, sizeof shown, message, strlen(message));
	text_display(shown_code, sizeof shown_code, code, strlen(code));
	(void)fprintf(io->err, "almanac: %s (%s)\n", shown, shown_code);
}

int report_err(const struct io *io, const struct err *err, int code)
{
	write_line(io, err->message, error_row(err->code)->name);
	return code;
}

int report_code(const struct io *io, const char *code, const char *message)
{
	const struct error_row *row = error_row_by_name(code);
	write_line(io, message ? message : "the daemon refused", code ? code : "internal");
	return row ? row->exit_code : EXIT_FAILED;
}

/* The call that would mend it, as words to type. */
static void write_hint(const struct io *io, const json_t *action)
{
	const char *name = json_string_value(json_object_get(action, "method"));
	const struct method *method = name ? method_find(name, strlen(name)) : NULL;
	if (!method || !method->verb)
		return;
	struct buf line = { 0 };
	char *label = cell_at(action, "label", true);
	buf_printf(&line, "almanac: hint: %s: almanac %s", label, method->verb);
	free(label);
	json_t *params = json_object_get(action, "params");
	bool known = json_object_get(params, "connection") != NULL; /* its workspace and provider need no words */
	for (void *at = json_object_iter(params); at; at = json_object_iter_next(params, at)) {
		const struct param *param = method_param(method, json_object_iter_key(at));
		if (!param || (known && (str_equal(param->name, "workspace") || str_equal(param->name, "provider"))))
			continue;
		buf_add_char(&line, ' ');
		if (!param->positional) {
			buf_add_text(&line, "--");
			args_add_option_name(&line, param->name);
			buf_add_char(&line, ' ');
		}
		char *value = cell_text(json_object_iter_value(at), true);
		buf_add_text(&line, value);
		free(value);
	}
	(void)fprintf(io->err, "%s\n", buf_text(&line));
	buf_free(&line);
}

int report_reply(const struct io *io, const json_t *error)
{
	const json_t *data = json_object_get(error, "data");
	int code = report_code(io, json_string_value(json_object_get(data, "code")),
	                       json_string_value(json_object_get(error, "message")));
	const json_t *action = json_object_get(data, "action");
	if (action)
		write_hint(io, action);
	return code;
}
