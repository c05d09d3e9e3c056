/* A list kept in step with the daemon: pages of a list method, then single rows as notices name them. A reload replaces nothing
 * at once: rows are put again and those that were not go at the end, so that cursor and marks stay. */
#ifndef TUI_FEED_H
#define TUI_FEED_H

#include "tui/desk.h"
#include "tui/list.h"

enum { FEED_QUERIES_MAX = 4, FEED_DIRTY_MAX = 32, FEED_POLL_MS = 5000 };

struct feed_spec {
	const char *method;     /* "connection.list" */
	const char *get_method; /* "connection.get"; NULL: a notice reloads all */
	const char *topic;      /* of the notices, NULL: none */
	/* Make a row of an item. False: it does not belong here (any more). */
	bool (*put)(void *owner, struct list *list, const json_t *item);
};

struct feed {
	struct desk *desk;
	const struct feed_spec *spec;
	void *owner;
	struct list *list;
	json_t *queries[FEED_QUERIES_MAX]; /* params of the list method, owned; one after the other */
	size_t query_count, query_at;
	bool loading, loaded, unsupported, again;
	char fault[200];        /* why the last load failed, "" */
	int64_t total;          /* as the daemon says, -1: it did not */
	int64_t as_of, next_poll, gather_until;
	char dirty[FEED_DIRTY_MAX][LIST_ID_SIZE];
	size_t dirty_count;
	bool flood;             /* more than that */
};

void feed_init(struct feed *feed, struct desk *desk, const struct feed_spec *spec, void *owner, struct list *list);
/* Steals params. */
void feed_add_query(struct feed *feed, json_t *params);
void feed_free(struct feed *feed);
void feed_reload(struct feed *feed);
void feed_notice(struct feed *feed, const char *topic, const char *id);
void feed_tick(struct feed *feed);

#endif
