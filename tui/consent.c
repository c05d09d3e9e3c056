/* Getting an owner's consent. */
#include "tui/consent.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/figures.h"
#include "tui/keys.h"
#include "tui/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 1000 };

static void end_failed(struct consent *consent, const char *why)
{
	(void)str_copy(consent->fault, sizeof consent->fault, why);
	consent->active = false;
	consent->desk->dirty = true;
}

static void on_begun(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct consent *consent = owner;
	(void)tag;
	if (!answer->result) {
		end_failed(consent, answer->message);
		return;
	}
	(void)str_copy(consent->attempt_id, sizeof consent->attempt_id, remote_text(answer->result, "attempt_id"));
	(void)str_copy(consent->short_url, sizeof consent->short_url, remote_text(answer->result, "short_url"));
	(void)str_copy(consent->state, sizeof consent->state, "created");
	free(consent->url);
	consent->url = mem_strdup(remote_text(answer->result, "authorization_url"));
	consent->expires_at = remote_time(answer->result, "expires_at");
	consent->active = true;
	consent->poll_at = desk_now(consent->desk) + POLL_MS;
	consent->desk->dirty = true;
}

static void begin(struct consent *consent, const char *workspace, const char *provider)
{
	json_t *params = json_pack("{s:s,s:s}", "workspace", workspace, "provider", provider);
	if (consent->connection.id[0]) {
		json_object_set_new(params, "connection", json_string(consent->connection.id));
		json_object_set_new(params, "login_hint", json_string(consent->connection.name));
	}
	if (!remote_call(&consent->desk->remote, "oauth.begin", params, on_begun, consent, NULL))
		end_failed(consent, "Not connected to the daemon.");
}

static void on_connection(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct consent *consent = owner;
	(void)tag;
	if (!answer->result) {
		end_failed(consent, answer->message);
		return;
	}
	(void)str_copy(consent->connection.name, sizeof consent->connection.name, remote_text(answer->result, "account_email"));
	begin(consent, remote_text(answer->result, "workspace_id"), remote_text(answer->result, "provider"));
}

void consent_open(struct consent *consent, const struct object *workspace, const struct object *connection)
{
	struct desk *desk = consent->desk;
	remote_forget(&desk->remote, consent);
	consent_free(consent);
	*consent = (struct consent){ .desk = desk, .visible = true, .opened_at = desk_now(desk) };
	if (workspace)
		consent->workspace = *workspace;
	if (!connection) {
		/* The only provider there is. */
		begin(consent, consent->workspace.id, "google");
		return;
	}
	consent->connection = *connection;
	if (!remote_call(&desk->remote, "connection.get", json_pack("{s:s}", "id", connection->id), on_connection, consent, NULL))
		end_failed(consent, "Not connected to the daemon.");
}

static bool is_over(const char *state)
{
	static const char *const over[] = { "done", "failed", "expired", "cancelled" };
	for (size_t i = 0; i < sizeof over / sizeof over[0]; i++)
		if (strcmp(over[i], state) == 0)
			return true;
	return false;
}

static void on_status(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct consent *consent = owner;
	const char *state = remote_text(answer->result, "state");
	const json_t *error = json_object_get(answer->result, "error");
	const char *who = consent->connection.id[0] ? consent->connection.name : consent->workspace.name;
	(void)tag;
	if (!answer->result || strcmp(state, consent->state) == 0)
		return;
	(void)str_copy(consent->state, sizeof consent->state, state);
	consent->desk->dirty = true;
	if (!is_over(state))
		return;
	consent->active = false;
	if (strcmp(state, "done") == 0) {
		desk_say(consent->desk, TOAST_OK, "✓ Connected (%s)", who);
		return;
	}
	(void)snprintf(consent->fault, sizeof consent->fault, "The attempt is %s. %s", state, remote_text(error, "message"));
	desk_say(consent->desk, TOAST_ERROR, "✗ Connecting (%s): %s %s", who, state, remote_text(error, "message"));
}

void consent_tick(struct consent *consent)
{
	int64_t now = desk_now(consent->desk);
	if (!consent->active || now < consent->poll_at || !link_is_live(&consent->desk->link))
		return;
	consent->poll_at = now + POLL_MS;
	(void)remote_call(&consent->desk->remote, "oauth.status", json_pack("{s:s}", "attempt_id", consent->attempt_id), on_status, consent,
	                  NULL);
}

static void show_plain(struct consent *consent)
{
	struct buf text = { 0 };
	/* The addresses alone on their lines: that is what makes them copyable. */
	buf_printf(&text, "Short link:\n\n%s\n\nThe same in full:\n\n%s\n", consent->short_url, consent->url ? consent->url : "");
	free(consent->desk->plain);
	consent->desk->plain = text.data;
}

void consent_key(struct consent *consent, uint32_t key)
{
	struct desk *desk = consent->desk;
	bool ready = consent->short_url[0] != '\0';
	if (key == K_ESC || key == 'q' || (key == K_ENTER && !consent->active)) {
		consent->visible = false;
		if (consent->active)
			desk_say(desk, TOAST_INFO, "Still waiting for the consent; a message will say how it ends");
	} else if (key == 'p' && ready) {
		show_plain(consent);
	} else if ((key == 'y' || key == 'Y') && ready) {
		free(desk->copy);
		desk->copy = mem_strdup(key == 'y' ? consent->short_url : consent->url);
		desk_say(desk, TOAST_OK, "Sent to the terminal's clipboard; if pasting gives nothing, p shows it plainly");
	}
}

static const char *progress(const struct consent *consent)
{
	if (consent->fault[0])
		return consent->fault;
	if (!consent->state[0])
		return "◐ asking the daemon for a link …";
	if (strcmp(consent->state, "created") == 0)
		return "◐ waiting: nobody has opened the link yet";
	if (strcmp(consent->state, "opened") == 0)
		return "◐ the link was opened; waiting for the consent";
	if (strcmp(consent->state, "returned") == 0)
		return "◐ the consent came back; calendars are being fetched";
	return strcmp(consent->state, "done") == 0 ? "✓ connected" : consent->state;
}

void consent_draw(const struct consent *consent, struct cells *cells)
{
	char text[700], span[48];
	int width = cells->cols < 98 ? cells->cols - 2 : 96, height = cells->rows < 12 ? cells->rows : 12;
	struct rect area = { (cells->cols - width) / 2, (cells->rows - height) / 2, width, height };
	if (consent->connection.id[0])
		(void)snprintf(text, sizeof text, "Reconnect %s", consent->connection.name);
	else
		(void)snprintf(text, sizeof text, "Connect a calendar account · workspace %s", consent->workspace.name);
	struct rect inside = figure_box(cells, area, text);
	int row = inside.row, last = inside.row + inside.rows - 1;
	if (consent->short_url[0]) {
		(void)snprintf(text, sizeof text, "Send this link to the account's owner. It works until %s.",
		               when_local(consent->expires_at, span, sizeof span));
		cells_fit(cells, inside.col, row, inside.cols, text, PAINT_TEXT, 0);
		bool fits = cells_width(cells->tier, consent->short_url) <= inside.cols;
		cells_fit(cells, inside.col, row + 2, inside.cols,
		          fits ? consent->short_url : "The link is too long for this window: p shows it on the plain screen.", PAINT_ACCENT, 0);
		(void)snprintf(text, sizeof text, "The full address has %zu characters and would wrap: p shows it raw.",
		               consent->url ? strlen(consent->url) : 0);
		cells_fit(cells, inside.col, row + 4, inside.cols, text, PAINT_DIM, 0);
	}
	cells_fit(cells, inside.col, last - 2, inside.cols, progress(consent), consent->fault[0] ? PAINT_ERROR : PAINT_TEXT, 0);
	cells_fit(cells, inside.col, last, inside.cols, "p plain view   y copy short   Y copy full   Esc close (it keeps waiting)", PAINT_DIM, 0);
	cells->cursor_col = inside.col;
	cells->cursor_row = last - 2;
}

void consent_free(struct consent *consent)
{
	free(consent->url);
	consent->url = NULL;
}
