/* The list of connections. */
#include "tui/screen_connections.h"

#include "ipc/base/buf.h"
#include "tui/screen_connection.h"
#include "tui/when.h"

#include <string.h>

const struct list_column screen_connections_columns[] = {
	{ "STATE", LIST_STATE, 17, 17, 0, 0 },	      { "ACCOUNT", LIST_ACCOUNT, 24, 32, 3, 0 },
	{ "WORKSPACE", LIST_TEXT, 10, 18, 1, 3 },     { "CALS", LIST_NUMBER, 5, 5, 0, 2 },
	{ "TOKEN", LIST_UNTIL, 8, 10, 0, 4 },	      { "SYNCED", LIST_AGO, 7, 8, 0, 5 },
	{ "NOTE", LIST_TEXT, 14, 24, 3, 1 },
};

static void join_reasons(const json_t *reasons, struct buf *codes, struct buf *note)
{
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const json_t *reason = json_array_get(reasons, i);
		buf_printf(codes, "%s%s", i > 0 ? " " : "", remote_text(reason, "code"));
		buf_printf(note, "%s: %s", remote_text(reason, "code"), remote_text(reason, "message"));
		const char *label = remote_text(json_object_get(reason, "action"), "label");
		buf_printf(note, "%s%s\n", *label ? " Next: " : "", label);
	}
}

bool screen_connections_put(struct desk *desk, struct list *list, const json_t *item)
{
	struct buf codes = { 0 }, note = { 0 };
	const char *state = remote_text(item, "state"), *account = remote_text(item, "account_email");
	const char *workspace_id = remote_text(item, "workspace_id"), *id = remote_text(item, "id");
	const char *workspace = names_want(&desk->names, &desk->remote, workspace_id, "workspace.get", "name");
	const json_t *token = json_object_get(item, "token");
	bool present = json_is_true(json_object_get(token, "present"));
	join_reasons(json_object_get(item, "reasons"), &codes, &note);
	buf_printf(&note, "id %s", id);
	const struct list_value values[CONNECTIONS_COLUMNS] = {
		{ (char *)(uintptr_t)state, theme_state(state)->rank },
		{ (char *)(uintptr_t)account, LIST_NO_NUMBER },
		{ (char *)(uintptr_t)(workspace ? workspace : "…"), LIST_NO_NUMBER },
		{ NULL, remote_number(item, "calendars_count") },
		{ present ? NULL : (char *)(uintptr_t)"none", present ? remote_time(token, "expires_at") : LIST_NO_NUMBER },
		{ NULL, remote_time(item, "last_sync") },
		{ (char *)(uintptr_t)buf_text(&codes), LIST_NO_NUMBER },
	};
	const char *const facets[FILTER_FACETS] = { state, workspace, buf_text(&codes) };
	names_learn(&desk->names, id, account);
	(void)list_put(list, id, values, facets, buf_text(&note), workspace_id);
	buf_free(&codes);
	buf_free(&note);
	return workspace != NULL;
}

static bool put(void *owner, struct list *list, const json_t *item)
{
	struct screen_list *screen = owner;
	if (screen->scope_id[0] && strcmp(screen->scope_id, remote_text(item, "workspace_id")) != 0)
		return false;
	if (!screen_connections_put(screen->view.desk, list, item))
		screen->lacks_names = true;
	return true;
}

static void open_row(struct screen_list *screen, const struct list_row *row)
{
	struct desk *desk = screen->view.desk;
	view_stack_push(&desk->stack, screen_connection_new(desk, row->id, row->values[CONNECTIONS_NAME].text));
}

static const struct screen_list_spec spec = {
	.screen = SCREEN_CONNECTIONS,
	.title = "Connections",
	.noun = "connections",
	.kind = "connection",
	.feed = { "connection.list", "connection.get", "connection", put },
	.columns = screen_connections_columns,
	.column_count = CONNECTIONS_COLUMNS,
	.name_column = CONNECTIONS_NAME,
	.sort_column = 0,
	.descending = true,
	.empty = "Press c to make an authorization link.",
	.open = open_row,
	.also = ALSO_WORKSPACE,
};

struct view *screen_connections_all(struct desk *desk)
{
	return screen_list_new(desk, &spec, NULL);
}

struct view *screen_connections_of(struct desk *desk, const struct object *workspace)
{
	return screen_list_new(desk, &spec, workspace);
}
