/* Secrets have a type: bytes in libsodium's locked memory, counted, wiped when the last reference goes.
 *
 * There is no printing function. Only the vault, the HTTP client and the token codecs may call secret_reveal; tests/lint
 * holds the list. */
#ifndef DAEMON_VAULT_SECRET_H
#define DAEMON_VAULT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct secret;

struct secret *secret_new(const void *bytes, size_t len); /* copies; a NUL follows the bytes */
struct secret *secret_ref(struct secret *secret);         /* NULL stays NULL */
void secret_unref(struct secret *secret);                 /* NULL is fine */
size_t secret_len(const struct secret *secret);
const char *secret_reveal(const struct secret *secret);   /* NUL-terminated; valid while referenced */
bool secret_equal(const struct secret *a, const struct secret *b); /* constant time for equal lengths */
/* Wipe a caller's own copy. */
void secret_wipe(void *bytes, size_t len);

/* A growable text in locked memory, for request bodies and replies that hold secrets. Zero-initialise. */
struct secret_buf {
	char *data; /* NUL-terminated once something was added */
	size_t len, capacity;
};
void secret_buf_add(struct secret_buf *buf, const void *bytes, size_t len);
void secret_buf_add_text(struct secret_buf *buf, const char *text);
/* name=value with application/x-www-form-urlencoded escaping, '&' in between. */
void secret_buf_add_form(struct secret_buf *buf, const char *name, const char *value);
void secret_buf_add_form_secret(struct secret_buf *buf, const char *name, const struct secret *value);
void secret_buf_free(struct secret_buf *buf);

/* Once at start: sodium_init, no core dumps, not dumpable, and jansson's allocator made to wipe what it frees. */
int secret_setup(void);

#endif
