/* Locked memory for secrets: libsodium's guarded, mlock'ed pages, cut into blocks so that a secret does not cost four pages.
 *
 * A block belongs to its caller until locked_free, which wipes it. The size is the caller's to remember: pass the same one
 * (or the capacity locked_capacity gave for it) back. Slabs are kept for the life of the process. Not for several threads. */
#ifndef DAEMON_VAULT_LOCKED_H
#define DAEMON_VAULT_LOCKED_H

#include <stddef.h>

/* Set where a sanitizer watches the process: it needs core-like access and sees what slabs hide. */
#if defined(__SANITIZE_ADDRESS__)
#define LOCKED_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LOCKED_ASAN 1
#endif
#endif
#ifndef LOCKED_ASAN
#define LOCKED_ASAN 0
#endif

void *locked_alloc(size_t size);              /* not zeroed; exhausted memory is fatal */
void locked_free(void *block, size_t size);   /* NULL is fine */
size_t locked_capacity(size_t size);          /* bytes that an allocation of this size really has */
size_t locked_live_count(void);               /* blocks not freed yet: tests look for leaks with it */

#endif
