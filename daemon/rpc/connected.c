/* Finished consents. */
#include "daemon/rpc/connected.h"

#include "daemon/rpc/objects.h"
#include "ipc/base/strutil.h"
#include "ipc/errors.h"
#include "ipc/reasons.h"
#include "store/calendars.h"
#include "store/connections.h"

#include <stdio.h>

static void take_account(void *arg, const struct connection_row *row)
{
	struct connected_account *out = arg;
	(void)str_copy(out->email, sizeof out->email, row->account_email);
	out->calendars = row->calendars;
}

static void take_left_out(void *arg, const struct sync_error_row *row)
{
	struct connected_account *out = arg;
	if (str_equal(row->code, reason_row(REASON_SCOPE_MISSING)->code))
		(void)str_copy(out->left_out, sizeof out->left_out, row->message);
}

int connected_account(struct store *store, const char *connection_id, struct connected_account *out, struct err *err)
{
	out->left_out[0] = '\0';
	if (store_connection_get(store, connection_id, take_account, out, err))
		return -1;
	return store_sync_error_of(store, connection_id, true, take_left_out, out, err);
}

static void write_calendar(void *arg, const struct calendar_row *row)
{
	calendar_write(arg, row);
}

int connected_write(struct writer *w, struct store *store, const struct consent_outcome *outcome, struct err *err)
{
	struct connected_account account;
	char message[320];
	if (connected_account(store, outcome->connection_id, &account, err))
		return -1;
	writer_object(w);
	writer_put_bool(w, "success", true);
	writer_key(w, "connection");
	writer_object(w);
	writer_put_text(w, "id", outcome->connection_id);
	writer_put_text(w, "account_email", account.email);
	writer_put_int(w, "calendars_count", account.calendars);
	writer_put_bool(w, "created", outcome->created);
	writer_end(w);
	writer_key(w, "calendars");
	writer_array(w);
	if (store_calendar_of_connection(store, outcome->connection_id, write_calendar, w, err))
		return -1;
	writer_end(w);
	(void)snprintf(message, sizeof message, "Successfully connected %s", account.email);
	writer_put_text(w, "message", message);
	writer_end(w);
	return 0;
}

const char *not_connected_code(const struct consent_outcome *outcome)
{
	return outcome->code ? outcome->code : error_row(outcome->err.code)->name;
}

void not_connected_write(struct writer *w, const struct consent_outcome *outcome)
{
	writer_object(w);
	writer_put_bool(w, "success", false);
	writer_key(w, "error");
	call_error_write(w, not_connected_code(outcome), outcome->err.message);
	writer_end(w);
}
