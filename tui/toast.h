/* What the console tells its user: the line above the keys, and the log of all such lines. */
#ifndef TUI_TOAST_H
#define TUI_TOAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum toast_level { TOAST_OK, TOAST_INFO, TOAST_WARN, TOAST_ERROR };

struct toast {
	int64_t at; /* wall */
	enum toast_level level;
	char text[512];
};

enum { TOASTS_MAX = 100 };

struct toasts {
	struct toast ring[TOASTS_MAX];
	size_t count;   /* ever */
	bool dismissed; /* the newest is no longer shown */
};

void toast_put(struct toasts *toasts, int64_t now, enum toast_level level, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The one to show, NULL for none: success 4 s, warnings 8 s, errors until a key. */
const struct toast *toast_shown(const struct toasts *toasts, int64_t now);
/* A key was pressed. */
void toast_key(struct toasts *toasts);
/* 0 is the newest; NULL beyond the log. */
const struct toast *toast_at(const struct toasts *toasts, size_t back);

#endif
