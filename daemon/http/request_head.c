/* The head of a request. */
#include "daemon/http/request_head.h"

#include "ipc/base/strutil.h"

#include <string.h>
#include <strings.h>

/* What was seen of the fields that matter. */
struct seen {
	int count, hosts, lengths;
	bool accepts_json, accepts_html;
};

/* RFC 9110 section 5.6.2 */
static size_t token_len(const char *text)
{
	return strspn(text, "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/* Refuse at once what no request can become by more bytes: controls, and line ends that are not CR LF. */
static bool bytes_are_clean(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		bool ok = (c >= ' ' && c != 0x7f) || c == '\t';
		if (c == '\r')
			ok = i + 1 == len || bytes[i + 1] == '\n';
		else if (c == '\n')
			ok = i > 0 && bytes[i - 1] == '\r';
		if (!ok)
			return false;
	}
	return true;
}

/* Origin-form only, and a path that means what it says. */
static bool target_is_plain(const char *target, size_t len)
{
	if (target[0] != '/')
		return false;
	for (size_t i = 0; i < len; i++)
		if (target[i] <= ' ' || target[i] > '~' || strchr("\"#<>\\", target[i]))
			return false;
	const char *mark = memchr(target, '?', len);
	size_t path_len = mark ? (size_t)(mark - target) : len;
	for (size_t at = 0; at < path_len;) {
		size_t start = ++at;
		while (at < path_len && target[at] != '/')
			at++;
		size_t segment = at - start;
		bool dots = segment > 0 && segment <= 2 && strspn(target + start, ".") >= segment;
		if (dots || (segment == 0 && at < path_len))
			return false;
	}
	return true;
}

/* Status of the request line (without its CR LF), 200 if it is fine. */
static int line_check(const char *line, size_t len)
{
	size_t method = token_len(line);
	if (method == 0 || line[method] != ' ')
		return 400;
	const char *target = line + method + 1;
	const char *blank = memchr(target, ' ', len - method - 1);
	if (!blank)
		return 400;
	size_t target_len = (size_t)(blank - target), version_len = len - (size_t)(blank + 1 - line);
	if (version_len != 8 || strncmp(blank + 1, "HTTP/", 5) != 0 || blank[7] != '.' || !strchr("0123456789", blank[6]) ||
	    !strchr("0123456789", blank[8]))
		return 400;
	if (blank[6] != '1')
		return 505;
	if (method != 3 || strncmp(line, "GET", 3) != 0)
		return 405;
	return target_is_plain(target, target_len) ? 200 : 400;
}

static bool names_type(const char *value, const char *type)
{
	for (size_t len = strlen(type); *value; value++)
		if (strncasecmp(value, type, len) == 0)
			return true;
	return false;
}

/* One field line, NUL-terminated; status 200 if it is fine. */
static int field_parse(char *line, struct seen *seen, struct request_head *out)
{
	size_t name = token_len(line);
	if (++seen->count > REQUEST_HEADERS_MAX)
		return 431;
	if (name == 0 || line[name] != ':')
		return 400;
	line[name] = '\0';
	const char *value = str_trim(line + name + 1);
	if (strcasecmp(line, "host") == 0) {
		out->host = value;
		seen->hosts++;
	} else if (strcasecmp(line, "content-length") == 0) {
		seen->lengths++;
		if (!str_equal(value, "0"))
			return value[0] && value[strspn(value, "0123456789")] == '\0' ? 413 : 400;
	} else if (strcasecmp(line, "transfer-encoding") == 0) {
		return 400;
	} else if (strcasecmp(line, "accept") == 0) {
		seen->accepts_json |= names_type(value, "application/json");
		seen->accepts_html |= names_type(value, "text/html");
	}
	return 200;
}

static int fields_parse(char *at, const char *end, struct request_head *out)
{
	struct seen seen = { 0 };
	while (at < end) {
		char *line_end = strstr(at, "\r\n");
		*line_end = '\0';
		int status = field_parse(at, &seen, out);
		if (status != 200)
			return status;
		at = line_end + 2;
	}
	if (seen.hosts != 1 || seen.lengths > 1)
		return 400;
	out->wants_json = seen.accepts_json && !seen.accepts_html;
	return 200;
}

int request_head_parse(char *bytes, size_t len, struct request_head *out)
{
	*out = (struct request_head){ 0 };
	const char *head_end = memmem(bytes, len, "\r\n\r\n", 4);
	size_t head_len = head_end ? (size_t)(head_end - bytes) + 4 : len;
	if (!bytes_are_clean(bytes, head_len))
		return 400;
	char *line_end = memmem(bytes, head_len, "\r\n", 2);
	if (!line_end)
		return len >= REQUEST_HEAD_MAX ? 414 : 0;
	int status = line_check(bytes, (size_t)(line_end - bytes));
	if (status != 200)
		return status;
	if (head_len > REQUEST_HEAD_MAX || (!head_end && len >= REQUEST_HEAD_MAX))
		return 431;
	if (!head_end)
		return 0;
	char *target = bytes + 4, *blank = strchr(target, ' ');
	*blank = '\0';
	out->path = target;
	char *mark = strchr(target, '?');
	if (mark) {
		*mark = '\0';
		out->query = mark + 1;
	}
	/* The last field's line ends where the empty one begins. */
	return fields_parse(line_end + 2, head_end + 2, out);
}
