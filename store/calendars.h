/* Calendars of connections. A calendar that its provider no longer lists is kept as `gone`. */
#ifndef STORE_CALENDARS_H
#define STORE_CALENDARS_H

#include "store/records.h"
#include "store/store.h"

typedef void calendar_fn(void *arg, const struct calendar_row *row);

struct calendar_filter {
	const char *workspace_id, *connection_id, *provider; /* NULL: any */
	int active;                                          /* 0, 1; -1: any */
};
int store_calendar_get(struct store *store, const char *id, calendar_fn *fn, void *arg, struct err *err);
int store_calendar_list(struct store *store, const struct store_page *page, const struct calendar_filter *filter,
                        calendar_fn *fn, void *arg, struct store_page_end *end, struct err *err);
/* Every calendar of a connection, unpaged, primary first, then by name. */
int store_calendar_of_connection(struct store *store, const char *connection_id, calendar_fn *fn, void *arg, struct err *err);
/* name "" takes the given name away; NULL and active -1 leave it alone. */
int store_calendar_update(struct store *store, const char *id, const char *name, int active, int64_t if_version,
                          struct err *err);

/* What a provider says of one calendar. */
struct calendar_seen {
	const char *external_id, *summary, *description, *access_role, *time_zone, *background_color, *foreground_color;
	bool primary;
};
enum calendar_change { CALENDAR_SAME, CALENDAR_ADDED, CALENDAR_CHANGED };
/* Insert or update by (connection, external_id); a gone one comes back. Writes nothing when nothing differs. */
int store_calendar_put(struct store *store, const char *connection_id, const struct calendar_seen *seen,
                       enum calendar_change *change, struct err *err);
int store_calendar_mark_gone(struct store *store, const char *connection_id, const char *external_id, bool *changed,
                             struct err *err);
/* A full list is over: what was not put since mark is gone. mark is a value of store_calendar_sweep_begin. */
int store_calendar_sweep_begin(struct store *store, const char *connection_id, int64_t *mark, struct err *err);
int store_calendar_sweep_end(struct store *store, const char *connection_id, int64_t mark, int64_t *gone, struct err *err);

#endif
