/* The words after a verb as params. */
#include "tui/args.h"

#include "ipc/base/strutil.h"
#include "ipc/base/text.h"

#include <string.h>

/* More than any secret may have, so that one too long is refused and not cut. */
enum { SECRET_MAX = 32768, WORD_MAX = 64 };

struct args {
	const struct method *method;
	const struct io *io;
	json_t *params;
	size_t positional; /* the next of the method's parameters to look at for a word without a name */
};

void args_add_option_name(struct buf *out, const char *param)
{
	for (; *param; param++)
		buf_add_char(out, *param == '_' ? '-' : *param);
}

static int refuse_word(const char *word, const char *why, struct err *err)
{
	char shown[WORD_MAX];
	text_display(shown, sizeof shown, word, strlen(word));
	return err_field(err, shown, "%s: %s", shown, why);
}

static json_t *read_secret(const struct io *io, const char *name)
{
	if (io->in_tty) {
		(void)fprintf(io->err, "%s: ", name);
		(void)fflush(io->err);
	}
	char text[SECRET_MAX];
	json_t *value = fgets(text, sizeof text, io->in) ? json_string(str_trim(text)) : NULL;
	explicit_bzero(text, sizeof text);
	return value;
}

static json_t *bool_value(const char *text)
{
	if (str_equal(text, "true") || str_equal(text, "yes"))
		return json_true();
	return str_equal(text, "false") || str_equal(text, "no") ? json_false() : NULL;
}

static int set_value(struct args *args, const struct param *param, const char *text, struct err *err)
{
	json_t *value, *old = json_object_get(args->params, param->name);
	int64_t number;
	if (old && param->type != PARAM_STRINGS)
		return err_field(err, param->name, "%s: is given twice", param->name);
	switch (param->type) {
	case PARAM_INT:
		if (!str_to_int64(text, INT64_MIN, INT64_MAX, &number))
			return err_field(err, param->name, "%s: expected a whole number", param->name);
		value = json_integer(number);
		break;
	case PARAM_BOOL:
		if (!(value = bool_value(text)))
			return err_field(err, param->name, "%s: expected true or false", param->name);
		break;
	case PARAM_SECRET:
		if (strcmp(text, "-") != 0)
			return err_field(err, param->name, "%s: is not taken from the command line, where others can see it; give - "
			                 "and write it to standard input", param->name);
		if (!(value = read_secret(args->io, param->name)))
			return err_field(err, param->name, "%s: nothing to read on standard input", param->name);
		break;
	default:
		if (!(value = json_string(text)))
			return err_field(err, param->name, "%s: is not well-formed UTF-8", param->name);
	}
	if (param->type != PARAM_STRINGS)
		return json_object_set_new(args->params, param->name, value);
	if (!old)
		json_object_set_new(args->params, param->name, old = json_array());
	return json_array_append_new(old, value);
}

static const struct param *find_option(const struct method *method, const char *name, size_t len)
{
	struct buf wanted = { 0 };
	buf_add(&wanted, name, len);
	for (size_t i = 0; i < len; i++)
		if (wanted.data[i] == '-')
			wanted.data[i] = '_';
	const struct param *param = method_param(method, buf_text(&wanted));
	buf_free(&wanted);
	return param;
}

/* --name value, --name=value, --flag, --flag true|false. Sets *used_next when it took the next word. */
static int set_option(struct args *args, const char *word, const char *next, bool *used_next, struct err *err)
{
	const char *name = word + 2;
	size_t len = strcspn(name, "=");
	const struct param *param = find_option(args->method, name, len);
	*used_next = false;
	if (!param)
		return refuse_word(word, "there is no such option here", err);
	if (name[len] == '=')
		return set_value(args, param, name + len + 1, err);
	if (param->type == PARAM_BOOL && !(next && (str_equal(next, "true") || str_equal(next, "false"))))
		return set_value(args, param, "true", err);
	if (!next)
		return err_field(err, param->name, "%s: needs a value", param->name);
	*used_next = true;
	return set_value(args, param, next, err);
}

static int set_positional(struct args *args, const char *word, struct err *err)
{
	for (; args->positional < args->method->param_count; args->positional++) {
		const struct param *param = &args->method->params[args->positional];
		if (!param->positional || (json_object_get(args->params, param->name) && param->type != PARAM_STRINGS))
			continue;
		if (param->type != PARAM_STRINGS)
			args->positional++;
		return set_value(args, param, word, err);
	}
	return refuse_word(word, "is one argument too many", err);
}

static int parse_all(struct args *args, int argc, char **argv, struct err *err)
{
	bool options = true, used_next;
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];
		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && str_starts_with(word, "--")) {
			if (set_option(args, word, i + 1 < argc ? argv[i + 1] : NULL, &used_next, err))
				return -1;
			i += used_next;
		} else if (options && word[0] == '-' && word[1] != '\0') {
			return refuse_word(word, "there is no such option here", err);
		} else if (set_positional(args, word, err)) {
			return -1;
		}
	}
	return 0;
}

int args_parse(const struct method *method, int argc, char **argv, const struct io *io, json_t **params, struct err *err)
{
	struct args args = { .method = method, .io = io, .params = json_object() };
	if (parse_all(&args, argc, argv, err)) {
		json_decref(args.params);
		return -1;
	}
	*params = args.params;
	return 0;
}
