/* Allocation that does not fail. */
#include "ipc/base/mem.h"

#include "ipc/base/err.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mem_alloc(size_t size)
{
	return mem_alloc_array(1, size);
}

void *mem_alloc_array(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	if (!p)
		fatal("out of memory (%zu x %zu bytes)", count, size);
	return p;
}

void *mem_grow_array(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		fatal("allocation of %zu x %zu bytes overflows", count, size);
	void *p = realloc(old, count > 0 && size > 0 ? count * size : 1);
	if (!p)
		fatal("out of memory (%zu x %zu bytes)", count, size);
	return p;
}

char *mem_strndup(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);
	memcpy(copy, text, len);
	return copy;
}

char *mem_strdup(const char *text)
{
	return text ? mem_strndup(text, strlen(text)) : NULL;
}
