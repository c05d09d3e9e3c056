/* Inside the store: the columns of a sync error, and how they are read. */
#ifndef STORE_SYNC_ERROR_ROW_H
#define STORE_SYNC_ERROR_ROW_H

#include "store/connections.h"
#include "store/stmt.h"

#define SYNC_ERROR_SELECT                                                                                             \
	"SELECT id, connection_id, workspace_id, code, operation, message, provider_status, provider_reason, count, " \
	"first_at, last_at, resolved_at, acknowledged_at, acknowledged_by"

struct sync_error_reader {
	sync_error_fn *fn;
	void *arg;
};
/* Read the row that the statement is on and hand it to the reader (a page_row_fn). */
void sync_error_read(void *reader, struct stmt *stmt);

#endif
