/* Locked memory: slabs of power-of-two blocks, each class with its own list of free blocks.
 *
 * A free block holds nothing but the link to the next one. What is larger than the largest class gets pages of its own. */
#include "daemon/vault/locked.h"

#include "ipc/base/err.h"
#include "ipc/base/log.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#if LOCKED_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at_, size_) ((void)(at_), (void)(size_))
#define ASAN_UNPOISON_MEMORY_REGION(at_, size_) ((void)(at_), (void)(size_))
#endif

enum { SLAB_SIZE = 64 << 10, CLASS_MIN = 64, CLASS_COUNT = 9, CLASS_MAX = CLASS_MIN << (CLASS_COUNT - 1) };

struct free_block {
	struct free_block *next;
};

static struct free_block *free_blocks[CLASS_COUNT];
static size_t live_count;
static bool warned;

static size_t class_index(size_t size)
{
	size_t index = 0;
	while (((size_t)CLASS_MIN << index) < size)
		index++;
	return index;
}

static void *pages_alloc(size_t size)
{
	void *pages = sodium_malloc(size);
	if (!pages)
		fatal("out of memory (%zu bytes of locked memory)", size);
	/* sodium_malloc locks too, but does not tell when it could not. */
	if (sodium_mlock(pages, size) != 0 && !warned) {
		const char *why = "RLIMIT_MEMLOCK is too small: secrets may be swapped out";
		warned = true;
		LOG_WARN("memory_not_locked", LOG_STR("why", why));
	}
	return pages;
}

static void slab_add(size_t index)
{
	size_t size = (size_t)CLASS_MIN << index;
	uint8_t *slab = pages_alloc(SLAB_SIZE);
	/* Backwards, so that blocks are handed out in the order of their addresses. */
	for (size_t at = SLAB_SIZE; at >= size; at -= size) {
		struct free_block *block = (struct free_block *)(void *)(slab + at - size);
		block->next = free_blocks[index];
		free_blocks[index] = block;
		ASAN_POISON_MEMORY_REGION(block, size);
	}
}

void *locked_alloc(size_t size)
{
	live_count++;
	if (size > CLASS_MAX)
		return pages_alloc(size);
	size_t index = class_index(size);
	if (!free_blocks[index])
		slab_add(index);
	struct free_block *block = free_blocks[index];
	ASAN_UNPOISON_MEMORY_REGION(block, (size_t)CLASS_MIN << index);
	free_blocks[index] = block->next;
	return block;
}

void locked_free(void *block, size_t size)
{
	if (!block)
		return;
	live_count--;
	if (size > CLASS_MAX) {
		sodium_free(block);
		return;
	}
	size_t index = class_index(size), whole = (size_t)CLASS_MIN << index;
	sodium_memzero(block, whole);
	struct free_block *freed = block;
	freed->next = free_blocks[index];
	free_blocks[index] = freed;
	ASAN_POISON_MEMORY_REGION(block, whole);
}

size_t locked_capacity(size_t size)
{
	return size > CLASS_MAX ? size : (size_t)CLASS_MIN << class_index(size);
}

size_t locked_live_count(void)
{
	return live_count;
}
