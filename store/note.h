/* Inside the store: how the files of the aggregates note what they change, for the feed of changes.h. */
#ifndef STORE_NOTE_H
#define STORE_NOTE_H

#include "store/tick.h"

void note_change(struct store *store, enum topic topic, enum change change, const char *id, const char *workspace_id);
/* The state or the existence of a connection: its workspace counts it. */
void note_counted(struct store *store, enum change change, const char *connection_id, const char *workspace_id);
/* A connection is updated; its workspace is looked up. */
int note_connection(struct store *store, const char *id, struct err *err);
/* The same for all connections of a grant. */
int note_grant(struct store *store, const char *grant_id, struct err *err);

/* Run what ends in RETURNING id, workspace_id, and note each row. changed (may be NULL): how many there were. Not for what can
 * fail after its rows were seen: an INSERT or an UPDATE of a reference. */
int note_rows(struct store *store, struct stmt *stmt, enum topic topic, enum change change, int64_t *changed, struct err *err);

#endif
