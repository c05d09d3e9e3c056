/* The screen of one connection. It keeps the last answers and makes its text of them for each drawing. */
#include "tui/screen_connection.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/connection_text.h"
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GATHER_MS = 100, POLL_MS = 5000, ASKED = 4 };

struct connection_screen {
	struct view view; /* first */
	char id[64], account[160];
	struct connection_facts facts;
	struct doc doc;
	int64_t reload_at; /* 0: nothing is due */
	bool gone;
	char fault[200];
};

static struct connection_screen *of(const struct view *view)
{
	return (struct connection_screen *)(uintptr_t)view;
}

/* ---- Asking -------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *method, *param, *tag;
} questions[ASKED] = {
	{ "connection.get", "id", "get" },
	{ "connection.explain", "id", "explain" },
	{ "calendar.list", "connection", "calendars" },
	{ "connection.timeline", "id", "timeline" },
};

static json_t **slot(struct connection_screen *screen, const char *tag)
{
	struct connection_facts *facts = &screen->facts;
	json_t **slots[ASKED] = { &facts->connection, &facts->explanation, &facts->calendars, &facts->timeline };
	for (size_t i = 0; i < ASKED; i++)
		if (strcmp(questions[i].tag, tag) == 0)
			return slots[i];
	return slots[0];
}

static void on_answer(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct connection_screen *screen = owner;
	bool main_one = strcmp(tag, "get") == 0;
	screen->view.desk->dirty = true;
	if (answer->result) {
		json_t **at = slot(screen, tag);
		json_decref(*at);
		*at = json_deep_copy(answer->result);
	}
	if (strcmp(tag, "timeline") == 0)
		screen->facts.no_timeline = remote_is(answer, "method_not_found");
	if (!main_one)
		return;
	screen->gone = remote_is(answer, "not_found");
	(void)str_copy(screen->fault, sizeof screen->fault, answer->result ? "" : answer->message);
	if (answer->result) {
		(void)str_copy(screen->account, sizeof screen->account, remote_text(answer->result, "account_email"));
		names_learn(&screen->view.desk->names, screen->id, screen->account);
		(void)names_want(&screen->view.desk->names, &screen->view.desk->remote, remote_text(answer->result, "workspace_id"),
		                 "workspace.get", "name");
	}
}

static void reload(struct view *view)
{
	struct connection_screen *screen = of(view);
	struct desk *desk = view->desk;
	if (!link_is_live(&desk->link))
		return;
	screen->reload_at = desk->notices ? 0 : desk_now(desk) + POLL_MS;
	for (size_t i = 0; i < ASKED; i++)
		(void)remote_call(&desk->remote, questions[i].method, json_pack("{s:s}", questions[i].param, screen->id), on_answer, screen,
		                  questions[i].tag);
}

static void notice(struct view *view, const char *topic, const char *id)
{
	struct connection_screen *screen = of(view);
	bool mine = strcmp(topic, "connection") == 0 && strcmp(id, screen->id) == 0;
	if (!mine && strcmp(topic, "calendar") != 0)
		return;
	if (screen->reload_at == 0)
		screen->reload_at = desk_now(view->desk) + GATHER_MS;
}

static void tick(struct view *view)
{
	struct connection_screen *screen = of(view);
	if (screen->reload_at > 0 && desk_now(view->desk) >= screen->reload_at)
		reload(view);
}

/* ---- Showing ------------------------------------------------------------------------------------------------------- */

static const char *title(const struct view *view)
{
	return of(view)->account;
}

static bool selected(const struct view *view, struct object *out)
{
	const struct connection_screen *screen = of(view);
	*out = (struct object){ .kind = "connection" };
	(void)str_copy(out->id, sizeof out->id, screen->id);
	(void)str_copy(out->name, sizeof out->name, screen->account);
	(void)str_copy(out->state, sizeof out->state, remote_text(screen->facts.connection, "state"));
	return !screen->gone;
}

static bool workspace(const struct view *view, struct object *out)
{
	const char *id = remote_text(of(view)->facts.connection, "workspace_id");
	const char *name = names_find(&view->desk->names, id);
	*out = (struct object){ .kind = "workspace" };
	(void)str_copy(out->id, sizeof out->id, id);
	(void)str_copy(out->name, sizeof out->name, name ? name : id);
	return *id != '\0';
}

static void draw(struct view *view, struct cells *cells, struct rect area)
{
	struct connection_screen *screen = of(view);
	struct object place;
	doc_begin(&screen->doc);
	if (screen->gone)
		doc_add(&screen->doc, "gone", PAINT_ERROR, "This connection is gone from the daemon. q goes back.");
	else if (!screen->facts.connection)
		doc_add(&screen->doc, "wait", PAINT_TEXT, screen->fault[0] ? "Not loaded: %s" : "Loading …%s", screen->fault);
	else
		connection_text(&screen->doc, &screen->facts, workspace(view, &place) ? place.name : "", desk_now(view->desk));
	doc_end(&screen->doc);
	doc_draw(&screen->doc, cells, area);
}

static void position(const struct view *view, char *out, size_t size)
{
	const struct doc *doc = &of(view)->doc;
	size_t last = doc->top + doc->height < doc->count ? doc->top + doc->height : doc->count;
	(void)snprintf(out, size, "lines %zu–%zu of %zu", doc->count > 0 ? doc->top + 1 : 0, last, doc->count);
}

static bool act(struct view *view, enum action action)
{
	struct doc *doc = &of(view)->doc;
	int64_t page = doc->height > 2 ? (int64_t)doc->height - 2 : 1;
	switch (action) {
	case ACTION_UP: doc_move(doc, -1); return true;
	case ACTION_DOWN: doc_move(doc, 1); return true;
	case ACTION_PAGE_UP: doc_move(doc, -page); return true;
	case ACTION_PAGE_DOWN: doc_move(doc, page); return true;
	case ACTION_FIRST: doc_move(doc, -(int64_t)doc->count); return true;
	case ACTION_LAST: doc_move(doc, (int64_t)doc->count); return true;
	default: return false;
	}
}

static void close_view(struct view *view)
{
	struct connection_screen *screen = of(view);
	remote_forget(&view->desk->remote, screen);
	json_decref(screen->facts.connection);
	json_decref(screen->facts.explanation);
	json_decref(screen->facts.calendars);
	json_decref(screen->facts.timeline);
	doc_free(&screen->doc);
	free(screen);
}

struct view *screen_connection_new(struct desk *desk, const char *id, const char *account)
{
	static const struct view_ops ops = { .screen = SCREEN_CONNECTION, .title = title, .selected = selected, .workspace = workspace,
		                             .draw = draw, .position = position, .act = act, .reload = reload, .notice = notice,
		                             .tick = tick, .close = close_view };
	struct connection_screen *screen = mem_alloc(sizeof *screen);
	screen->view.ops = &ops;
	screen->view.desk = desk;
	(void)str_copy(screen->id, sizeof screen->id, id);
	(void)str_copy(screen->account, sizeof screen->account, account);
	reload(&screen->view);
	return &screen->view;
}
