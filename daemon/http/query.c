/* The strict query decoder. */
#include "daemon/http/query.h"

#include "daemon/vault/secret.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 4096, PARAMETERS_MAX = 64 };

struct query {
	struct secret_buf text; /* name NUL value NUL ... */
	size_t count;
	size_t names[PARAMETERS_MAX], values[PARAMETERS_MAX]; /* offsets into text */
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decode up to an end; what is wrong with it, NULL: nothing. */
static const char *decode(struct secret_buf *out, const char *at, const char *end)
{
	size_t start = out->len;
	while (at < end) {
		char c = *at++;
		if (c <= ' ' || c > '~' || c == '#')
			return "a character that cannot stand in a query";
		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = at < end ? hex_digit(at[0]) : -1;
			int low = high >= 0 && end - at > 1 ? hex_digit(at[1]) : -1;
			if (low < 0)
				return "a % without two hexadecimal digits";
			if (high == 0 && low == 0)
				return "a NUL";
			c = (char)(high << 4 | low);
			at += 2;
		}
		secret_buf_add(out, &c, 1);
	}
	if (!str_is_utf8(out->data ? out->data + start : "", out->len - start))
		return "text that is not UTF-8";
	secret_buf_add(out, "", 1);
	return NULL;
}

static const char *pair_parse(struct query *query, const char *at, const char *end)
{
	if (query->count == PARAMETERS_MAX)
		return "too many parameters";
	const char *equals = memchr(at, '=', (size_t)(end - at));
	query->names[query->count] = query->text.len;
	const char *wrong = decode(&query->text, at, equals ? equals : end);
	if (wrong)
		return wrong;
	query->values[query->count] = query->text.len;
	wrong = decode(&query->text, equals ? equals + 1 : end, end);
	if (wrong)
		return wrong;
	const char *name = query->text.data + query->names[query->count];
	if (name[0] == '\0')
		return "a value without a name";
	if (query_get(query, name))
		return "a name twice";
	query->count++;
	return NULL;
}

struct query *query_parse(const char *text, struct err *err)
{
	const char *at = text, *end = text + strlen(text);
	const char *wrong = end - text > QUERY_MAX ? "more than 4096 bytes" : NULL;
	struct query *query = mem_alloc(sizeof *query);
	while (!wrong && at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		if (!stop)
			stop = end;
		if (stop > at)
			wrong = pair_parse(query, at, stop);
		at = stop < end ? stop + 1 : end;
	}
	if (!wrong)
		return query;
	query_free(query);
	err_set(err, ERR_INVALID_PARAMS, "the query holds %s", wrong);
	return NULL;
}

const char *query_get(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++)
		if (str_equal(query->text.data + query->names[i], name))
			return query->text.data + query->values[i];
	return NULL;
}

void query_free(struct query *query)
{
	if (!query)
		return;
	secret_buf_free(&query->text);
	free(query);
}
