/* The objects of the protocol as JSON, member by member as in ipc/schemas.c. Rows are borrowed for the call. */
#ifndef DAEMON_RPC_OBJECTS_H
#define DAEMON_RPC_OBJECTS_H

#include "ipc/writer.h"
#include "store/jobs.h"
#include "store/records.h"
#include "store/timeline.h"

/* {"total":…,"by_state":{…}} */
void counts_write(struct writer *w, const int64_t by_state[STATE_COUNT]);
void workspace_write(struct writer *w, const struct workspace_row *row);
void user_write(struct writer *w, const struct user_row *row);
/* Asks the store for the reasons when there are any. */
void connection_write(struct writer *w, struct store *store, const struct connection_row *row);
void calendar_write(struct writer *w, const struct calendar_row *row);
void timeline_write(struct writer *w, const struct timeline_row *row);
void sync_error_write(struct writer *w, const struct sync_error_row *row);
/* interval_ms: the one in force. */
void job_write(struct writer *w, const struct job_row *row, int64_t interval_ms);
void run_write(struct writer *w, const struct run_row *row);
void audit_write(struct writer *w, const struct audit_row *row);
/* now: wall ms; an attempt past its time is expired, whether the store was swept or not. */
void attempt_write(struct writer *w, const struct attempt_row *row, int64_t now);
/* {"code":…,"message":…}, null without an error */
void call_error_write(struct writer *w, const char *code, const char *message);

#endif
