/*
 * Allocation that cannot fail from the caller's view.
 * Ownership: everything returned belongs to the caller.
 */
#include "tests/sandbox/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void mem_give_up(void)
{
	fputs("almanac-sandbox: out of memory\n", stderr);
	exit(74);
}

void *mem_alloc(size_t size)
{
	void *block = calloc(1, size == 0 ? 1 : size);

	if (block == NULL)
		mem_give_up();
	return block;
}

char *mem_copy(const char *text)
{
	return text == NULL ? NULL : mem_copy_bytes(text, strlen(text));
}

char *mem_copy_bytes(const char *bytes, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

char *mem_print(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_give_up();
	va_end(args);
	return text;
}

void *mem_grow(void *items, size_t count, size_t *capacity, size_t size)
{
	size_t wanted;

	if (count < *capacity)
		return items;
	wanted = *capacity == 0 ? 8 : *capacity * 2;
	if (wanted > SIZE_MAX / size)
		mem_give_up();
	items = realloc(items, wanted * size);
	if (items == NULL)
		mem_give_up();
	*capacity = wanted;
	return items;
}
