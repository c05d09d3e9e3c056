/* The C heap with one difference: what is freed is wiped first (SAFETY.md MEM-3).
 *
 * For libraries that bring our secrets through buffers of their own (jansson, libevent, curl). Blocks come from malloc, so
 * they may be mixed freely with plain malloc and free. */
#ifndef DAEMON_VAULT_WIPING_H
#define DAEMON_VAULT_WIPING_H

#include <stddef.h>

void wiping_free(void *block); /* NULL is fine */
void *wiping_realloc(void *block, size_t size); /* a new block, never in place; size 0 frees */

#endif
