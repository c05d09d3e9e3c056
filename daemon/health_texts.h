/* The reasons in words, for people who must decide what to do: sync_error.describe, and the conditions of an explanation. */
#ifndef DAEMON_HEALTH_TEXTS_H
#define DAEMON_HEALTH_TEXTS_H

#include "ipc/reasons.h"

enum { HEALTH_CAUSES_MAX = 4 };

struct health_text {
	const char *meaning;                   /* sentences */
	const char *causes[HEALTH_CAUSES_MAX]; /* the likeliest first; NULL ends them early */
	const char *fix;                       /* what to do, in the order of doing it */
	const char *condition;                 /* "it would be connected if …" */
	const char *retry;                     /* what the daemon does by itself */
};
const struct health_text *health_text(enum reason reason);

/* A word of next_run_why, "pause" or "trash" as the end of the sentence "… happens then". "" for an unknown one. */
const char *health_why_text(const char *why);

#endif
