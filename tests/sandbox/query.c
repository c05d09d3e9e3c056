/*
 * Percent-encoding both ways, and name=value lists. Every decoded text is valid UTF-8 without NUL.
 * Ownership: struct query owns its pairs until query_free().
 */
#include "tests/sandbox/query.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/sandbox/mem.h"

#define QUERY_PAIRS_MAX 512

static int query_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* jansson checks the UTF-8 of every string it is given, so it is the judge here as well. */
static bool query_is_utf8(const char *text, size_t len)
{
	json_t *probe;

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x80)
			continue;
		probe = json_stringn(text, len);
		json_decref(probe);
		return probe != NULL;
	}
	return true;
}

char *query_decode(const char *text, size_t len, bool plus_is_space)
{
	char *out = mem_alloc(len + 1);
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%') {
			bool whole = len - i > 2;
			int high = whole ? query_hex_digit(text[i + 1]) : -1;
			int low = whole ? query_hex_digit(text[i + 2]) : -1;

			if (high < 0 || low < 0)
				goto bad;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if (c == '\0')
			goto bad;
		out[used++] = c;
	}
	if (query_is_utf8(out, used))
		return out;
bad:
	free(out);
	return NULL;
}

static bool query_add(struct query *query, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - text);
	struct query_pair pair;

	if (query->count == QUERY_PAIRS_MAX)
		return false;
	pair.name = query_decode(text, name_len, true);
	pair.value = equals == NULL ? mem_copy("") : query_decode(equals + 1, len - name_len - 1, true);
	if (pair.name == NULL || pair.value == NULL) {
		free(pair.name);
		free(pair.value);
		return false;
	}
	query->pairs = mem_grow(query->pairs, query->count, &query->capacity, sizeof *query->pairs);
	query->pairs[query->count++] = pair;
	return true;
}

bool query_parse(struct query *query, const char *text, size_t len)
{
	while (len > 0) {
		const char *end = memchr(text, '&', len);
		size_t part = end == NULL ? len : (size_t)(end - text);

		if (part > 0 && !query_add(query, text, part))
			return false;
		if (end == NULL)
			return true;
		text += part + 1;
		len -= part + 1;
	}
	return true;
}

const char *query_get(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++) {
		if (strcmp(query->pairs[i].name, name) == 0)
			return query->pairs[i].value;
	}
	return NULL;
}

const char *query_get_filled(const struct query *query, const char *name)
{
	const char *value = query_get(query, name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

void query_free(struct query *query)
{
	for (size_t i = 0; i < query->count; i++) {
		free(query->pairs[i].name);
		free(query->pairs[i].value);
	}
	free(query->pairs);
	memset(query, 0, sizeof *query);
}

char *query_encode(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = mem_alloc(strlen(text) * 3 + 1);
	char *at = out;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c);

		if (plain) {
			*at++ = (char)c;
		} else {
			*at++ = '%';
			*at++ = hex[c >> 4];
			*at++ = hex[c & 15];
		}
	}
	return out;
}
