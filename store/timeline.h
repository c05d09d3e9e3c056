/* The timeline of a connection: what happened to it, written in the transaction of what it tells. */
#ifndef STORE_TIMELINE_H
#define STORE_TIMELINE_H

#include "store/store.h"

struct timeline_row {
	const char *id, *connection_id, *workspace_id;
	int64_t at;
	const char *kind;    /* consent | refresh | sync | state | paused | resumed | disconnected | restored | error | mended */
	const char *actor;   /* who did it; NULL: the daemon. Names of this workspace only (CONTRACT.md section 6) */
	const char *text;    /* one sentence */
	const char *details; /* JSON object, NULL: none */
};
typedef void timeline_fn(void *arg, const struct timeline_row *row);

/* id, workspace_id and at are filled in here. */
int store_timeline_append(struct store *store, const struct timeline_row *row, struct err *err);
/* Newest first. */
int store_timeline_list(struct store *store, const struct store_page *page, const char *connection_id, timeline_fn *fn,
                        void *arg, struct store_page_end *end, struct err *err);
int store_timeline_delete_before(struct store *store, int64_t before, int limit, int64_t *deleted, struct err *err);

#endif
