/* Texts over the screen. */
#include "tui/overlay.h"

#include "ipc/base/buf.h"
#include "tui/figures.h"
#include "tui/keys.h"
#include "tui/when.h"

#include <stdio.h>

static void add_action(struct doc *doc, const struct action_row *row)
{
	struct buf keys = { 0 };
	char name[16];
	for (size_t i = 0; i < 3 && row->keys[i]; i++)
		buf_printf(&keys, "%s%s", i > 0 ? " " : "", keys_name(row->keys[i], name));
	doc_add(doc, row->name, PAINT_TEXT, "%-11s %-14s %s", buf_text(&keys), row->name, row->help);
	buf_free(&keys);
}

void overlay_help(struct doc *doc, enum screen screen, bool read_only)
{
	const struct state_look *look;
	doc_begin(doc);
	for (int everywhere = 0; everywhere < 2; everywhere++) {
		doc_rule(doc, everywhere ? "EVERYWHERE" : "HERE · Enter does what the cursor is on");
		for (size_t i = 0; i < action_count; i++) {
			const struct action_row *row = &action_table[i];
			if (!(row->screens & (unsigned)screen) || (row->screens == SCREENS_ALL) != (everywhere == 1))
				continue;
			if (!(read_only && row->guard & GUARD_CHANGES))
				add_action(doc, row);
		}
	}
	doc_rule(doc, "STATES");
	for (int i = 0; (look = theme_state_at(i)); i++)
		doc_add(doc, "", look->role, "%s %s", look->glyph, look->word);
	doc_rule(doc, "FILTER");
	doc_add(doc, "", PAINT_TEXT, "all words must occur; state:failing ws:acme reason:rate; ! excludes");
	doc_add(doc, "", PAINT_TEXT, ":dump FILE writes the screen as text");
	doc_end(doc);
}

void overlay_messages(struct doc *doc, const struct toasts *toasts)
{
	static const enum paint roles[] = { PAINT_OK, PAINT_TEXT, PAINT_WARN, PAINT_ERROR };
	const struct toast *toast;
	char clock[32], key[32];
	doc_begin(doc);
	for (size_t i = 0; (toast = toast_at(toasts, i)); i++) {
		(void)snprintf(key, sizeof key, "message-%zu", toasts->count - i);
		doc_add(doc, key, roles[toast->level], "%s %s", when_clock(toast->at, clock, sizeof clock), toast->text);
	}
	if (doc->count == 0)
		doc_add(doc, "message-none", PAINT_TEXT, "Nothing was said yet.");
	doc_end(doc);
}

void overlay_draw(struct doc *doc, struct cells *cells, const char *title)
{
	struct rect area = { 0, 1, cells->cols, cells->rows - 2 };
	struct rect inside = figure_box(cells, area, title);
	doc_draw(doc, cells, (struct rect){ inside.col - 1, inside.row, inside.cols + 2, inside.rows });
}
