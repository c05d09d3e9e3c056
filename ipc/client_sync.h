/* A blocking client for one-shot use: connect, call, read replies. */
#ifndef IPC_CLIENT_SYNC_H
#define IPC_CLIENT_SYNC_H

#include "ipc/base/err.h"

#include <jansson.h>
#include <stddef.h>

struct client_sync;

/* -1: nobody listens there, or it may not be reached (the CLI's exit code 3). */
int client_sync_open(struct client_sync **out, const char *path, struct err *err);
void client_sync_close(struct client_sync *client);
/* One call. params may be NULL; not consumed. 0: *reply is the whole reply object (with "result" or "error"), owned by the
 * caller. -1: the connection broke or the reply was unreadable. timeout_ms < 0: no limit. */
int client_sync_call(struct client_sync *client, const char *method, const json_t *params, int timeout_ms, json_t **reply,
                     struct err *err);
/* Raw lines, for tests and `watch`: send text as it is, read one line (NUL-terminated, owned by the client until the next). */
int client_sync_send(struct client_sync *client, const char *text, size_t len, struct err *err);
int client_sync_read(struct client_sync *client, int timeout_ms, const char **line, size_t *len, struct err *err);

#endif
