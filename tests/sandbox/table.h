/* A hash table from text to pointer that only grows. */
#ifndef TESTS_SANDBOX_TABLE_H
#define TESTS_SANDBOX_TABLE_H

#include <stddef.h>

struct table_slot;

struct table {
	struct table_slot *slots;
	size_t capacity;
	size_t count;
};

/* The value of `key`, or NULL. */
void *table_get(const struct table *table, const char *key);

/* Adds `key`, which must outlive the table (it usually lives in `value`); an equal key gets the new value. */
void table_put(struct table *table, const char *key, void *value);

/* Frees the table, not what it points to. */
void table_free(struct table *table);

#endif
