/* Memory helpers that end the program when memory is exhausted; a test tool has nothing better to do. */
#ifndef TESTS_SANDBOX_MEM_H
#define TESTS_SANDBOX_MEM_H

#include <stddef.h>

/* Zeroed memory of `size` bytes; the caller frees it. */
void *mem_alloc(size_t size);

/* A copy of `text`, or NULL for NULL; the caller frees it. */
char *mem_copy(const char *text);

/* A NUL-terminated copy of `len` bytes; the caller frees it. */
char *mem_copy_bytes(const char *bytes, size_t len);

/* printf into fresh memory; the caller frees it. */
char *mem_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes room for one element more in a vector of `count` elements of `size` bytes. */
void *mem_grow(void *items, size_t count, size_t *capacity, size_t size);

#endif
