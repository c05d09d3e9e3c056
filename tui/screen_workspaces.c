/* The list of workspaces. */
#include "tui/screen_workspaces.h"

#include "ipc/base/buf.h"
#include "ipc/base/strutil.h"
#include "tui/screen_connections.h"

enum { COLUMNS = 9, NAME = 1 };

static const struct list_column columns[COLUMNS] = {
	{ "WORST", LIST_STATE, 17, 17, 0, 2 },	 { "WORKSPACE", LIST_TEXT, 16, 28, 3, 0 }, { "SLUG", LIST_TEXT, 8, 16, 1, 4 },
	{ "CONN", LIST_NUMBER, 5, 5, 0, 1 },	 { "●", LIST_NUMBER, 5, 5, 0, 3 },	    { "▲", LIST_NUMBER, 4, 4, 0, 3 },
	{ "✖", LIST_NUMBER, 4, 4, 0, 3 },	 { "↻", LIST_NUMBER, 4, 4, 0, 3 },	    { "TIME ZONE", LIST_TEXT, 10, 20, 1, 6 },
};

/* The state that wants most attention among those present. */
static const char *worst(const json_t *by_state)
{
	const struct state_look *look, *found = NULL;
	for (int i = 0; (look = theme_state_at(i)); i++)
		if (remote_number(by_state, look->word) > 0 && (!found || look->rank > found->rank))
			found = look;
	return found ? found->word : NULL;
}

static bool put(void *owner, struct list *list, const json_t *item)
{
	struct screen_list *screen = owner;
	struct buf note = { 0 };
	const char *id = remote_text(item, "id"), *name = remote_text(item, "name");
	const json_t *connections = json_object_get(item, "connections"), *by_state = json_object_get(connections, "by_state");
	const char *state = worst(by_state), *slug = remote_text(item, "slug"), *zone = remote_text(item, "time_zone");
	const struct state_look *look;
	for (int i = 0; (look = theme_state_at(i)); i++)
		if (remote_number(by_state, look->word) > 0)
			buf_printf(&note, "%s %s %lld   ", look->glyph, look->word, (long long)remote_number(by_state, look->word));
	buf_printf(&note, "\nslug %s · time zone %s · created %.10s", slug, zone, remote_text(item, "created_at"));
	const struct list_value values[COLUMNS] = {
		{ (char *)(uintptr_t)state, state ? theme_state(state)->rank : -1 },
		{ (char *)(uintptr_t)name, LIST_NO_NUMBER },
		{ (char *)(uintptr_t)slug, LIST_NO_NUMBER },
		{ NULL, remote_number(connections, "total") },
		{ NULL, remote_number(by_state, "connected") },
		{ NULL, remote_number(by_state, "degraded") },
		{ NULL, remote_number(by_state, "failing") + remote_number(by_state, "blocked") },
		{ NULL, remote_number(by_state, "reauth_required") },
		{ (char *)(uintptr_t)zone, LIST_NO_NUMBER },
	};
	const char *const facets[FILTER_FACETS] = { state, name, NULL };
	names_learn(&screen->view.desk->names, id, name);
	(void)list_put(list, id, values, facets, buf_text(&note), NULL);
	buf_free(&note);
	return true;
}

static void open_row(struct screen_list *screen, const struct list_row *row)
{
	struct object workspace = { .kind = "workspace" };
	(void)str_copy(workspace.id, sizeof workspace.id, row->id);
	(void)str_copy(workspace.name, sizeof workspace.name, row->values[NAME].text);
	view_stack_push(&screen->view.desk->stack, screen_connections_of(screen->view.desk, &workspace));
}

struct view *screen_workspaces_new(struct desk *desk)
{
	static const struct screen_list_spec spec = {
		.screen = SCREEN_WORKSPACES,
		.title = "Workspaces",
		.noun = "workspaces",
		.kind = "workspace",
		.feed = { "workspace.list", "workspace.get", "workspace", put },
		.columns = columns,
		.column_count = COLUMNS,
		.name_column = NAME,
		.sort_column = 0,
		.descending = true,
		.empty = "Make one with: almanac workspace-create --help",
		.open = open_row,
		.also = ALSO_SELF_WORKSPACE,
	};
	return screen_list_new(desk, &spec, NULL);
}
