/* The feed of committed changes, for notices: what a tick changed, each object once, told after its commit. */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include "ipc/base/id.h"

#include <stdbool.h>
#include <stddef.h>

struct store;

enum topic { TOPIC_WORKSPACE, TOPIC_CONNECTION, TOPIC_CALENDAR, TOPIC_CONFIGURATION, TOPIC_JOB, TOPIC_SYNC_ERROR, TOPIC_EVENT,
	     TOPIC_COUNT };
const char *topic_name(enum topic topic);
bool topic_parse(const char *name, enum topic *out);

enum change { CHANGE_CREATED, CHANGE_UPDATED, CHANGE_DELETED };
const char *change_name(enum change change);

struct store_change {
	enum topic topic;
	enum change change;               /* created wins over updated, deleted over both */
	char id[ID_TEXT_SIZE];
	char workspace_id[ID_TEXT_SIZE];  /* "" for what belongs to none */
};

/* Called once a committed tick with all its changes, before its effects. A unit or tick that is rolled back leaves none.
 * It may use the store again (that is the next tick). fn NULL: nobody listens, and nothing is noted.
 *
 * What an object shows of others counts as its own: a connection is updated by its jobs (next_*_at), its grant (token) and its
 * open errors, a workspace by the states of its connections. A calendar is not updated by the state of its connection. */
typedef void store_changes_fn(void *arg, const struct store_change *changes, size_t count);
void store_on_changes(struct store *store, store_changes_fn *fn, void *arg);

#endif
