/* The error value: filling it, and the one way to give up. */
#include "ipc/base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 4, 0))) static void err_fill(struct err *err, enum err_code code, const char *field, const char *format, va_list ap)
{
	if (!err)
		return;
	memset(err, 0, sizeof *err);
	err->code = code;
	(void)snprintf(err->field, sizeof err->field, "%s", field);
	(void)vsnprintf(err->message, sizeof err->message, format, ap);
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	err_fill(err, code, "", format, ap);
	va_end(ap);
	return -1;
}

int err_field(struct err *err, const char *field, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	err_fill(err, ERR_INVALID_PARAMS, field, format, ap);
	va_end(ap);
	return -1;
}

void fatal(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	(void)fputs("fatal: ", stderr);
	(void)vfprintf(stderr, format, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
	exit(70);
}
