/* The screens that are a list. */
#include "tui/screen_list.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/figures.h"
#include "tui/list_draw.h"
#include "tui/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DETAIL_ROWS = 4, DETAIL_FROM = 15, NAMES_MS = 1000 };

static struct screen_list *of(const struct view *view)
{
	return (struct screen_list *)(uintptr_t)view;
}

static const char *title(const struct view *view)
{
	return of(view)->spec->title;
}

static void describe(const struct screen_list *screen, const struct list_row *row, struct object *out)
{
	const struct screen_list_spec *spec = screen->spec;
	const char *name = row->values[spec->name_column].text;
	*out = (struct object){ 0 };
	bool other = spec->also == ALSO_CONNECTION && spec->screen != SCREEN_ERRORS && row->also[0];
	(void)str_copy(out->kind, sizeof out->kind, other ? "connection" : spec->kind);
	(void)str_copy(out->id, sizeof out->id, other ? row->also : row->id);
	(void)str_copy(out->name, sizeof out->name, name ? name : row->id);
	if (row->facets[FILTER_STATE])
		(void)str_copy(out->state, sizeof out->state, row->facets[FILTER_STATE]);
}

static bool selected(const struct view *view, struct object *out)
{
	const struct list_row *row = list_selected(&of(view)->list);
	if (row)
		describe(of(view), row, out);
	return row != NULL;
}

static bool marked(const struct view *view, size_t index, struct object *out)
{
	const struct list *list = &of(view)->list;
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i]->marked && !list->rows[i]->dead && index-- == 0) {
			describe(of(view), list->rows[i], out);
			return true;
		}
	return false;
}

static bool workspace(const struct view *view, struct object *out)
{
	const struct screen_list *screen = of(view);
	const struct list_row *row = list_selected(&screen->list);
	const char *id = screen->scope_id;
	if (!*id && row && screen->spec->also == ALSO_SELF_WORKSPACE)
		id = row->id;
	else if (!*id && row && screen->spec->also == ALSO_WORKSPACE)
		id = row->also;
	if (!*id)
		return false;
	const char *name = names_find(&view->desk->names, id);
	*out = (struct object){ .kind = "workspace" };
	(void)str_copy(out->id, sizeof out->id, id);
	(void)str_copy(out->name, sizeof out->name, name ? name : id);
	return true;
}

/* ---- Drawing ------------------------------------------------------------------------------------------------------- */

/* Without the plural's s for a single one. */
static int noun_length(const struct screen_list *screen)
{
	size_t len = strlen(screen->spec->noun);
	return (int)(list_total(&screen->list) == 1 && screen->spec->noun[len - 1] == 's' ? len - 1 : len);
}

static void headline(struct screen_list *screen, char *out, size_t size, int64_t now)
{
	const struct list *list = &screen->list;
	struct buf text = { 0 };
	if (screen->feed.loading && !screen->feed.loaded)
		buf_printf(&text, "Loading %s … %zu", screen->spec->noun, list_total(list));
	else if (!screen->feed.loaded)
		buf_add_text(&text, screen->spec->noun);
	else
		buf_printf(&text, "%zu %.*s", list_total(list), noun_length(screen), screen->spec->noun);
	if (list->filter_text[0])
		buf_printf(&text, " · filter: %s · %zu of %zu shown", list->filter_text, list->shown_count, list_total(list));
	buf_printf(&text, " · sort: %s", screen->spec->columns[list->sort_column].title);
	int64_t held = list_held(list, now);
	if (held > 0)
		buf_printf(&text, " · order held %lld s", (long long)(held + 999) / 1000);
	if (screen->feed.fault[0] && screen->feed.loaded) {
		char clock[32];
		buf_printf(&text, " · old, from %s", when_clock(screen->feed.as_of, clock, sizeof clock));
	}
	(void)str_copy(out, size, buf_text(&text));
	buf_free(&text);
}

/* Why there is nothing, and what to do. */
static void draw_empty(struct screen_list *screen, struct cells *cells, struct rect area)
{
	char text[512];
	const struct feed *feed = &screen->feed;
	enum paint role = PAINT_TEXT;
	size_t hidden = list_total(&screen->list) - screen->list.shown_count;
	if (feed->unsupported) {
		(void)snprintf(text, sizeof text, "Not available from this daemon: it has no %s.", screen->spec->feed.method);
		role = PAINT_WARN;
	} else if (hidden > 0) {
		(void)snprintf(text, sizeof text, "Nothing matches %s (%zu hidden). Esc shows all.", screen->list.filter_text, hidden);
	} else if (feed->fault[0]) {
		(void)snprintf(text, sizeof text, "Not loaded: %s. It is tried again; R tries now.", feed->fault);
		role = PAINT_ERROR;
	} else if (!feed->loaded) {
		(void)snprintf(text, sizeof text, link_is_live(&screen->view.desk->link) ? "Loading …" : "Nothing is loaded yet.");
	} else if (screen->spec->none) {
		(void)snprintf(text, sizeof text, "%s", screen->spec->none);
	} else if (screen->scope_name[0]) {
		(void)snprintf(text, sizeof text, "No %s yet in %s. %s", screen->spec->noun, screen->scope_name, screen->spec->empty);
	} else {
		(void)snprintf(text, sizeof text, "No %s yet. %s", screen->spec->noun, screen->spec->empty);
	}
	cells_fit(cells, area.col + 2, area.row + 1, area.cols - 2, text, role, 0);
	cells->cursor_col = area.col;
	cells->cursor_row = area.row + 1;
}

static void draw_detail(const struct screen_list *screen, struct cells *cells, struct rect area)
{
	const struct list_row *row = list_selected(&screen->list);
	char text[400];
	struct object object;
	if (!row)
		return;
	describe(screen, row, &object);
	(void)snprintf(text, sizeof text, "%s · %s", object.name, row->id);
	figure_rule(cells, area.col, area.row, area.cols, text);
	const char *line = row->note ? row->note : "";
	for (int i = 1; i < area.rows && *line; i++) {
		size_t len = strcspn(line, "\n");
		(void)snprintf(text, sizeof text, "%.*s", (int)(len < 390 ? len : 390), line);
		cells_fit(cells, area.col + 1, area.row + i, area.cols - 1, text, PAINT_TEXT, 0);
		line += len + (line[len] == '\n');
	}
}

static void draw(struct view *view, struct cells *cells, struct rect area)
{
	struct screen_list *screen = of(view);
	int64_t now = desk_now(view->desk);
	char text[512];
	list_settle(&screen->list, now);
	headline(screen, text, sizeof text, now);
	figure_rule(cells, area.col, area.row, area.cols, text);
	struct rect table = { area.col, area.row + 1, area.cols, area.rows - 1 };
	if (area.rows >= DETAIL_FROM) {
		table.rows -= DETAIL_ROWS;
		draw_detail(screen, cells, (struct rect){ area.col, table.row + table.rows, area.cols, DETAIL_ROWS });
	}
	screen->height = table.rows > 1 ? (size_t)table.rows - 1 : 0;
	list_draw(&screen->list, cells, table, now);
	size_t shown = screen->list.shown_count, hidden = list_total(&screen->list) - shown;
	if (shown == 0) {
		draw_empty(screen, cells, (struct rect){ table.col, table.row, table.cols, table.rows });
	} else if (hidden > 0 && shown + 2 < screen->height) {
		(void)snprintf(text, sizeof text, "%zu hidden by the filter — Esc shows all", hidden);
		cells_text(cells, area.col + 2, table.row + (int)shown + 2, area.cols - 2, text, PAINT_DIM, 0);
	}
}

static void position(const struct view *view, char *out, size_t size)
{
	list_position(&of(view)->list, of(view)->height, out, size);
}

/* ---- Acting -------------------------------------------------------------------------------------------------------- */

static void sort_by(struct screen_list *screen, int step)
{
	size_t count = screen->spec->column_count;
	size_t column = (screen->list.sort_column + count + (size_t)(step + (int)count)) % count;
	list_sort(&screen->list, column, screen->spec->columns[column].kind == LIST_STATE);
}

static void mark_all(struct screen_list *screen, bool set)
{
	for (size_t i = 0; set && i < screen->list.shown_count; i++)
		screen->list.shown[i]->marked = true;
	for (size_t i = 0; !set && i < screen->list.count; i++)
		screen->list.rows[i]->marked = false;
}

static bool move(struct screen_list *screen, enum action action, int64_t now)
{
	int64_t page = screen->height > 1 ? (int64_t)screen->height - 1 : 1;
	switch (action) {
	case ACTION_UP: list_move(&screen->list, -1, now); return true;
	case ACTION_DOWN: list_move(&screen->list, 1, now); return true;
	case ACTION_PAGE_UP: list_move(&screen->list, -page, now); return true;
	case ACTION_PAGE_DOWN: list_move(&screen->list, page, now); return true;
	case ACTION_FIRST: list_move(&screen->list, -(int64_t)screen->list.shown_count, now); return true;
	case ACTION_LAST: list_move(&screen->list, (int64_t)screen->list.shown_count, now); return true;
	default: return false;
	}
}

static bool act(struct view *view, enum action action)
{
	struct screen_list *screen = of(view);
	int64_t now = desk_now(view->desk);
	list_settle(&screen->list, now);
	struct list_row *row = list_selected(&screen->list);
	if (move(screen, action, now))
		return true;
	switch (action) {
	case ACTION_OPEN:
		if (row && screen->spec->open)
			screen->spec->open(screen, row);
		return true;
	case ACTION_SORT_NEXT: sort_by(screen, 1); return true;
	case ACTION_SORT_PREVIOUS: sort_by(screen, -1); return true;
	case ACTION_SORT_INVERT: list_sort(&screen->list, screen->list.sort_column, !screen->list.descending); return true;
	case ACTION_MARK:
		if (row)
			row->marked = !row->marked;
		list_move(&screen->list, 1, now);
		return true;
	case ACTION_MARK_ALL: mark_all(screen, true); return true;
	case ACTION_UNMARK: mark_all(screen, false); return true;
	default: return false;
	}
}

static void filter(struct view *view, const char *text)
{
	list_filter(&of(view)->list, text);
}

static const char *filter_text(const struct view *view)
{
	return of(view)->list.filter_text;
}

static void reload(struct view *view)
{
	feed_reload(&of(view)->feed);
}

static void notice(struct view *view, const char *topic, const char *id)
{
	feed_notice(&of(view)->feed, topic, id);
}

static void tick(struct view *view)
{
	struct screen_list *screen = of(view);
	int64_t now = desk_now(view->desk);
	feed_tick(&screen->feed);
	/* A name that a row lacked is there now. */
	if (screen->lacks_names && screen->names_seen != view->desk->names.version && now >= screen->names_at) {
		screen->names_seen = view->desk->names.version;
		screen->names_at = now + NAMES_MS;
		screen->lacks_names = false;
		feed_reload(&screen->feed);
	}
	list_settle(&screen->list, now);
	if (screen->list.vanished[0]) {
		desk_say(view->desk, TOAST_WARN, "%s is gone", screen->list.vanished);
		screen->list.vanished[0] = '\0';
	}
	if (screen->list.held_until > 0 && now >= screen->list.held_until) {
		screen->list.held_until = 0;
		view->desk->dirty = true;
	}
}

static void close_view(struct view *view)
{
	struct screen_list *screen = of(view);
	feed_free(&screen->feed);
	list_free(&screen->list);
	free(screen);
}

struct view *screen_list_new(struct desk *desk, const struct screen_list_spec *spec, const struct object *scope)
{
	static const struct view_ops shared = { .title = title, .selected = selected, .marked = marked, .workspace = workspace,
		                                .draw = draw, .position = position, .act = act, .filter = filter,
		                                .filter_text = filter_text, .reload = reload, .notice = notice, .tick = tick,
		                                .close = close_view };
	struct screen_list *screen = mem_alloc(sizeof *screen);
	screen->ops = shared;
	screen->ops.screen = spec->screen;
	screen->view.ops = &screen->ops;
	screen->view.desk = desk;
	screen->spec = spec;
	list_init(&screen->list, spec->columns, spec->column_count, spec->name_column);
	list_sort(&screen->list, spec->sort_column, spec->descending);
	feed_init(&screen->feed, desk, &spec->feed, screen, &screen->list);
	if (scope) {
		(void)str_copy(screen->scope_id, sizeof screen->scope_id, scope->id);
		(void)str_copy(screen->scope_name, sizeof screen->scope_name, scope->name);
		feed_add_query(&screen->feed, json_pack("{s:s}", "workspace", scope->id));
	}
	for (const char *const *state = spec->states; state && *state; state++)
		feed_add_query(&screen->feed, json_pack("{s:s}", "state", *state));
	feed_reload(&screen->feed);
	return &screen->view;
}
