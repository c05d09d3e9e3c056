/*
 * Reads a script: either one JSON array, or one JSON object after another (JSON lines).
 * Ownership: messages belong to the caller.
 */
#include "tests/sandbox/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/control.h"
#include "tests/sandbox/mem.h"

static char *script_apply(struct sandbox *sandbox, const char *path, unsigned number, const json_t *order)
{
	json_t *result = json_object();
	char *wrong = control_apply(sandbox, order, result);
	char *message = NULL;

	if (wrong != NULL)
		message = mem_print("%s: order %u: %s", path, number, wrong);
	free(wrong);
	json_decref(result);
	return message;
}

static char *script_apply_all(struct sandbox *sandbox, const char *path, const json_t *orders)
{
	char *wrong = NULL;

	for (size_t i = 0; i < json_array_size(orders) && wrong == NULL; i++)
		wrong = script_apply(sandbox, path, (unsigned)i + 1, json_array_get(orders, i));
	return wrong;
}

/* Skips white space; false at the end of the file. */
static bool script_has_more(FILE *file)
{
	int c;

	do
		c = getc(file);
	while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
	ungetc(c, file);
	return c != EOF;
}

char *script_run(struct sandbox *sandbox, const char *path)
{
	FILE *file = fopen(path, "re");
	char *wrong = NULL;

	if (file == NULL)
		return mem_print("%s: %s", path, strerror(errno));
	for (unsigned number = 1; wrong == NULL && script_has_more(file); number++) {
		json_error_t error;
		json_t *value = json_loadf(file, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);

		if (value == NULL)
			wrong = mem_print("%s: order %u: %s", path, number, error.text);
		else if (json_is_array(value))
			wrong = script_apply_all(sandbox, path, value);
		else
			wrong = script_apply(sandbox, path, number, value);
		json_decref(value);
	}
	fclose(file);
	return wrong;
}
