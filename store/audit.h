/* The audit: append-only, hash-chained, written in the transaction of what it describes. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/records.h"
#include "store/store.h"

typedef void audit_fn(void *arg, const struct audit_row *row);

/* seq, at, prev_hash and hash are filled here. workspace_id NULL: belongs to none. */
int store_audit_append(struct store *store, const struct audit_row *row, struct err *err);
/* Newest first. A caller with a scope sees only rows of those workspaces. */
int store_audit_list(struct store *store, const struct store_page *page, const char *workspace_id, const char *object_id,
                     audit_fn *fn, void *arg, struct store_page_end *end, struct err *err);
/* Recompute the chain; ERR_STORE_FAILED names the first row that does not fit. */
int store_audit_verify(struct store *store, struct err *err);

#endif
