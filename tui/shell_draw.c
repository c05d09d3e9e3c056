/* The whole screen of the shell as cells: breadcrumb, tabs, banner, body, message line, key bar, and what lies over them. */
#include "tui/shell_draw.h"

#include "ipc/base/buf.h"
#include "ipc/base/strutil.h"
#include "tui/keys.h"
#include "tui/layout.h"
#include "tui/overlay.h"
#include "tui/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static enum paint link_role(const struct link *link)
{
	return link->state == LINK_LIVE ? PAINT_OK : link->state == LINK_LOST ? PAINT_WARN : PAINT_ERROR;
}

static void draw_crumbs(const struct shell *shell, struct cells *cells, int row)
{
	const struct desk *desk = &shell->desk;
	struct buf crumbs = { 0 };
	struct object place;
	char word[64], clock[64], right[160];
	buf_add_text(&crumbs, "almanac");
	for (size_t i = 0; i < desk->stack.depth; i++) {
		const struct view *view = desk->stack.views[i];
		if (i > 0 && view->ops->screen == SCREEN_CONNECTIONS && view->ops->workspace(view, &place))
			buf_printf(&crumbs, " › %s", place.name);
		buf_printf(&crumbs, " › %s", view->ops->title(view));
	}
	/* Minutes only: a screen at rest must not change. "22 Nov " goes where it is narrow. */
	(void)when_local(desk_now(desk), clock, sizeof clock);
	(void)snprintf(right, sizeof right, "%s   %s ", link_word(&desk->link, desk_now(desk), word, sizeof word),
	               cells->cols < 76 && strlen(clock) > 7 ? clock + 7 : clock);
	int width = cells_width(cells->tier, right);
	/* The last word of the breadcrumb is the title: what is cut is in front of it. */
	const char *shown = buf_text(&crumbs);
	int room = cells->cols - width - 2;
	while (cells_width(cells->tier, shown) > room && strstr(shown, " › "))
		shown = strstr(shown, " › ") + strlen(" › ");
	cells_fit(cells, 1, row, room, shown, PAINT_ACCENT, 0);
	cells_text(cells, cells->cols - width, row, width, right, link_role(&desk->link), 0);
	buf_free(&crumbs);
}

static void draw_tabs(const struct shell *shell, struct cells *cells, int row)
{
	const struct view *top = view_stack_top(&shell->desk.stack);
	int current = screens_index(top->ops->screen), col = 0;
	for (int i = 0; i < SCREENS_ROOTS; i++) {
		char text[64];
		const char *title = screens_title(i);
		bool here = i == current;
		if (cells->cols < 79 && !here)
			title = "";
		else if (cells->cols < 96 && strcmp(title, "Configurations") == 0)
			title = "Configs";
		(void)snprintf(text, sizeof text, here ? "[%d%s%s]" : " %d%s%s ", i + 1, *title ? " " : "", title);
		/* Neighbours share the blank between them where it is narrow. */
		if (cells->cols < 88 && i > 0)
			col--;
		int used = cells_width(cells->tier, text);
		if (!here && cells->cols < 88 && i > 0)
			cells_text(cells, col + 1, row, cells->cols - col - 1, text + 1, PAINT_TEXT, 0);
		else
			cells_text(cells, col, row, cells->cols - col, text, here ? PAINT_ACCENT : PAINT_TEXT, 0);
		col += used;
	}
}

/* A long message also takes the row above. */
static void draw_two_lines(struct cells *cells, const char *text, enum paint role, int row)
{
	char first[512];
	int room = cells->cols - 2;
	(void)str_copy(first, sizeof first, text);
	while (cells_width(cells->tier, first) > room) {
		char *blank = strrchr(first, ' ');
		if (!blank)
			break;
		*blank = '\0';
	}
	size_t taken = strlen(first);
	cells_fit(cells, 1, row, room, first, role, 0);
	cells_fit(cells, 1, row + 1, room, text + taken + (text[taken] == ' '), role, 0);
}

static void draw_message(const struct shell *shell, struct cells *cells, int row)
{
	static const enum paint roles[] = { PAINT_OK, PAINT_TEXT, PAINT_WARN, PAINT_ERROR };
	const struct view *top = view_stack_top(&shell->desk.stack);
	const struct toast *toast = toast_shown(&shell->desk.toasts, desk_now(&shell->desk));
	char position[160] = "";
	top->ops->position(top, position, sizeof position);
	int width = cells_width(cells->tier, position), room = cells->cols - 2;
	int need = toast ? cells_width(cells->tier, toast->text) : 0;
	if (need <= room - width - 2)
		cells_text(cells, cells->cols - width - 1, row, width, position, PAINT_DIM, 0);
	if (toast && need > room && cells->cursor_row != row - 1)
		draw_two_lines(cells, toast->text, roles[toast->level], row - 1);
	else if (toast)
		cells_fit(cells, 1, row, need > room - width - 2 ? room : need, toast->text, roles[toast->level], 0);
}

static void draw_edit(const struct shell *shell, struct cells *cells, int row)
{
	bool filter = shell->mode == MODE_FILTER;
	cells_fit(cells, 0, row, cells->cols, filter ? "/" : ":", PAINT_ACCENT, 0);
	lineedit_draw(&shell->edit, cells, 1, row, cells->cols - 2);
}

/* By rank as many as there is room for, shown in the order of the table. */
static void draw_keys(const struct shell *shell, struct cells *cells, int row)
{
	const struct view *top = view_stack_top(&shell->desk.stack);
	const char *special = shell->dialog.open ? "Esc cancel   Tab next field"
	        : shell->consent.visible	 ? "Esc close   p plain view   y copy"
	        : shell->mode == MODE_FILTER	 ? "Enter keep   Esc clear   words, state: ws: reason: !not"
	        : shell->mode == MODE_PALETTE	 ? "Enter run   Tab complete   Esc close"
	        : shell->mode == MODE_HELP	 ? "Enter do it   Esc close"
	        : shell->mode == MODE_MESSAGES	 ? "Esc close"
						 : NULL;
	if (special) {
		cells_fit(cells, 1, row, cells->cols - 1, special, PAINT_DIM, 0);
		return;
	}
	int width = 0, col = 1;
	char name[16], text[64];
	bool fits[64] = { false };
	for (int rank = 0; rank < 16; rank++)
		for (size_t i = 0; i < action_count && i < 64; i++) {
			const struct action_row *action = &action_table[i];
			if (!action->bar || action->bar_rank != rank || !(action->screens & (unsigned)top->ops->screen))
				continue;
			if (shell->desk.read_only && action->guard & GUARD_CHANGES)
				continue;
			int more = snprintf(text, sizeof text, "%s %s  ", keys_name(action->keys[0], name), action->bar);
			fits[i] = width + more <= cells->cols - 1;
			width += fits[i] ? more : 0;
		}
	for (size_t i = 0; i < action_count && i < 64; i++) {
		if (!fits[i])
			continue;
		col += cells_text(cells, col, row, cells->cols - col, keys_name(action_table[i].keys[0], name), PAINT_ACCENT, 0);
		(void)snprintf(text, sizeof text, " %s  ", action_table[i].bar);
		col += cells_text(cells, col, row, cells->cols - col, text, PAINT_DIM, 0);
	}
}

static void draw_too_small(struct shell *shell, struct cells *cells)
{
	char text[64], word[64];
	(void)snprintf(text, sizeof text, "Terminal %dx%d is too small", cells->cols, cells->rows);
	cells_text(cells, 0, 0, cells->cols, text, PAINT_TEXT, 0);
	cells_text(cells, 0, 1, cells->cols, "almanac needs 40x10, best 80x24", PAINT_TEXT, 0);
	(void)snprintf(text, sizeof text, "%s · q quits", link_word(&shell->desk.link, desk_now(&shell->desk), word, sizeof word));
	cells_text(cells, 0, 2, cells->cols, text, PAINT_TEXT, 0);
}

void shell_draw(struct shell *shell, struct cells *cells)
{
	char banner[400];
	struct view *top = view_stack_top(&shell->desk.stack);
	bool has_banner = link_banner(&shell->desk.link, desk_now(&shell->desk), banner, sizeof banner);
	struct layout layout = layout_of(cells->cols, cells->rows, has_banner);
	cells_clear(cells);
	shell->too_small = layout.too_small;
	if (layout.too_small) {
		draw_too_small(shell, cells);
		return;
	}
	draw_crumbs(shell, cells, layout.crumbs);
	draw_tabs(shell, cells, layout.tabs);
	if (has_banner)
		cells_fit(cells, 1, layout.banner, cells->cols - 1, banner, link_role(&shell->desk.link), 0);
	top->ops->draw(top, cells, layout.body);
	draw_message(shell, cells, layout.message);
	draw_keys(shell, cells, layout.keys);
	if (shell->mode == MODE_MESSAGES)
		overlay_messages(&shell->overlay, &shell->desk.toasts);
	if (shell->mode == MODE_HELP || shell->mode == MODE_MESSAGES)
		overlay_draw(&shell->overlay, cells, shell->mode == MODE_HELP ? "Keys" : "Messages");
	if (shell->mode == MODE_FILTER || shell->mode == MODE_PALETTE)
		draw_edit(shell, cells, layout.message);
	if (shell->consent.visible)
		consent_draw(&shell->consent, cells);
	if (shell->dialog.open)
		dialog_draw(&shell->dialog, cells);
}
