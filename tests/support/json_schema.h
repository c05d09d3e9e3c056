/* The part of JSON Schema that the protocol's document uses: $ref, type, properties, required, additionalProperties, items, enum,
 * anyOf, oneOf, format (uuid, date-time) and the bounds of numbers, texts and arrays. Stricter than the standard in two ways: a
 * keyword that is not one of these is an error, and so is a member of an object that its schema does not name. */
#ifndef TESTS_SUPPORT_JSON_SCHEMA_H
#define TESTS_SUPPORT_JSON_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* root: the document that "#/…" points into. False with where and why ("items[0].state: not one of enum"). */
bool json_schema_check(const json_t *root, const json_t *schema, const json_t *value, char *why, size_t size);
/* The schema itself: known keywords of the right types, and references that lead somewhere. */
bool json_schema_is_sound(const json_t *root, const json_t *schema, char *why, size_t size);

#endif
