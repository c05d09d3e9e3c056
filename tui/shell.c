/* The console without a terminal: what keys do. */
#include "tui/shell.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/keys.h"
#include "tui/overlay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct view *top(const struct shell *shell)
{
	return view_stack_top(&shell->desk.stack);
}

static void show_tab(struct shell *shell, int index)
{
	if (!shell->roots[index])
		shell->roots[index] = screens_new(&shell->desk, index);
	shell->tab = index;
	view_stack_root(&shell->desk.stack, shell->roots[index]);
}

void shell_init(struct shell *shell, const struct clock *clock, const struct remote_wire *wire, bool read_only)
{
	*shell = (struct shell){ .desk = { .clock = clock, .read_only = read_only, .dirty = true } };
	shell->desk.remote.wire = *wire;
	shell->ops.desk = &shell->desk;
	shell->consent.desk = &shell->desk;
	show_tab(shell, 0);
}

void shell_free(struct shell *shell)
{
	view_stack_root(&shell->desk.stack, shell->roots[shell->tab]);
	for (int i = 0; i < SCREENS_ROOTS; i++)
		if (shell->roots[i])
			shell->roots[i]->ops->close(shell->roots[i]);
	consent_free(&shell->consent);
	remote_free(&shell->desk.remote);
	names_free(&shell->desk.names);
	doc_free(&shell->overlay);
	free(shell->desk.plain);
	free(shell->desk.copy);
	free(shell->dump);
}

/* ---- Actions on objects ---------------------------------------------------------------------------------------------- */

/* Says why not. */
static bool guard(struct shell *shell, const struct action_row *row, struct object *object)
{
	struct desk *desk = &shell->desk;
	struct view *view = top(shell);
	if (row->guard & GUARD_CHANGES && desk->read_only) {
		desk_say(desk, TOAST_WARN, "Read-only: %s is switched off", row->name);
		return false;
	}
	if (row->guard & GUARD_LIVE && !link_is_live(&desk->link)) {
		desk_say(desk, TOAST_WARN, "Not connected to the daemon: %s was not sent, nor is it kept for later", row->name);
		return false;
	}
	if (row->guard & GUARD_SELECTION && !view->ops->selected(view, object)) {
		desk_say(desk, TOAST_WARN, "Nothing is selected to %s", row->name);
		return false;
	}
	return true;
}

static size_t count_marked(const struct view *view)
{
	struct object object;
	size_t count = 0;
	while (view->ops->marked && view->ops->marked(view, count, &object))
		count++;
	return count;
}

static void start(struct shell *shell, enum action action, const struct object *object)
{
	struct view *view = top(shell);
	struct object each;
	size_t marked = count_marked(view);
	if (marked == 0) {
		ops_start(&shell->ops, action, object);
		return;
	}
	for (size_t i = 0; i < marked && view->ops->marked(view, i, &each); i++)
		ops_start(&shell->ops, action, &each);
	desk_say(&shell->desk, TOAST_INFO, "◐ %zu marked connections; M shows what comes of each", marked);
}

static void ask(struct shell *shell, const struct action_row *row, const struct object *object)
{
	char title[240];
	struct dialog *dialog = &shell->dialog;
	size_t marked = count_marked(top(shell));
	if (marked > 0) {
		desk_say(&shell->desk, TOAST_WARN, "%s works on one connection at a time: u takes the %zu marks away", row->name, marked);
		return;
	}
	bool resume = row->action == ACTION_PAUSE && strcmp(object->state, "paused") == 0;
	const char *verb = row->action == ACTION_DISCONNECT ? "Disconnect" : resume ? "Resume" : "Pause";
	(void)snprintf(title, sizeof title, "%s this connection?", verb);
	dialog_open(dialog, row, object, title, verb, desk_now(&shell->desk));
	if (row->action == ACTION_DISCONNECT) {
		dialog_add(dialog, "• the daemon forgets its tokens; the last user of a consent revokes it");
		dialog_add(dialog, "• its calendars stop; only a new consent of the owner brings them back");
		ops_ask_effects(&shell->ops, dialog);
	} else {
		dialog_add(dialog, resume ? "• tokens and calendars are kept up to date again"
		                          : "• nothing is refreshed or synchronised until it is resumed");
	}
}

static void connect_account(struct shell *shell, const struct object *connection)
{
	struct view *view = top(shell);
	struct object workspace = { 0 };
	bool known = view->ops->workspace && view->ops->workspace(view, &workspace);
	if (!known && !connection) {
		desk_say(&shell->desk, TOAST_WARN, "Connect into which workspace? Choose one on screen 2 and press c there");
		return;
	}
	consent_open(&shell->consent, known ? &workspace : NULL, connection);
}

static void copy_id(struct shell *shell, const struct object *object)
{
	free(shell->desk.copy);
	shell->desk.copy = mem_strdup(object->id);
	desk_say(&shell->desk, TOAST_OK, "Sent %s to the terminal's clipboard; if pasting gives nothing, J shows it plainly", object->id);
}

/* ---- Actions on the console ------------------------------------------------------------------------------------------ */

static void go_back(struct shell *shell, uint32_t key)
{
	struct view *view = top(shell);
	bool filtered = view->ops->filter && view->ops->filter_text(view)[0];
	if (key == K_ESC && filtered)
		view->ops->filter(view, "");
	else if (!view_stack_pop(&shell->desk.stack) && key != K_ESC && key != K_BACKSPACE)
		shell->desk.quit = true;
}

static void open_filter(struct shell *shell)
{
	struct view *view = top(shell);
	if (!view->ops->filter)
		return;
	shell->mode = MODE_FILTER;
	lineedit_set(&shell->edit, view->ops->filter_text(view));
}

static void reload(struct shell *shell)
{
	if (link_is_live(&shell->desk.link))
		top(shell)->ops->reload(top(shell));
	else if (shell->retry)
		shell->retry(shell->retry_arg);
}

static void act_on_console(struct shell *shell, enum action action, uint32_t key)
{
	switch (action) {
	case ACTION_NEXT_TAB: show_tab(shell, (shell->tab + 1) % SCREENS_ROOTS); break;
	case ACTION_PREVIOUS_TAB: show_tab(shell, (shell->tab + SCREENS_ROOTS - 1) % SCREENS_ROOTS); break;
	case ACTION_BACK: go_back(shell, key); break;
	case ACTION_FILTER: open_filter(shell); break;
	case ACTION_RELOAD: reload(shell); break;
	case ACTION_PALETTE:
		shell->mode = MODE_PALETTE;
		lineedit_set(&shell->edit, "");
		shell->completing[0] = '\0';
		break;
	case ACTION_HELP:
		shell->mode = MODE_HELP;
		shell->overlay.cursor[0] = '\0';
		shell->overlay.top = shell->overlay.cursor_at = 0;
		overlay_help(&shell->overlay, top(shell)->ops->screen, shell->desk.read_only);
		break;
	case ACTION_MESSAGES:
		shell->mode = MODE_MESSAGES;
		shell->overlay.cursor[0] = '\0';
		shell->overlay.top = shell->overlay.cursor_at = 0;
		break;
	case ACTION_REDRAW: shell->desk.redraw = true; break;
	case ACTION_QUIT: shell->desk.quit = true; break;
	default:
		if (action >= ACTION_TAB_1 && action <= ACTION_TAB_7)
			show_tab(shell, (int)action - ACTION_TAB_1);
	}
}

static void run(struct shell *shell, const struct action_row *row, uint32_t key)
{
	struct object object = { 0 };
	if (!guard(shell, row, &object) || top(shell)->ops->act(top(shell), row->action))
		return;
	switch (row->action) {
	case ACTION_REFRESH: case ACTION_TEST: case ACTION_ACKNOWLEDGE: start(shell, row->action, &object); break;
	case ACTION_PAUSE: case ACTION_DISCONNECT: ask(shell, row, &object); break;
	case ACTION_RECONNECT: connect_account(shell, &object); break;
	case ACTION_CONNECT: connect_account(shell, NULL); break;
	case ACTION_COPY_ID: copy_id(shell, &object); break;
	case ACTION_RAW: ops_show_raw(&shell->ops, &object); break;
	default: act_on_console(shell, row->action, key);
	}
}

/* ---- Modes ----------------------------------------------------------------------------------------------------------- */

static void filter_key(struct shell *shell, uint32_t key)
{
	struct view *view = top(shell);
	switch (key) {
	case K_ENTER: shell->mode = MODE_NORMAL; return;
	case K_UP: (void)view->ops->act(view, ACTION_UP); return;
	case K_DOWN: (void)view->ops->act(view, ACTION_DOWN); return;
	case K_ESC:
		view->ops->filter(view, "");
		shell->mode = MODE_NORMAL;
		return;
	case K_BACKSPACE:
		if (shell->edit.len == 0) {
			shell->mode = MODE_NORMAL;
			return;
		}
		break;
	default: break;
	}
	if (lineedit_key(&shell->edit, key) && strcmp(shell->edit.text, view->ops->filter_text(view)) != 0)
		view->ops->filter(view, shell->edit.text);
}

static void run_command(struct shell *shell)
{
	char *text = str_trim(shell->edit.text);
	shell->mode = MODE_NORMAL;
	if (*text == '\0')
		return;
	(void)str_copy(shell->last_command, sizeof shell->last_command, text);
	if (str_starts_with(text, "dump ")) {
		free(shell->dump);
		shell->dump = mem_strdup(str_trim(text + 5));
		return;
	}
	const struct action_row *row = action_by_name(text, top(shell)->ops->screen);
	if (row)
		run(shell, row, 0);
	else
		desk_say(&shell->desk, TOAST_WARN, "There is no command %s here; ? lists them", text);
}

static void complete(struct shell *shell)
{
	if (!shell->completing[0]) {
		(void)str_copy(shell->completing, sizeof shell->completing, shell->edit.text);
		shell->completion = 0;
	}
	enum screen screen = top(shell)->ops->screen;
	const struct action_row *row = action_complete(shell->completing, screen, shell->completion++);
	if (!row) {
		shell->completion = 1;
		row = action_complete(shell->completing, screen, 0);
	}
	if (row)
		lineedit_set(&shell->edit, row->name);
}

static void palette_key(struct shell *shell, uint32_t key)
{
	if (key == K_TAB) {
		complete(shell);
		return;
	}
	shell->completing[0] = '\0';
	if (key == K_ENTER)
		run_command(shell);
	else if (key == K_ESC || (key == K_BACKSPACE && shell->edit.len == 0))
		shell->mode = MODE_NORMAL;
	else if (key == K_UP)
		lineedit_set(&shell->edit, shell->last_command);
	else
		(void)lineedit_key(&shell->edit, key);
}

static void overlay_key(struct shell *shell, uint32_t key)
{
	struct doc *doc = &shell->overlay;
	const struct action_row *row = action_by_key(key, SCREEN_OVERVIEW);
	int64_t page = doc->height > 2 ? (int64_t)doc->height - 2 : 1;
	bool help = shell->mode == MODE_HELP;
	if (key == K_ESC || key == 'q' || key == '?' || key == K_BACKSPACE) {
		shell->mode = MODE_NORMAL;
		return;
	}
	if (key == K_ENTER) {
		row = help ? action_by_name(doc->cursor, top(shell)->ops->screen) : NULL;
		shell->mode = MODE_NORMAL;
		if (row)
			run(shell, row, 0);
		return;
	}
	switch (row ? row->action : ACTION_NONE) {
	case ACTION_UP: doc_move(doc, -1); break;
	case ACTION_DOWN: doc_move(doc, 1); break;
	case ACTION_PAGE_UP: doc_move(doc, -page); break;
	case ACTION_PAGE_DOWN: doc_move(doc, page); break;
	case ACTION_FIRST: doc_move(doc, -(int64_t)doc->count); break;
	case ACTION_LAST: doc_move(doc, (int64_t)doc->count); break;
	default: break;
	}
}

static void dialog_answered(struct shell *shell, uint32_t key)
{
	struct dialog *dialog = &shell->dialog;
	enum dialog_answer answer = dialog_key(dialog, key, desk_now(&shell->desk));
	if (answer == DIALOG_STAYS)
		return;
	dialog->open = false;
	if (answer == DIALOG_CANCELLED)
		desk_say(&shell->desk, TOAST_INFO, "Nothing was done to %s", dialog->object.name);
	else if (!link_is_live(&shell->desk.link))
		desk_say(&shell->desk, TOAST_WARN, "Not connected to the daemon: nothing was sent, nor is it kept for later");
	else
		ops_start(&shell->ops, dialog->action, &dialog->object);
}

static void paste(struct shell *shell, const char *text)
{
	if (shell->dialog.open) {
		dialog_paste(&shell->dialog, text, desk_now(&shell->desk));
	} else if (!shell->consent.visible && (shell->mode == MODE_FILTER || shell->mode == MODE_PALETTE)) {
		lineedit_paste(&shell->edit, text);
		if (shell->mode == MODE_FILTER)
			top(shell)->ops->filter(top(shell), shell->edit.text);
	} else {
		desk_say(&shell->desk, TOAST_WARN, "Pasted text was ignored: no field is open");
	}
}

void shell_key(struct shell *shell, uint32_t key, const char *text)
{
	shell->desk.dirty = true;
	if (key == K_PASTE) {
		paste(shell, text);
		return;
	}
	toast_key(&shell->desk.toasts);
	if (shell->too_small) {
		if (key == 'q' || key == 'Q')
			shell->desk.quit = true;
		return;
	}
	if (shell->dialog.open)
		dialog_answered(shell, key);
	else if (shell->consent.visible)
		consent_key(&shell->consent, key);
	else if (shell->mode == MODE_FILTER)
		filter_key(shell, key);
	else if (shell->mode == MODE_PALETTE)
		palette_key(shell, key);
	else if (shell->mode == MODE_HELP || shell->mode == MODE_MESSAGES)
		overlay_key(shell, key);
	else {
		const struct action_row *row = action_by_key(key, top(shell)->ops->screen);
		if (row)
			run(shell, row, key);
	}
}

void shell_tick(struct shell *shell)
{
	top(shell)->ops->tick(top(shell));
	consent_tick(&shell->consent);
}
