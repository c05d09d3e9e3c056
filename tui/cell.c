/* JSON values as the text of one cell. */
#include "tui/cell.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/text.h"
#include "ipc/base/timefmt.h"
#include "ipc/writer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Times are the only strings that have this form; they are told by value so that no list of names goes stale. */
static bool add_local_time(struct buf *out, const char *text)
{
	int64_t ms;
	struct tm local;
	char shown[64];
	if (!time_parse(text, &ms))
		return false;
	time_t at = (time_t)(ms / 1000);
	if (!localtime_r(&at, &local) || strftime(shown, sizeof shown, "%Y-%m-%d %H:%M:%S %Z", &local) == 0)
		return false;
	buf_add_text(out, shown);
	return true;
}

static void add_scalar(struct buf *out, const json_t *value, bool human)
{
	struct writer w;
	switch (json_typeof(value)) {
	case JSON_NULL:
		buf_add_text(out, human ? "-" : "");
		break;
	case JSON_TRUE:
		buf_add_text(out, human ? "yes" : "true");
		break;
	case JSON_FALSE:
		buf_add_text(out, human ? "no" : "false");
		break;
	case JSON_STRING:
		if (!human || !add_local_time(out, json_string_value(value)))
			buf_add(out, json_string_value(value), json_string_length(value));
		break;
	default:
		writer_init(&w, out);
		writer_json(&w, value);
	}
}

static void add_path(struct buf *out, const json_t *value, const char *path, bool human)
{
	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++) {
			if (i > 0)
				buf_add_char(out, ',');
			add_path(out, json_array_get(value, i), path, human);
		}
		return;
	}
	if (*path == '\0') {
		add_scalar(out, value, human);
		return;
	}
	size_t len = strcspn(path, ".");
	char key[64];
	(void)snprintf(key, sizeof key, "%.*s", (int)len, path);
	const json_t *member = json_object_get(value, key);
	if (member)
		add_path(out, member, path + len + (path[len] == '.'), human);
}

char *cell_at(const json_t *row, const char *path, bool human)
{
	struct buf text = { 0 };
	add_path(&text, row, path, human);
	if (!human)
		return text.data ? text.data : mem_strdup("");
	if (text.len == 0)
		buf_add_char(&text, '-');
	/* One byte becomes four at most. */
	size_t size = 4 * text.len + 1;
	char *shown = mem_alloc(size);
	text_display(shown, size, text.data, text.len);
	buf_free(&text);
	return shown;
}

char *cell_text(const json_t *value, bool human)
{
	return cell_at(value, "", human);
}
