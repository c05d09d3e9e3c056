/* Messages of the console. */
#include "tui/toast.h"

#include <stdarg.h>
#include <stdio.h>

void toast_put(struct toasts *toasts, int64_t now, enum toast_level level, const char *format, ...)
{
	struct toast *toast = &toasts->ring[toasts->count++ % TOASTS_MAX];
	va_list ap;
	toast->at = now;
	toast->level = level;
	va_start(ap, format);
	(void)vsnprintf(toast->text, sizeof toast->text, format, ap);
	va_end(ap);
	toasts->dismissed = false;
}

const struct toast *toast_at(const struct toasts *toasts, size_t back)
{
	if (back >= toasts->count || back >= TOASTS_MAX)
		return NULL;
	return &toasts->ring[(toasts->count - 1 - back) % TOASTS_MAX];
}

const struct toast *toast_shown(const struct toasts *toasts, int64_t now)
{
	const struct toast *toast = toast_at(toasts, 0);
	if (!toast || toasts->dismissed)
		return NULL;
	if (toast->level == TOAST_ERROR)
		return toast;
	return now - toast->at < (toast->level == TOAST_WARN ? 8000 : 4000) ? toast : NULL;
}

void toast_key(struct toasts *toasts)
{
	const struct toast *toast = toast_at(toasts, 0);
	if (toast && toast->level == TOAST_ERROR)
		toasts->dismissed = true;
}
