/* Workspaces: the boundary of every permission. */
#ifndef STORE_WORKSPACES_H
#define STORE_WORKSPACES_H

#include "store/records.h"
#include "store/store.h"

typedef void workspace_fn(void *arg, const struct workspace_row *row);

/* ERR_CONFLICT for a slug in use. */
int store_workspace_create(struct store *store, const char *name, const char *slug, const char *time_zone,
                           char id[ID_TEXT_SIZE], struct err *err);
/* By id or, if by_slug, by slug. ERR_NOT_FOUND without a row. fn may be NULL. */
int store_workspace_get(struct store *store, const char *key, bool by_slug, workspace_fn *fn, void *arg, struct err *err);
int store_workspace_list(struct store *store, const struct store_page *page, workspace_fn *fn, void *arg,
                         struct store_page_end *end, struct err *err);
/* NULL leaves a field alone; if_version 0: unchecked, else ERR_CONFLICT when it moved. */
int store_workspace_update(struct store *store, const char *id, const char *name, const char *time_zone,
                           int64_t if_version, struct err *err);
/* Counts what deleting it would take along. */
struct workspace_effects {
	int64_t live_connections, connections, calendars, users;
};
int store_workspace_effects(struct store *store, const char *id, struct workspace_effects *out, struct err *err);
/* Deletes it with its disconnected connections, calendars, users and attempts. ERR_CONFLICT while connections live. */
int store_workspace_delete(struct store *store, const char *id, struct err *err);

#endif
