/* JSON on its way out: what the writer made, indented for a terminal. */
#include "tui/pretty.h"

#include "ipc/base/buf.h"
#include "ipc/base/text.h"
#include "ipc/writer.h"

/* Escape one character of a string literal as JSON does: the value stays what it is. */
static void write_code(FILE *out, uint32_t c)
{
	if (c > 0xffff)
		(void)fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)), (unsigned)(0xdc00 + (c & 0x3ff)));
	else
		(void)fprintf(out, "\\u%04x", (unsigned)c);
}

/* A literal from its opening quote; returns the first byte after it. */
static const char *write_literal(FILE *out, const char *at, const char *end)
{
	(void)fputc(*at++, out);
	while (at < end) {
		size_t used;
		uint32_t c = text_decode(at, (size_t)(end - at), &used);
		if (text_width(c) == 0)
			write_code(out, c);
		else
			(void)fwrite(at, 1, used, out);
		at += used;
		if (c == '\\')
			(void)fputc(*at++, out);
		else if (c == '"')
			break;
	}
	return at;
}

static void new_line(FILE *out, int depth)
{
	(void)fprintf(out, "\n%*s", depth * 2, "");
}

static void write_indented(FILE *out, const char *at, const char *end)
{
	int depth = 0;
	while (at < end) {
		char c = *at;
		if (c == '"') {
			at = write_literal(out, at, end);
			continue;
		}
		at++;
		bool empty = (c == '{' || c == '[') && (*at == '}' || *at == ']');
		if (c == '}' || c == ']')
			new_line(out, --depth);
		(void)fputc(c, out);
		if (empty)
			(void)fputc(*at++, out);
		else if (c == '{' || c == '[')
			new_line(out, ++depth);
		else if (c == ',')
			new_line(out, depth);
		else if (c == ':')
			(void)fputc(' ', out);
	}
}

void pretty_write(FILE *out, const json_t *value, bool terminal)
{
	struct buf text = { 0 };
	struct writer w;
	writer_init(&w, &text);
	writer_json(&w, value);
	if (terminal)
		write_indented(out, text.data, text.data + text.len);
	else
		(void)fwrite(text.data, 1, text.len, out);
	(void)fputc('\n', out);
	buf_free(&text);
}
