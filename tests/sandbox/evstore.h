/* The events of a calendar. */
#ifndef TESTS_SANDBOX_EVSTORE_H
#define TESTS_SANDBOX_EVSTORE_H

#include "tests/sandbox/state.h"

/* A span of time, milliseconds since 1970. */
struct evstore_span {
	int64_t start_ms;
	int64_t end_ms;
};

/*
 * Stores an event under `id`, replacing one of that id. `body` (reference taken) holds start and end, already checked
 * with evstore_parse_span(); id, status, etag, updated and the like are filled in.
 */
struct event *evstore_put(struct state *state, struct calendar *calendar, const char *id, json_t *body);

/* The event of that id, cancelled or not, or NULL. */
struct event *evstore_find(struct calendar *calendar, const char *id);

/* Reads start and end of an event body in the calendar's zone; NULL, or what is wrong with them. */
const char *evstore_parse_span(const json_t *body, const char *zone, struct evstore_span *span);

/* The user cancels an event: it stays as a tombstone. */
void evstore_cancel(struct state *state, struct event *event);

/* Busy time of the calendar within `window`, sorted and merged; the caller frees *spans. */
size_t evstore_list_busy(const struct calendar *calendar, struct evstore_span window, struct evstore_span **spans);

/* A fresh event id in Google's alphabet; the caller frees it. */
char *evstore_make_id(struct rng *rng);

#endif
