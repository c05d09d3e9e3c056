/* Pages. */
#include "daemon/rpc/page.h"

#include "ipc/base/strutil.h"
#include "ipc/base/text.h"

static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&': buf_add_text(out, "&amp;"); break;
		case '<': buf_add_text(out, "&lt;"); break;
		case '>': buf_add_text(out, "&gt;"); break;
		case '"': buf_add_text(out, "&quot;"); break;
		case '\'': buf_add_text(out, "&#39;"); break;
		default: buf_add_char(out, *text);
		}
	}
}

static void page_begin(struct buf *out, const char *title)
{
	buf_printf(out,
	           "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	           "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n"
	           "<title>%s</title>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n<p>",
	           title, title);
}

static void page_end(struct buf *out)
{
	buf_add_text(out, "</p>\n</main>\n</body>\n</html>\n");
}

void page_connected(struct buf *out, const char *email, int64_t calendars, const char *left_out)
{
	char shown[512];
	(void)text_display(shown, sizeof shown, email, strlen(email));
	page_begin(out, "Connected");
	buf_add_text(out, "<strong>");
	add_escaped(out, shown);
	buf_add_text(out, "</strong> is connected");
	if (calendars > 0)
		buf_printf(out, ", with %lld calendar%s.", (long long)calendars, calendars == 1 ? "" : "s");
	else if (left_out[0] == '\0')
		buf_add_text(out, ". Its calendars will be here in a few minutes.");
	else
		buf_add_char(out, '.');
	if (left_out[0] == '\0') {
		buf_add_text(out, " You can close this window.");
	} else {
		buf_add_text(out, "</p>\n<p>Something is missing: ");
		add_escaped(out, left_out);
		buf_add_text(out, ". If that was a mistake, ask for a new link and leave every box ticked.");
	}
	page_end(out);
}

static const struct {
	const char *code, *title, *text;
} failures[] = {
	{ "access_denied", "Not connected",
	  "The consent was declined, so nothing was connected. If that was a mistake, ask for a new link." },
	{ "bad_state", "This link is over", "It was used already, or it is too old. Ask for a new link." },
	{ "bad_redirect", "Not connected", "The address was incomplete. Open the link again, or ask for a new one." },
	{ "account_mismatch", "Another account was chosen",
	  "This link is for a different account than the one that consented. Nothing was changed. Ask for a new link, and choose "
	  "the account it is meant for." },
	{ "grant_incomplete", "The consent was incomplete",
	  "The provider gave no lasting permission. Remove this app in the security settings of your account, then ask for a new "
	  "link." },
	{ "provider_down", "The provider did not answer", "Nothing was connected. Ask for a new link in a few minutes." },
	{ "rate_user", "The provider is busy", "Nothing was connected. Ask for a new link in a few minutes." },
	{ "rate_project", "The provider is busy", "Nothing was connected. Ask for a new link in a few minutes." },
	{ "usage_limit", "The provider is busy", "Nothing was connected. Ask for a new link in some hours." },
	{ "app_misconfigured", "This installation needs attention",
	  "The provider does not accept it. Tell its administrator, and ask for a new link later." },
	{ "sealed", "This installation needs attention",
	  "It cannot keep anything safe at the moment. Tell its administrator, and ask for a new link later." },
	{ "store_failed", "Could not be saved",
	  "Tell the administrator of this installation, and ask for a new link later." },
};

void page_not_connected(struct buf *out, const char *code)
{
	const char *title = "Not connected", *text = "The provider refused. Nothing was connected. Ask for a new link.";
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		if (!str_equal(failures[i].code, code))
			continue;
		title = failures[i].title;
		text = failures[i].text;
	}
	page_begin(out, title);
	buf_add_text(out, text);
	page_end(out);
}

void page_not_found(struct buf *out)
{
	page_begin(out, "Nothing here");
	buf_add_text(out, "There is nothing at this address.");
	page_end(out);
}
