/* How things are. Above the counts of system.health, below the list of connections that need attention: a list screen of its
 * own, which does everything but the drawing of the upper part. */
#include "tui/screen_overview.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/figures.h"
#include "tui/screen_connection.h"
#include "tui/screen_connections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEALTH_MS = 1000, POLL_MS = 10000 };

struct overview {
	struct view view;   /* first */
	struct view *list;  /* owned */
	json_t *health;
	int64_t ask_at;     /* 0: nothing is due */
};

static struct overview *of(const struct view *view)
{
	return (struct overview *)(uintptr_t)view;
}

/* ---- The list -------------------------------------------------------------------------------------------------------- */

static const char *const wanting[] = { "blocked", "reauth_required", "failing", "degraded", NULL };

static bool put(void *owner, struct list *list, const json_t *item)
{
	struct screen_list *screen = owner;
	for (size_t i = 0; wanting[i]; i++)
		if (strcmp(wanting[i], remote_text(item, "state")) == 0) {
			screen->lacks_names |= !screen_connections_put(screen->view.desk, list, item);
			return true;
		}
	return false;
}

static void open_row(struct screen_list *screen, const struct list_row *row)
{
	struct desk *desk = screen->view.desk;
	view_stack_push(&desk->stack, screen_connection_new(desk, row->id, row->values[CONNECTIONS_NAME].text));
}

static const struct screen_list_spec spec = {
	.screen = SCREEN_OVERVIEW,
	.title = "Overview",
	.noun = "wanting attention",
	.kind = "connection",
	.feed = { "connection.list", "connection.get", "connection", put },
	.columns = screen_connections_columns,
	.column_count = CONNECTIONS_COLUMNS,
	.name_column = CONNECTIONS_NAME,
	.sort_column = 0,
	.descending = true,
	.none = "Nothing needs attention. 2 shows the workspaces, 3 the connections.",
	.states = wanting,
	.open = open_row,
	.also = ALSO_WORKSPACE,
};

/* ---- Health ---------------------------------------------------------------------------------------------------------- */

static void on_health(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct overview *screen = owner;
	(void)tag;
	screen->ask_at = desk_now(screen->view.desk) + POLL_MS;
	if (!answer->result || json_equal(screen->health, (json_t *)(uintptr_t)answer->result))
		return;
	json_decref(screen->health);
	screen->health = json_deep_copy(answer->result);
	screen->view.desk->dirty = true;
}

static void ask_health(struct overview *screen)
{
	screen->ask_at = 0;
	if (link_is_live(&screen->view.desk->link))
		(void)remote_call(&screen->view.desk->remote, "system.health", NULL, on_health, screen, NULL);
}

static void draw_counts(const struct overview *screen, struct cells *cells, struct rect *area)
{
	const json_t *connections = json_object_get(screen->health, "connections"), *by_state = json_object_get(connections, "by_state");
	long long total = (long long)remote_number(connections, "total");
	char text[200];
	const struct state_look *look;
	(void)snprintf(text, sizeof text, "HEALTH · %lld connection%s%s", total, total == 1 ? "" : "s",
	               json_is_true(json_object_get(screen->health, "sealed")) ? " · SEALED: the key does not open the tokens" : "");
	figure_rule(cells, area->col, area->row++, area->cols, text);
	area->rows--;
	/* In a low window only what there is. */
	bool all = area->rows > 16;
	for (int i = 0; (look = theme_state_at(i)) && area->rows > 4; i++) {
		long long count = (long long)remote_number(by_state, look->word);
		if (count == 0 && !(all && i < 4) && i > 0)
			continue;
		int permille = total > 0 ? (int)(count * 1000 / total) : 0;
		(void)snprintf(text, sizeof text, " %s %-15s %7lld %3d.%d%% ", look->glyph, look->word, count, permille / 10, permille % 10);
		int used = cells_text(cells, area->col, area->row, area->cols, text, look->role, 0);
		figure_bar(cells, area->col + used, area->row, area->cols - used - 1, permille == 0 && count > 0 ? 1 : permille, look->role);
		area->row++;
		area->rows--;
	}
}

static void draw_rest(const struct overview *screen, struct cells *cells, struct rect *area)
{
	const json_t *reasons = json_object_get(screen->health, "reasons"), *jobs = json_object_get(screen->health, "jobs"), *provider;
	const char *name;
	struct buf text = { 0 };
	for (size_t i = 0; i < json_array_size(reasons) && i < 4; i++) {
		const json_t *reason = json_array_get(reasons, i);
		buf_printf(&text, "%s%s %lld", i > 0 ? ", " : "reasons: ", remote_text(reason, "code"), (long long)remote_number(reason, "count"));
	}
	if (json_is_object(jobs))
		buf_printf(&text, "%sjobs: %lld running, %lld queued, %lld late", text.len > 0 ? " · " : "",
		           (long long)remote_number(jobs, "running"), (long long)remote_number(jobs, "queued"),
		           (long long)remote_number(jobs, "late"));
	json_t *providers = json_object_get(screen->health, "providers");
	json_object_foreach(providers, name, provider) {
		const char *breaker = remote_text(provider, "breaker");
		if (*breaker && strcmp(breaker, "closed") != 0)
			buf_printf(&text, "%s%s: breaker %s", text.len > 0 ? " · " : "", name, breaker);
	}
	if (text.len > 0 && area->rows > 4) {
		cells_fit(cells, area->col + 1, area->row++, area->cols - 1, buf_text(&text), PAINT_TEXT, 0);
		area->rows--;
	}
	buf_free(&text);
}

static void draw(struct view *view, struct cells *cells, struct rect area)
{
	struct overview *screen = of(view);
	if (screen->health) {
		draw_counts(screen, cells, &area);
		draw_rest(screen, cells, &area);
	}
	screen->list->ops->draw(screen->list, cells, area);
}

/* ---- Everything else is the list's ----------------------------------------------------------------------------------- */

static const char *title(const struct view *view)
{
	(void)view;
	return "Overview";
}

static bool selected(const struct view *view, struct object *out)
{
	return of(view)->list->ops->selected(of(view)->list, out);
}

static bool marked(const struct view *view, size_t index, struct object *out)
{
	return of(view)->list->ops->marked(of(view)->list, index, out);
}

static bool workspace(const struct view *view, struct object *out)
{
	return of(view)->list->ops->workspace(of(view)->list, out);
}

static void position(const struct view *view, char *out, size_t size)
{
	of(view)->list->ops->position(of(view)->list, out, size);
}

static bool act(struct view *view, enum action action)
{
	return of(view)->list->ops->act(of(view)->list, action);
}

static void filter(struct view *view, const char *text)
{
	of(view)->list->ops->filter(of(view)->list, text);
}

static const char *filter_text(const struct view *view)
{
	return of(view)->list->ops->filter_text(of(view)->list);
}

static void reload(struct view *view)
{
	ask_health(of(view));
	of(view)->list->ops->reload(of(view)->list);
}

static void notice(struct view *view, const char *topic, const char *id)
{
	struct overview *screen = of(view);
	int64_t soon = desk_now(view->desk) + HEALTH_MS;
	if (screen->ask_at > soon)
		screen->ask_at = soon;
	screen->list->ops->notice(screen->list, topic, id);
}

static void tick(struct view *view)
{
	struct overview *screen = of(view);
	if (screen->ask_at > 0 && desk_now(view->desk) >= screen->ask_at)
		ask_health(screen);
	screen->list->ops->tick(screen->list);
}

static void close_view(struct view *view)
{
	struct overview *screen = of(view);
	remote_forget(&view->desk->remote, screen);
	screen->list->ops->close(screen->list);
	json_decref(screen->health);
	free(screen);
}

struct view *screen_overview_new(struct desk *desk)
{
	static const struct view_ops ops = { .screen = SCREEN_OVERVIEW, .title = title, .selected = selected, .marked = marked,
		                             .workspace = workspace, .draw = draw, .position = position, .act = act,
		                             .filter = filter, .filter_text = filter_text, .reload = reload, .notice = notice,
		                             .tick = tick, .close = close_view };
	struct overview *screen = mem_alloc(sizeof *screen);
	screen->view.ops = &ops;
	screen->view.desk = desk;
	screen->list = screen_list_new(desk, &spec, NULL);
	ask_health(screen);
	return &screen->view;
}
