/* The help, from the method table. */
#include "tui/help.h"

#include "ipc/base/buf.h"
#include "tui/args.h"
#include "tui/options.h"

#include <ctype.h>
#include <string.h>

void help_write(FILE *out)
{
	(void)fputs("usage: almanac VERB [ARGUMENTS] [OPTIONS]\n\nverbs:\n", out);
	for (size_t i = 0; i < method_count; i++)
		if (method_table[i]->verb)
			(void)fprintf(out, "  %-17s %s\n", method_table[i]->verb, method_table[i]->summary);
	(void)fputs("  call              Any method, with its params as JSON\n"
	            "  help              This, or the help of a verb\n\noptions:\n", out);
	(void)fputs(options_help, out);
	(void)fputs("\nexit codes: 0 done, 1 the answer is \"unhealthy\", 2 failed, 3 the daemon cannot be reached, 4 a person must\n"
	            "consent, 5 not found, 64 usage or missing confirmation\n", out);
}

void help_write_call(FILE *out)
{
	(void)fputs("usage: almanac call METHOD [JSON | -] [OPTIONS]\n\nAny method, with its params as a JSON object; with - it is "
	            "read from standard input.\n\noptions:\n", out);
	(void)fputs(options_help, out);
}

static const char *type_word(enum param_type type)
{
	switch (type) {
	case PARAM_STRING: return "TEXT";
	case PARAM_ID: return "ID";
	case PARAM_WORKSPACE: return "ID|SLUG";
	case PARAM_INT: return "N";
	case PARAM_BOOL: return "";
	case PARAM_ENUM: return "WORD";
	case PARAM_SLUG: return "SLUG";
	case PARAM_EMAIL: return "EMAIL";
	case PARAM_ZONE: return "ZONE";
	case PARAM_URL: return "URL";
	case PARAM_TIME: return "TIME";
	case PARAM_STRINGS: return "TEXT";
	case PARAM_SECRET: return "-";
	}
	return "";
}

static void add_name(struct buf *out, const struct param *param)
{
	size_t start = out->len;
	if (!param->positional)
		buf_add_text(out, "--");
	args_add_option_name(out, param->name);
	for (size_t i = start; param->positional && i < out->len; i++)
		out->data[i] = (char)toupper((unsigned char)out->data[i]);
	if (!param->positional && *type_word(param->type))
		buf_printf(out, " %s", type_word(param->type));
}

static void write_usage(FILE *out, const struct method *method)
{
	struct buf line = { 0 };
	for (size_t i = 0; i < method->param_count; i++) {
		const struct param *param = &method->params[i];
		if (!param->required && !param->positional)
			continue;
		buf_add_text(&line, param->required ? " " : " [");
		add_name(&line, param);
		buf_add_text(&line, param->required ? "" : "]");
	}
	(void)fprintf(out, "usage: almanac %s%s [OPTIONS]\n\n%s.\n", method->verb, buf_text(&line), method->summary);
	buf_free(&line);
}

static void write_param(FILE *out, const struct param *param)
{
	struct buf name = { 0 };
	add_name(&name, param);
	(void)fprintf(out, "  %-22s %s", buf_text(&name), param->help);
	if (param->choices)
		(void)fprintf(out, "\n%25sone of %s", "", param->choices);
	if (param->type == PARAM_INT && param->max > 0 && param->max < INT64_MAX)
		(void)fprintf(out, "; %lld to %lld", (long long)param->min, (long long)param->max);
	if (param->fallback)
		(void)fprintf(out, "; default %s", param->fallback);
	if (param->type == PARAM_SECRET)
		(void)fputs("; give - and write it to standard input", out);
	if (param->type == PARAM_STRINGS)
		(void)fputs("; may be repeated", out);
	(void)fputc('\n', out);
	buf_free(&name);
}

void help_write_verb(FILE *out, const struct method *method)
{
	write_usage(out, method);
	if (method->param_count > 0)
		(void)fputs("\narguments:\n", out);
	for (size_t i = 0; i < method->param_count; i++)
		write_param(out, &method->params[i]);
	(void)fputs("\noptions:\n", out);
	if (strcmp(method->name, "oauth.begin") == 0)
		(void)fputs("  --wait, --no-wait whether to wait for the end; on a terminal it does\n", out);
	(void)fputs(options_help, out);
	(void)fprintf(out, "\nMethod %s; role %s.%s\n", method->name, role_name(method->role),
	              method->destroys ? " Asks first; without a terminal --yes is needed." : "");
}
