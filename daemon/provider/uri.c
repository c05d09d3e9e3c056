/* URLs of provider requests. */
#include "daemon/provider/uri.h"

#include <string.h>

static void add_escaped(struct buf *url, const char *text)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	for (; *text; text++) {
		if (strchr(unreserved, *text))
			buf_add_char(url, *text);
		else
			buf_printf(url, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

void uri_add_query(struct buf *url, const char *name, const char *value)
{
	buf_add_char(url, strchr(buf_text(url), '?') ? '&' : '?');
	add_escaped(url, name);
	buf_add_char(url, '=');
	add_escaped(url, value);
}

bool uri_add_segment(struct buf *url, const char *segment)
{
	if (!*segment || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
		return false;
	buf_add_char(url, '/');
	add_escaped(url, segment);
	return true;
}
