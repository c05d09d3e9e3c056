/* The list of connections, of all workspaces or of one; Enter shows a connection. */
#ifndef TUI_SCREEN_CONNECTIONS_H
#define TUI_SCREEN_CONNECTIONS_H

#include "tui/screen_list.h"

struct view *screen_connections_all(struct desk *desk);
struct view *screen_connections_of(struct desk *desk, const struct object *workspace);

/* A connection as a row of columns STATE ACCOUNT WORKSPACE CALS TOKEN SYNC NOTE; also used by the overview. */
extern const struct list_column screen_connections_columns[];
enum { CONNECTIONS_COLUMNS = 7, CONNECTIONS_NAME = 1 };
/* Whether all names were known. */
bool screen_connections_put(struct desk *desk, struct list *list, const json_t *item);

#endif
