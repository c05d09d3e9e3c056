/* The text of an answer. */
#include "daemon/http/reply.h"

#include "ipc/base/timefmt.h"

#include <stdbool.h>

static const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{ 200, "OK" },
		{ 204, "No Content" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (texts[i].status == status)
			return texts[i].text;
	return "Status";
}

static bool is_header_value(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110 section 5.6.7 */
static void add_date(struct buf *out, int64_t now_ms)
{
	static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t seconds = now_ms > 0 ? now_ms / 1000 : 0, year;
	int month, day, in_day = (int)(seconds % 86400);
	time_civil_from_days(seconds / 86400, &year, &month, &day);
	buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[seconds / 86400 % 7], day, months[month - 1],
	           (int)year, in_day / 3600, in_day / 60 % 60, in_day % 60);
}

void reply_format(struct buf *out, int status, const char *content_type, const struct buf *body, const char *location,
                  int64_t now_ms)
{
	if (!is_header_value(content_type) || (location && !is_header_value(location))) {
		status = 500;
		content_type = "text/plain; charset=utf-8";
		location = NULL;
		body = NULL;
	}
	buf_printf(out, "HTTP/1.1 %d %s\r\n", status, status_text(status));
	add_date(out, now_ms);
	buf_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type, body ? body->len : 0);
	if (location)
		buf_printf(out, "Location: %s\r\n", location);
	if (status == 405)
		buf_add_text(out, "Allow: GET\r\n");
	buf_add_text(out, "Connection: close\r\n"
	                  "Cache-Control: no-store\r\n"
	                  "Referrer-Policy: no-referrer\r\n"
	                  "X-Content-Type-Options: nosniff\r\n"
	                  "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; "
	                  "frame-ancestors 'none'\r\n"
	                  "\r\n");
	if (body)
		buf_add(out, buf_text(body), body->len);
}

void reply_refusal(struct buf *out, int status, int64_t now_ms)
{
	struct buf body = { 0 };
	buf_printf(&body, "%d %s\n", status, status_text(status));
	reply_format(out, status, "text/plain; charset=utf-8", &body, NULL, now_ms);
	buf_free(&body);
}
