/* Allocation that does not fail: exhausted memory ends the process (DESIGN.md: fatal is for that).
 * What a client or a provider sends is bounded before it is allocated, so no peer can bring this about. */
#ifndef IPC_BASE_MEM_H
#define IPC_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                                /* zeroed */
void *mem_alloc_array(size_t count, size_t size);            /* zeroed, checked for overflow */
void *mem_grow_array(void *old, size_t count, size_t size);  /* realloc, checked for overflow; new part not zeroed */
char *mem_strdup(const char *text);                          /* NULL stays NULL */
char *mem_strndup(const char *text, size_t len);

#endif
