/* A question before something is done. */
#include "tui/dialog.h"

#include "ipc/base/strutil.h"
#include "tui/figures.h"
#include "tui/keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void dialog_open(struct dialog *dialog, const struct action_row *row, const struct object *object, const char *title,
                 const char *confirm, int64_t now)
{
	*dialog = (struct dialog){ .open = true, .action = row->action, .grade = row->grade, .object = *object, .opened_at = now };
	dialog->focus = row->grade == GRADE_TYPED ? FOCUS_FIELD : FOCUS_CANCEL;
	dialog->ready = row->grade != GRADE_TYPED;
	(void)str_copy(dialog->title, sizeof dialog->title, title);
	(void)str_copy(dialog->confirm, sizeof dialog->confirm, confirm);
}

void dialog_add(struct dialog *dialog, const char *format, ...)
{
	va_list ap;
	if (dialog->line_count == DIALOG_LINES)
		return;
	va_start(ap, format);
	(void)vsnprintf(dialog->lines[dialog->line_count++], sizeof dialog->lines[0], format, ap);
	va_end(ap);
}

void dialog_refuse(struct dialog *dialog, const char *why)
{
	(void)str_copy(dialog->refused, sizeof dialog->refused, why);
}

static bool may_confirm(const struct dialog *dialog)
{
	if (!dialog->ready || dialog->refused[0])
		return false;
	return dialog->grade != GRADE_TYPED || strcmp(dialog->edit.text, dialog->object.name) == 0;
}

static void next_focus(struct dialog *dialog, bool back)
{
	int count = 3, first = dialog->grade == GRADE_TYPED ? 0 : 1;
	int step = back ? count - 1 : 1, focus = (int)dialog->focus;
	do
		focus = (focus + step) % count;
	while (focus < first);
	dialog->focus = (enum dialog_focus)focus;
}

static enum dialog_answer typed_key(struct dialog *dialog, uint32_t key)
{
	if (key == K_ENTER) {
		if (dialog->focus == FOCUS_CANCEL)
			return DIALOG_CANCELLED;
		return may_confirm(dialog) ? DIALOG_CONFIRMED : DIALOG_STAYS;
	}
	if (dialog->focus == FOCUS_FIELD)
		(void)lineedit_key(&dialog->edit, key);
	return DIALOG_STAYS;
}

static enum dialog_answer yes_key(const struct dialog *dialog, uint32_t key)
{
	if (key == 'y' || key == 'Y')
		return may_confirm(dialog) ? DIALOG_CONFIRMED : DIALOG_STAYS;
	if (key == K_ENTER)
		return dialog->focus == FOCUS_CONFIRM && may_confirm(dialog) ? DIALOG_CONFIRMED : DIALOG_CANCELLED;
	return key == 'n' || key == 'N' || key == 'q' ? DIALOG_CANCELLED : DIALOG_STAYS;
}

enum dialog_answer dialog_key(struct dialog *dialog, uint32_t key, int64_t now)
{
	if (now - dialog->opened_at < DIALOG_DEAF_MS)
		return DIALOG_STAYS;
	if (key == K_ESC)
		return DIALOG_CANCELLED;
	if (key == K_TAB || key == K_BACK_TAB) {
		next_focus(dialog, key == K_BACK_TAB);
		return DIALOG_STAYS;
	}
	return dialog->grade == GRADE_TYPED ? typed_key(dialog, key) : yes_key(dialog, key);
}

void dialog_paste(struct dialog *dialog, const char *text, int64_t now)
{
	if (dialog->grade == GRADE_TYPED && dialog->focus == FOCUS_FIELD && now - dialog->opened_at >= DIALOG_DEAF_MS)
		lineedit_paste(&dialog->edit, text);
}

static void draw_button(const struct dialog *dialog, struct cells *cells, struct rect inside, int col, int row, enum dialog_focus which)
{
	char text[64];
	bool focused = dialog->focus == which, off = which == FOCUS_CONFIRM && !may_confirm(dialog);
	const char *word = which == FOCUS_CANCEL ? "Cancel" : dialog->confirm;
	(void)snprintf(text, sizeof text, focused ? "[ %s%s ]" : "  %s%s  ", word, off ? " (off)" : "");
	cells_text(cells, col, row, inside.col + inside.cols - col, text, off ? PAINT_DIM : PAINT_TEXT, focused ? ATTR_REVERSE : 0);
	if (focused) {
		cells->cursor_col = col;
		cells->cursor_row = row;
	}
}

void dialog_draw(const struct dialog *dialog, struct cells *cells)
{
	char text[300];
	int width = cells->cols < 84 ? cells->cols - 2 : 82;
	int height = (int)dialog->line_count + 8;
	if (height > cells->rows)
		height = cells->rows;
	struct rect area = { (cells->cols - width) / 2, (cells->rows - height) / 2, width, height };
	struct rect inside = figure_box(cells, area, dialog->title);
	int row = inside.row, last = inside.row + inside.rows - 1;
	(void)snprintf(text, sizeof text, "%s", dialog->object.name);
	cells_fit(cells, inside.col, row++, inside.cols, text, PAINT_ACCENT, 0);
	(void)snprintf(text, sizeof text, "%s %s", dialog->object.kind, dialog->object.id);
	cells_fit(cells, inside.col, row++, inside.cols, text, PAINT_DIM, 0);
	for (size_t i = 0; i < dialog->line_count && row < last - 1; i++)
		cells_fit(cells, inside.col, row++, inside.cols, dialog->lines[i], PAINT_TEXT, 0);
	if (!dialog->ready && !dialog->refused[0] && row < last - 1)
		cells_fit(cells, inside.col, row++, inside.cols, "Asking the daemon what this would do …", PAINT_DIM, 0);
	if (dialog->refused[0]) {
		cells_fit(cells, inside.col, last - 1, inside.cols, dialog->refused, PAINT_ERROR, 0);
	} else if (dialog->grade == GRADE_TYPED) {
		int used = cells_text(cells, inside.col, last - 1, inside.cols, "Type the account's name: ", PAINT_TEXT, 0);
		lineedit_draw(&dialog->edit, cells, inside.col + used, last - 1, inside.cols - used);
	} else {
		cells_fit(cells, inside.col, last - 1, inside.cols, "y does it; n, Enter and Esc do not.", PAINT_TEXT, 0);
	}
	draw_button(dialog, cells, inside, inside.col, last, FOCUS_CANCEL);
	draw_button(dialog, cells, inside, inside.col + 12, last, FOCUS_CONFIRM);
}
