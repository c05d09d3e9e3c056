/* One line of text being edited. */
#include "tui/lineedit.h"

#include "ipc/base/strutil.h"
#include "ipc/base/text.h"
#include "tui/keys.h"

#include <string.h>

void lineedit_set(struct lineedit *edit, const char *text)
{
	(void)str_copy(edit->text, sizeof edit->text, text);
	edit->len = edit->caret = strlen(edit->text);
}

static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	out[0] = (char)(lead[len] | c >> (6 * (len - 1)));
	for (size_t i = 1; i < len; i++)
		out[i] = (char)(0x80 | (c >> (6 * (len - 1 - i)) & 0x3f));
	return len;
}

static void insert(struct lineedit *edit, uint32_t c)
{
	char bytes[4];
	size_t len = encode(c, bytes);
	if (edit->len + len + 1 > sizeof edit->text)
		return;
	memmove(edit->text + edit->caret + len, edit->text + edit->caret, edit->len - edit->caret + 1);
	memcpy(edit->text + edit->caret, bytes, len);
	edit->len += len;
	edit->caret += len;
}

static size_t before(const struct lineedit *edit, size_t at)
{
	while (at > 0 && ((unsigned char)edit->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t after(const struct lineedit *edit, size_t at)
{
	if (at < edit->len)
		at++;
	while (at < edit->len && ((unsigned char)edit->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void cut(struct lineedit *edit, size_t from, size_t to)
{
	memmove(edit->text + from, edit->text + to, edit->len - to + 1);
	edit->len -= to - from;
	edit->caret = from;
}

static size_t word_start(const struct lineedit *edit)
{
	size_t at = edit->caret;
	while (at > 0 && edit->text[at - 1] == ' ')
		at--;
	while (at > 0 && edit->text[at - 1] != ' ')
		at--;
	return at;
}

bool lineedit_key(struct lineedit *edit, uint32_t key)
{
	switch (key) {
	case K_LEFT: edit->caret = before(edit, edit->caret); return true;
	case K_RIGHT: edit->caret = after(edit, edit->caret); return true;
	case K_HOME: case K_CTRL_A: edit->caret = 0; return true;
	case K_END: case K_CTRL_E: edit->caret = edit->len; return true;
	case K_CTRL_U: cut(edit, 0, edit->caret); return true;
	case K_CTRL_W: cut(edit, word_start(edit), edit->caret); return true;
	case K_DELETE: cut(edit, edit->caret, after(edit, edit->caret)); return true;
	case K_BACKSPACE:
		if (edit->caret > 0)
			cut(edit, before(edit, edit->caret), edit->caret);
		return true;
	default:
		if (key < 32 || key == 0x7f || key >= K_UP || (key >= 0x80 && key < 0xa0))
			return false;
		insert(edit, key);
		return true;
	}
}

void lineedit_paste(struct lineedit *edit, const char *text)
{
	size_t used;
	for (size_t left = strlen(text); left > 0; text += used, left -= used) {
		uint32_t c = text_decode(text, left, &used);
		if (c == '\t' || c == '\n' || c == '\r')
			c = ' ';
		if (c >= 32 && c != 0x7f && (c < 0x80 || c >= 0xa0))
			insert(edit, c);
	}
}

void lineedit_draw(const struct lineedit *edit, struct cells *cells, int col, int row, int width)
{
	char head[LINEEDIT_MAX];
	size_t from = 0;
	int columns;
	if (width < 1)
		return;
	/* Leave out characters on the left until the caret fits. */
	for (;;) {
		(void)str_copy(head, sizeof head, edit->text + from);
		head[edit->caret - from] = '\0';
		columns = cells_width(cells->tier, head);
		if (columns < width)
			break;
		from = after(edit, from);
	}
	for (int i = 0; i < width; i++)
		cells_text(cells, col + i, row, 1, " ", PAINT_TEXT, 0);
	cells_text(cells, col, row, width, edit->text + from, PAINT_TEXT, 0);
	cells_mark(cells, col, row, width, ATTR_UNDERLINE);
	cells->cursor_col = col + columns;
	cells->cursor_row = row;
}
