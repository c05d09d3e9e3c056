/* Users of a workspace: the people whose calendars are connected. */
#ifndef STORE_USERS_H
#define STORE_USERS_H

#include "store/records.h"
#include "store/store.h"

typedef void user_fn(void *arg, const struct user_row *row);

/* E-mails are compared without regard to ASCII case; ERR_CONFLICT for one in use in that workspace. */
int store_user_create(struct store *store, const char *workspace_id, const char *email, const char *name,
                      char id[ID_TEXT_SIZE], struct err *err);
int store_user_get(struct store *store, const char *id, user_fn *fn, void *arg, struct err *err);
int store_user_list(struct store *store, const struct store_page *page, const char *workspace_id, user_fn *fn, void *arg,
                    struct store_page_end *end, struct err *err);
int store_user_update(struct store *store, const char *id, const char *email, const char *name, int64_t if_version,
                      struct err *err);
/* The user's connections stay, without a user; *connections counts them. dry_run only counts. */
int store_user_delete(struct store *store, const char *id, bool dry_run, int64_t *connections, struct err *err);

#endif
