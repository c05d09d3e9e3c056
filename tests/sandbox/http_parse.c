/*
 * Parsing of a request's head, in place.
 * Ownership: struct http_head owns the block it was given; all its texts point into it.
 */
#include "tests/sandbox/http_parse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool http_is_token(const char *text)
{
	static const char extra[] = "!#$%&'*+-.^_`|~";

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		bool alnum = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
		             (*text >= '0' && *text <= '9');

		if (!alnum && strchr(extra, *text) == NULL)
			return false;
	}
	return true;
}

/* Visible ASCII only: everything else must come percent-encoded. */
static bool http_is_visible(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text >= 0x7f)
			return false;
	}
	return true;
}

/* Splits off the next CRLF line; NULL at the end. */
static char *http_next_line(char **at)
{
	char *line = *at;
	char *end;

	if (*line == '\0')
		return NULL;
	end = strstr(line, "\r\n");
	if (end == NULL) {
		*at = line + strlen(line);
		return line;
	}
	*end = '\0';
	*at = end + 2;
	return line;
}

static int http_parse_request_line(struct http_head *head, char *line)
{
	char *target = strchr(line, ' ');
	char *version = target == NULL ? NULL : strchr(target + 1, ' ');
	char *query;

	if (version == NULL)
		return 400;
	*target++ = '\0';
	*version++ = '\0';
	if (!http_is_token(line) || target[0] != '/' || !http_is_visible(target))
		return 400;
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		return strncmp(version, "HTTP/", 5) == 0 ? 505 : 400;
	if (strlen(line) > 15)
		return 501;
	head->keep_alive = version[7] == '1';
	query = strchr(target, '?');
	if (query != NULL)
		*query++ = '\0';
	head->method = line;
	head->path = target;
	head->query = query == NULL ? "" : query;
	return 0;
}

static int http_parse_header(struct http_head *head, char *line)
{
	struct http_header *header = &head->headers[head->header_count];
	char *colon = strchr(line, ':');
	char *end;

	if (colon == NULL)
		return 400;
	if (head->header_count == HTTP_HEADERS_MAX)
		return 431;
	*colon++ = '\0';
	if (!http_is_token(line))
		return 400;
	colon += strspn(colon, " \t");
	end = colon + strlen(colon);
	while (end > colon && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	if (strpbrk(colon, "\r\n") != NULL)
		return 400;
	header->name = line;
	header->value = colon;
	head->header_count++;
	return 0;
}

static bool http_parse_length(const char *text, size_t *out)
{
	size_t value = 0;

	if (*text == '\0' || strlen(text) > 12)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (size_t)(*text - '0');
	}
	*out = value;
	return true;
}

static int http_read_framing(struct http_head *head)
{
	bool host = false;
	bool length = false;

	for (size_t i = 0; i < head->header_count; i++) {
		const char *name = head->headers[i].name;
		const char *value = head->headers[i].value;

		if (strcasecmp(name, "Content-Length") == 0) {
			if (length || !http_parse_length(value, &head->content_length))
				return 400;
			length = true;
		} else if (strcasecmp(name, "Transfer-Encoding") == 0) {
			if (head->chunked || strcasecmp(value, "chunked") != 0)
				return 400;
			head->chunked = true;
		} else if (strcasecmp(name, "Host") == 0) {
			if (host)
				return 400;
			host = true;
		} else if (strcasecmp(name, "Connection") == 0) {
			if (strcasecmp(value, "close") == 0)
				head->keep_alive = false;
			else if (strcasecmp(value, "keep-alive") == 0)
				head->keep_alive = true;
		} else if (strcasecmp(name, "Expect") == 0) {
			head->expects_continue = strcasecmp(value, "100-continue") == 0;
		}
	}
	return host && !(length && head->chunked) ? 0 : 400;
}

int http_parse_head(struct http_head *head, char *block, size_t len)
{
	char *at = block;
	char *line;
	int status;

	memset(head, 0, sizeof *head);
	head->block = block;
	if (strlen(block) != len)
		return 400;
	line = http_next_line(&at);
	if (line == NULL)
		return 400;
	status = http_parse_request_line(head, line);
	while (status == 0 && (line = http_next_line(&at)) != NULL)
		status = http_parse_header(head, line);
	return status != 0 ? status : http_read_framing(head);
}

const char *http_head_get(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->header_count; i++) {
		if (strcasecmp(head->headers[i].name, name) == 0)
			return head->headers[i].value;
	}
	return NULL;
}

bool http_parse_chunk_size(const char *line, size_t limit, size_t *size)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF");

	if (digits == 0 || digits > 8 || (line[digits] != '\0' && line[digits] != ';'))
		return false;
	*size = (size_t)strtoul(line, NULL, 16);
	return *size <= limit;
}

void http_head_free(struct http_head *head)
{
	free(head->block);
	memset(head, 0, sizeof *head);
}
