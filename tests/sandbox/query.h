/* Query strings, form bodies and path segments: strict decoding, and encoding. */
#ifndef TESTS_SANDBOX_QUERY_H
#define TESTS_SANDBOX_QUERY_H

#include <stdbool.h>
#include <stddef.h>

struct query_pair {
	char *name;
	char *value;
};

struct query {
	struct query_pair *pairs;
	size_t count;
	size_t capacity;
};

/* Adds the pairs of `text`. False on a bad escape, a NUL, bad UTF-8 or more than 512 pairs; query_free() either way. */
bool query_parse(struct query *query, const char *text, size_t len);

/* The first value of `name`, or NULL. */
const char *query_get(const struct query *query, const char *name);

/* The same, but NULL for an empty value too. */
const char *query_get_filled(const struct query *query, const char *name);

void query_free(struct query *query);

/* Decodes one path segment (`+` stays). NULL if it is malformed; the caller frees it. */
char *query_decode(const char *text, size_t len, bool plus_is_space);

/* Encodes all but unreserved characters (RFC 3986); the caller frees it. */
char *query_encode(const char *text);

#endif
