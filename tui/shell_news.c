/* What the daemon and the link bring. */
#include "tui/shell_news.h"

#include "ipc/base/strutil.h"

#include <string.h>

/* Everything that is shown is asked for again; what is not shown when it is. */
static void reload_all(struct shell *shell)
{
	struct view *top = view_stack_top(&shell->desk.stack);
	for (int i = 0; i < SCREENS_ROOTS; i++)
		if (shell->roots[i])
			shell->roots[i]->stale = true;
	for (size_t i = 0; i < shell->desk.stack.depth; i++)
		shell->desk.stack.views[i]->stale = true;
	top->stale = false;
	top->ops->reload(top);
}

static void on_subscribed(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct shell *shell = owner;
	(void)tag;
	if (remote_is(answer, "lost"))
		return;
	shell->desk.notices = answer->result != NULL;
	reload_all(shell);
	ops_check(&shell->ops);
}

static void on_info(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct shell *shell = owner;
	struct desk *desk = &shell->desk;
	bool again = desk->link.lost_at > 0 && desk->link.heard_at > 0;
	(void)tag;
	if (remote_is(answer, "lost"))
		return;
	if (!answer->result) {
		link_denied(&desk->link, answer->message);
		desk->dirty = true;
		return;
	}
	link_greeted(&desk->link, (int)remote_number(answer->result, "protocol"), desk_now(desk));
	desk->dirty = true;
	if (!link_is_live(&desk->link))
		return;
	const struct view *top = view_stack_top(&desk->stack);
	desk->announce = again && top->ops->filter;
	if (again && !desk->announce)
		desk_say(desk, TOAST_OK, "✓ reconnected");
	/* First listen, then look: nothing falls between. */
	json_t *topics = json_pack("{s:[s,s,s,s,s,s,s]}", "topics", "workspace", "connection", "calendar", "configuration", "job",
	                           "sync_error", "event");
	(void)remote_call(&desk->remote, "notice.subscribe", topics, on_subscribed, shell, NULL);
}

void shell_news_connected(struct shell *shell)
{
	link_connected(&shell->desk.link);
	shell->desk.notices = false;
	shell->desk.dirty = true;
	(void)remote_call(&shell->desk.remote, "system.info", NULL, on_info, shell, NULL);
}

void shell_news_lost(struct shell *shell, const struct err *why, int64_t retry_at)
{
	link_lost(&shell->desk.link, why, retry_at, desk_now(&shell->desk));
	shell->desk.dirty = true;
}

/* An open question is about something that changes: is it still the question? */
static void on_pinned(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct dialog *dialog = owner;
	if (!dialog->open || strcmp(dialog->object.id, tag) != 0)
		return;
	if (remote_is(answer, "not_found"))
		dialog_refuse(dialog, "It is gone meanwhile: there is nothing left to do. Esc closes.");
	else if (answer->result && strcmp(remote_text(answer->result, "state"), "disconnected") == 0)
		dialog_refuse(dialog, "It was disconnected meanwhile: there is nothing left to do. Esc closes.");
}

static void tell(struct shell *shell, const char *topic, const char *id, const char *workspace_id)
{
	struct view *top = view_stack_top(&shell->desk.stack);
	for (int i = 0; i < SCREENS_ROOTS; i++)
		if (shell->roots[i] && shell->roots[i] != top)
			shell->roots[i]->stale = true;
	for (size_t i = 0; i + 1 < shell->desk.stack.depth; i++)
		shell->desk.stack.views[i]->stale = true;
	top->ops->notice(top, topic, id);
	/* A workspace counts its connections. */
	if (strcmp(topic, "connection") == 0 && *workspace_id)
		top->ops->notice(top, "workspace", workspace_id);
	if (shell->dialog.open && strcmp(shell->dialog.object.id, id) == 0)
		(void)remote_call(&shell->desk.remote, "connection.get", json_pack("{s:s}", "id", id), on_pinned, &shell->dialog, id);
}

void shell_news_message(struct shell *shell, const json_t *message)
{
	const json_t *params = json_object_get(message, "params"), *error = json_object_get(message, "error");
	if (error) {
		if (strcmp(remote_text(json_object_get(error, "data"), "code"), "denied") == 0)
			link_denied(&shell->desk.link, remote_text(error, "message"));
		shell->desk.dirty = true;
		return;
	}
	if (strcmp(remote_text(message, "method"), "notice") != 0)
		return;
	link_heard(&shell->desk.link, desk_now(&shell->desk));
	if (strcmp(remote_text(params, "topic"), "resync") == 0)
		reload_all(shell);
	else
		tell(shell, remote_text(params, "topic"), remote_text(params, "id"), remote_text(params, "workspace_id"));
}
