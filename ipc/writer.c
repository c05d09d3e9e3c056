/* The streaming JSON writer. On the path of every reply: plain ASCII is copied in runs, and nothing goes through printf. */
#include "ipc/writer.h"

#include "ipc/base/err.h"
#include "ipc/base/text.h"
#include "ipc/base/timefmt.h"

#include <endian.h>
#include <string.h>

void writer_init(struct writer *w, struct buf *out)
{
	*w = (struct writer){ .out = out };
}

/* Does a comma go before the next value? Values at depth 0 are frames of their own. */
static bool takes_comma(struct writer *w)
{
	if (w->after_key) {
		w->after_key = false;
		return false;
	}
	if (w->depth <= 0)
		return false;
	uint32_t bit = 1u << w->depth;
	bool comma = (w->filled & bit) != 0;
	w->filled |= bit;
	return comma;
}

/* Room for a comma and `more` bytes; what is written there is counted by value_end. */
static char *value_begin(struct writer *w, size_t more)
{
	char *to = buf_reserve(w->out, more + 1);
	if (takes_comma(w))
		*to++ = ',';
	return to;
}

static void value_end(struct writer *w, char *end)
{
	*end = '\0';
	w->out->len = (size_t)(end - w->out->data);
}

static void writer_open(struct writer *w, char open, char close)
{
	char *to = value_begin(w, 1);
	*to++ = open;
	value_end(w, to);
	if (++w->depth >= WRITER_DEPTH_MAX)
		fatal("writer: a result is nested deeper than %d levels", WRITER_DEPTH_MAX);
	w->filled &= ~(1u << w->depth);
	w->close[w->depth] = close;
}

void writer_object(struct writer *w)
{
	writer_open(w, '{', '}');
}

void writer_array(struct writer *w)
{
	writer_open(w, '[', ']');
}

void writer_end(struct writer *w)
{
	buf_add_char(w->out, w->close[w->depth]);
	w->depth--;
}

void writer_key(struct writer *w, const char *key)
{
	size_t len = strlen(key);
	char *to = value_begin(w, len + 3);
	*to++ = '"';
	memcpy(to, key, len);
	to += len;
	*to++ = '"';
	*to++ = ':';
	value_end(w, to);
	w->after_key = true;
}

static bool is_special(unsigned char c)
{
	return c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
}

/* Bytes at the start that may be copied as they are, looked at eight at a time: a byte's high bit is set in `specials` if
 * it needs a closer look. Bytes after the first such one may be marked wrongly, which does no harm. */
static size_t plain_run(const char *text, size_t len)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	size_t at = 0;
	for (; len - at >= 8; at += 8) {
		uint64_t word;
		memcpy(&word, text + at, sizeof word);
		word = le64toh(word);
		uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\', del = word ^ ones * 0x7f;
		uint64_t specials = (word | (word - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones)) & high;
		if (specials)
			return at + (size_t)__builtin_ctzll(specials) / 8;
	}
	while (at < len && !is_special((unsigned char)text[at]))
		at++;
	return at;
}

static void add_escape(struct buf *out, uint32_t c)
{
	static const char names[] = "btn\0fr";
	static const char hex[] = "0123456789abcdef";
	char escape[6] = { '\\', 'u', hex[c >> 12 & 15], hex[c >> 8 & 15], hex[c >> 4 & 15], hex[c & 15] };
	if (c == '"' || c == '\\')
		escape[1] = (char)c;
	else if (c >= 8 && c <= 13 && names[c - 8])
		escape[1] = names[c - 8];
	buf_add(out, escape, escape[1] == 'u' ? 6 : 2);
}

/* One character that is not plain; returns the bytes it took. */
static size_t add_special(struct buf *out, const char *text, size_t len)
{
	size_t used;
	uint32_t c = text_decode(text, len, &used);
	if (c < 0xa0 || c == 0x2028 || c == 0x2029)
		add_escape(out, c);
	else if (c == 0xfffd)
		buf_add_text(out, "\xef\xbf\xbd");
	else
		buf_add(out, text, used);
	return used;
}

/* The inside of a string literal. */
static void add_escaped(struct buf *out, const char *text, size_t len)
{
	while (len > 0) {
		size_t run = plain_run(text, len);
		if (run > 0)
			buf_add(out, text, run);
		else
			run = add_special(out, text, len);
		text += run;
		len -= run;
	}
}

void writer_text_len(struct writer *w, const char *text, size_t len)
{
	size_t run = plain_run(text, len);
	char *to = value_begin(w, len + 2);
	*to++ = '"';
	memcpy(to, text, run);
	to += run;
	if (run < len) {
		value_end(w, to);
		add_escaped(w->out, text + run, len - run);
		to = buf_reserve(w->out, 1);
	}
	*to++ = '"';
	value_end(w, to);
}

void writer_text(struct writer *w, const char *text)
{
	if (text)
		writer_text_len(w, text, strlen(text));
	else
		writer_null(w);
}

void writer_raw(struct writer *w, const char *json, size_t len)
{
	char *to = value_begin(w, len);
	memcpy(to, json, len);
	value_end(w, to + len);
}

void writer_int(struct writer *w, int64_t value)
{
	char digits[24];
	char *at = digits + sizeof digits;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--at = '-';
	writer_raw(w, at, (size_t)(digits + sizeof digits - at));
}

void writer_bool(struct writer *w, bool value)
{
	if (value)
		writer_raw(w, "true", 4);
	else
		writer_raw(w, "false", 5);
}

void writer_null(struct writer *w)
{
	writer_raw(w, "null", 4);
}

static char *put_digits(char *at, int width, int64_t value)
{
	for (int i = width - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + width;
}

/* time_format without printf: lists are full of times. */
static size_t format_time(char out[TIME_TEXT_SIZE], int64_t wall_ms)
{
	int64_t year, days = wall_ms / 86400000, in_day = wall_ms % 86400000;
	int month, day;
	time_civil_from_days(days, &year, &month, &day);
	char *at = put_digits(out, 4, year);
	*at++ = '-';
	at = put_digits(at, 2, month);
	*at++ = '-';
	at = put_digits(at, 2, day);
	*at++ = 'T';
	at = put_digits(at, 2, in_day / 3600000);
	*at++ = ':';
	at = put_digits(at, 2, in_day / 60000 % 60);
	*at++ = ':';
	at = put_digits(at, 2, in_day / 1000 % 60);
	if (in_day % 1000) {
		*at++ = '.';
		at = put_digits(at, 3, in_day % 1000);
	}
	*at++ = 'Z';
	return (size_t)(at - out);
}

void writer_time(struct writer *w, int64_t wall_ms)
{
	const int64_t year_10000 = 253402300800000;
	char text[TIME_TEXT_SIZE];
	if (wall_ms == 0) {
		writer_null(w);
	} else if (wall_ms > 0 && wall_ms < year_10000) {
		writer_text_len(w, text, format_time(text, wall_ms));
	} else {
		time_format(text, wall_ms);
		writer_text(w, text);
	}
}

/* Trees are written without the depth stack: how deep a foreign one is must not matter. */
static void add_json(struct buf *out, const json_t *value);

static void add_string(struct buf *out, const char *text, size_t len)
{
	buf_add_char(out, '"');
	add_escaped(out, text, len);
	buf_add_char(out, '"');
}

static void add_object(struct buf *out, const json_t *object)
{
	/* jansson's iterators take no const, and change nothing. */
	json_t *members = (json_t *)(uintptr_t)object;
	const char *separator = "";
	buf_add_char(out, '{');
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
		const char *key = json_object_iter_key(at);
		buf_add_text(out, separator);
		add_string(out, key, strlen(key));
		buf_add_char(out, ':');
		add_json(out, json_object_iter_value(at));
		separator = ",";
	}
	buf_add_char(out, '}');
}

static void add_array(struct buf *out, const json_t *array)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i > 0)
			buf_add_char(out, ',');
		add_json(out, json_array_get(array, i));
	}
	buf_add_char(out, ']');
}

static void add_json(struct buf *out, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT: add_object(out, value); break;
	case JSON_ARRAY: add_array(out, value); break;
	case JSON_STRING: add_string(out, json_string_value(value), json_string_length(value)); break;
	case JSON_INTEGER: buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value)); break;
	case JSON_REAL: {
		char number[64];
		buf_add(out, number, json_dumpb(value, number, sizeof number, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)));
		break;
	}
	case JSON_TRUE: buf_add_text(out, "true"); break;
	case JSON_FALSE: buf_add_text(out, "false"); break;
	case JSON_NULL: buf_add_text(out, "null"); break;
	}
}

void writer_json(struct writer *w, const json_t *value)
{
	value_end(w, value_begin(w, 0));
	add_json(w->out, value);
}

void writer_words(struct writer *w, const char *words)
{
	writer_array(w);
	for (const char *at = words ? words : ""; *(at += strspn(at, " ")); ) {
		size_t len = strcspn(at, " ");
		writer_text_len(w, at, len);
		at += len;
	}
	writer_end(w);
}

void writer_put_text(struct writer *w, const char *key, const char *text)
{
	writer_key(w, key);
	writer_text(w, text);
}

void writer_put_int(struct writer *w, const char *key, int64_t value)
{
	writer_key(w, key);
	writer_int(w, value);
}

void writer_put_bool(struct writer *w, const char *key, bool value)
{
	writer_key(w, key);
	writer_bool(w, value);
}

void writer_put_time(struct writer *w, const char *key, int64_t wall_ms)
{
	writer_key(w, key);
	writer_time(w, wall_ms);
}
