/* The log. One write(2) a line, so that lines of several processes never mix. */
#include "ipc/base/log.h"

#include "ipc/base/buf.h"
#include "ipc/base/clock.h"
#include "ipc/base/text.h"
#include "ipc/base/timefmt.h"

#include <string.h>
#include <unistd.h>

enum { VALUE_MAX = 512 };

static enum log_level least_level = LOG_LEVEL_INFO;
static enum log_format line_format = LOG_FORMAT_TEXT;

void log_setup(enum log_level least, enum log_format format)
{
	least_level = least;
	line_format = format;
}

bool log_enabled(enum log_level level)
{
	return level >= least_level;
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_DEBUG: return "debug";
	case LOG_LEVEL_INFO: return "info";
	case LOG_LEVEL_WARN: return "warn";
	case LOG_LEVEL_ERROR: return "error";
	}
	return "?";
}

enum log_level log_level_parse(const char *name)
{
	for (enum log_level level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++)
		if (strcmp(name, level_name(level)) == 0)
			return level;
	return LOG_LEVEL_INFO;
}

static void add_quoted(struct buf *line, const char *text)
{
	buf_add_char(line, '"');
	for (const char *at = text; *at; at++) {
		if (*at == '"' || *at == '\\')
			buf_add_char(line, '\\');
		buf_add_char(line, *at);
	}
	buf_add_char(line, '"');
}

static void add_value(struct buf *line, const struct log_field *field)
{
	char shown[VALUE_MAX + 1];
	if (!field->text) {
		buf_printf(line, "%lld", (long long)field->number);
		return;
	}
	text_display(shown, sizeof shown, field->text, strlen(field->text));
	if (line_format == LOG_FORMAT_JSON || shown[0] == '\0' || strpbrk(shown, " =\"\\"))
		add_quoted(line, shown);
	else
		buf_add_text(line, shown);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	bool json = line_format == LOG_FORMAT_JSON;
	struct buf line = { 0 };
	char at[TIME_TEXT_SIZE];
	time_format(at, clock_wall(&clock_system));
	buf_printf(&line, json ? "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"" : "%s %-5s %s", at, level_name(level),
	           event);
	for (size_t i = 0; i < count; i++) {
		buf_printf(&line, json ? ",\"%s\":" : " %s=", fields[i].key);
		add_value(&line, &fields[i]);
	}
	buf_add_text(&line, json ? "}\n" : "\n");
	/* Nothing sensible can be done about a log that cannot be written. */
	ssize_t ignored = write(STDERR_FILENO, line.data, line.len);
	(void)ignored;
	buf_free(&line);
}
