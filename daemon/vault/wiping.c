/* The C heap, wiped before it is given back. */
#include "daemon/vault/wiping.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void wiping_free(void *block)
{
	if (!block)
		return;
	explicit_bzero(block, malloc_usable_size(block));
	free(block);
}

void *wiping_realloc(void *block, size_t size)
{
	if (size == 0) {
		wiping_free(block);
		return NULL;
	}
	void *moved = malloc(size);
	if (!moved || !block)
		return moved;
	size_t old = malloc_usable_size(block);
	memcpy(moved, block, old < size ? old : size);
	wiping_free(block);
	return moved;
}
