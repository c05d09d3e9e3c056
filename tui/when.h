/* Instants and spans as people read them: coarse, so that a screen at rest stays as it is for a minute. */
#ifndef TUI_WHEN_H
#define TUI_WHEN_H

#include <stddef.h>
#include <stdint.h>

/* "<1m", "5m", "3h 12m", "4d 2h"; negative spans are taken as 0. */
const char *when_span(int64_t ms, char *out, size_t size);
/* "now", "5m ago" */
const char *when_ago(int64_t at, int64_t now, char *out, size_t size);
/* "in 5m", or "5m ago" */
const char *when_until(int64_t at, int64_t now, char *out, size_t size);
/* "22 Nov 14:03 CET" in local time. */
const char *when_local(int64_t at, char *out, size_t size);
/* "14:03:16" */
const char *when_clock(int64_t at, char *out, size_t size);

#endif
