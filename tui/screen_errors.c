/* The list of sync errors. */
#include "tui/screen_errors.h"

#include "ipc/base/buf.h"
#include "tui/screen_connection.h"
#include "tui/screen_list.h"
#include "tui/when.h"

enum { COLUMNS = 6, NAME = 0, ACCOUNT = 3 };

static const struct list_column columns[COLUMNS] = {
	{ "CAUSE", LIST_TEXT, 16, 22, 0, 0 },	 { "COUNT", LIST_NUMBER, 5, 6, 0, 2 },	  { "LAST", LIST_AGO, 6, 8, 0, 1 },
	{ "ACCOUNT", LIST_ACCOUNT, 14, 30, 2, 0 }, { "OPERATION", LIST_TEXT, 10, 16, 0, 4 }, { "MESSAGE", LIST_TEXT, 12, 30, 3, 3 },
};

static const char *standing(const json_t *item)
{
	if (json_is_string(json_object_get(item, "resolved_at")))
		return "resolved";
	const json_t *by = json_object_get(item, "acknowledged_by");
	return by && !json_is_null(by) ? "acknowledged" : "open";
}

static bool put(void *owner, struct list *list, const json_t *item)
{
	struct screen_list *screen = owner;
	struct desk *desk = screen->view.desk;
	struct buf note = { 0 };
	char local[64];
	const char *code = remote_text(item, "code"), *connection = remote_text(item, "connection_id");
	const char *workspace = names_find(&desk->names, remote_text(item, "workspace_id"));
	const char *account = names_want(&desk->names, &desk->remote, connection, "connection.get", "account_email");
	const json_t *provider = json_object_get(item, "provider");
	int64_t first = remote_time(item, "first_at");
	const char *message = remote_text(item, "message"), *operation = remote_text(item, "operation");
	screen->lacks_names |= *connection && !account;
	buf_printf(&note, "%s", message);
	if (remote_number(provider, "status") > 0)
		buf_printf(&note, "\nprovider: %lld %s", (long long)remote_number(provider, "status"), remote_text(provider, "reason"));
	buf_printf(&note, "\n%s · %s · first %s", standing(item), remote_text(item, "class"),
	           first == INT64_MIN ? "?" : when_local(first, local, sizeof local));
	const struct list_value values[COLUMNS] = {
		{ (char *)(uintptr_t)code, LIST_NO_NUMBER },
		{ NULL, remote_number(item, "count") },
		{ NULL, remote_time(item, "last_at") },
		{ (char *)(uintptr_t)(account ? account : *connection ? "…" : "-"), LIST_NO_NUMBER },
		{ (char *)(uintptr_t)operation, LIST_NO_NUMBER },
		{ (char *)(uintptr_t)message, LIST_NO_NUMBER },
	};
	const char *const facets[FILTER_FACETS] = { standing(item), workspace, code };
	(void)list_put(list, remote_text(item, "id"), values, facets, buf_text(&note), connection);
	buf_free(&note);
	return true;
}

static void open_row(struct screen_list *screen, const struct list_row *row)
{
	struct desk *desk = screen->view.desk;
	const char *account = row->values[ACCOUNT].text;
	if (row->also[0])
		view_stack_push(&desk->stack, screen_connection_new(desk, row->also, account ? account : row->also));
	else
		desk_say(desk, TOAST_INFO, "This error belongs to no connection.");
}

struct view *screen_errors_new(struct desk *desk)
{
	static const struct screen_list_spec spec = {
		.screen = SCREEN_ERRORS,
		.title = "Errors",
		.noun = "errors",
		.kind = "sync_error",
		.feed = { "sync_error.list", "sync_error.get", "sync_error", put },
		.columns = columns,
		.column_count = COLUMNS,
		.name_column = NAME,
		.sort_column = 2,
		.descending = true,
		.none = "No errors. That is good.",
		.open = open_row,
		.also = ALSO_CONNECTION,
	};
	return screen_list_new(desk, &spec, NULL);
}
