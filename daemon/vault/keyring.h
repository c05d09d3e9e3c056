/* The sealing keys of a key file, as values: parse, look up, write out. */
#ifndef DAEMON_VAULT_KEYRING_H
#define DAEMON_VAULT_KEYRING_H

#include "daemon/vault/secret.h"
#include "ipc/base/err.h"
#include "ipc/base/rng.h"

#include <stdbool.h>
#include <stddef.h>

#define KEY_ID_SIZE 64

struct keyring_key {
	char id[KEY_ID_SIZE];
	struct secret *key; /* 32 bytes */
};

struct keyring {
	struct keyring_key *keys; /* in the file's order: the first seals */
	size_t count;
};

/* Lines `id base64`, '#' comments. ERR_SEALED names `path` and the line, never what stands in it. */
int keyring_parse(struct keyring *out, const struct secret_buf *text, const char *path, struct err *why);
void keyring_format(struct secret_buf *out, const struct keyring *ring);
const struct keyring_key *keyring_find(const struct keyring *ring, const char *id); /* NULL if absent */
/* Put a new random key first. */
void keyring_add_new(struct keyring *ring, const struct rng *rng);
void keyring_remove(struct keyring *ring, size_t index);
void keyring_free(struct keyring *ring);

#endif
