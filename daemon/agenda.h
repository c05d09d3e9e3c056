/* What an event in the life of a connection means for its jobs and its timeline, written in the transaction of the event.
 *
 * The jobs of a connection are its token refresh, its calendar sync and its full sync. */
#ifndef DAEMON_AGENDA_H
#define DAEMON_AGENDA_H

#include "daemon/core.h"

/* A consent made or renewed it: jobs are planned from now on. actor NULL: a browser. */
int agenda_connected(struct core *core, const char *connection_id, const char *actor, bool created, struct err *err);
/* A consent for another connection renewed its grant: what waited for that runs soon. */
int agenda_regranted(struct core *core, const char *connection_id, struct err *err);
/* The tokens of a grant were refreshed for somebody who asked: every connection of it refreshes next from the new expiry. Jobs need no
 * telling: they know, and those of siblings find out. */
int agenda_refreshed(struct core *core, const char *grant_id, struct err *err);
/* The calendar list is in: the next one is an interval away. Told in the timeline only when something changed. */
int agenda_synced(struct core *core, const char *connection_id, int64_t added, int64_t changed, int64_t gone, struct err *err);
/* Paused by somebody, or (actor NULL) by the daemon; until 0: until resumed. Its state follows. ERR_CONFLICT for a disconnected one. */
int agenda_paused(struct core *core, const char *connection_id, const char *actor, int64_t until, const char *reason,
                  struct err *err);
/* Resumed by somebody, or (actor NULL) because its time was over: what is past due runs now. */
int agenda_resumed(struct core *core, const char *connection_id, const char *actor, struct err *err);
/* Nothing is planned any more. */
int agenda_disconnected(struct core *core, const char *connection_id, struct err *err);

#endif
