/* Sync errors as a history: lists, groups by cause, acknowledging. Opening and resolving them is in connections.h. */
#ifndef STORE_SYNC_ERRORS_H
#define STORE_SYNC_ERRORS_H

#include "store/connections.h"

int store_sync_error_get(struct store *store, const char *id, sync_error_fn *fn, void *arg, struct err *err);

struct sync_error_filter {
	const char *connection_id, *workspace_id, *code; /* NULL: any */
	const char *codes;                               /* JSON array of the codes wanted (those of a class), NULL: any */
	int open;                                        /* 1: open, 0: resolved, -1: both */
};
/* Opened last comes first. */
int store_sync_error_list(struct store *store, const struct store_page *page, const struct sync_error_filter *filter,
                          sync_error_fn *fn, void *arg, struct store_page_end *end, struct err *err);

/* Somebody knows of it; whoever comes second changes nothing. It counts on, and is resolved, as before; what opens anew later is
 * not acknowledged. */
int store_sync_error_acknowledge(struct store *store, const char *id, const char *actor, struct err *err);

/* The open ones of one code. */
struct sync_error_group {
	const char *code;
	int64_t open, acknowledged;        /* rows; acknowledged ones are open, too */
	int64_t connections, workspaces;
	int64_t count;                     /* occurrences */
	int64_t first_at, last_at;
	int64_t last_hour, hour_before;    /* opened in the last hour, in the one before; also those resolved since */
};
typedef void sync_error_group_fn(void *arg, const struct sync_error_group *group);
/* By code. scope: as in struct store_page. For members, list with the code and open = 1. */
int store_sync_error_groups(struct store *store, const char *scope, sync_error_group_fn *fn, void *arg, struct err *err);

/* Resolved before a time; at most `limit` rows a call, *deleted tells how many. */
int store_sync_error_delete_before(struct store *store, int64_t before, int limit, int64_t *deleted, struct err *err);

#endif
