/* The key file on disk: read with suspicion, written so that a crash leaves the old one or the new one (SAFETY.md KEY-1, KEY-2). */
#ifndef DAEMON_VAULT_KEYFILE_H
#define DAEMON_VAULT_KEYFILE_H

#include "daemon/vault/secret.h"
#include "ipc/base/err.h"

#include <stdbool.h>

enum keyfile_found { KEYFILE_ABSENT, KEYFILE_READ, KEYFILE_REFUSED };

/* The whole text of dir/name. Refused (*why says it, ERR_SEALED) unless it is a regular file of ours or root's, with one link,
 * closed to group and world, at most 64 KiB, in a directory others cannot write. `credential`: a file that systemd put there;
 * its access list may name us, which shows as group permission. */
enum keyfile_found keyfile_read(struct secret_buf *out, const char *dir, const char *name, bool credential, struct err *why);
/* Write dir/name: 0600, synced with its directory. Never over an existing file unless replace. ERR_STORE_FAILED. */
int keyfile_write(const char *dir, const char *name, const struct secret_buf *text, bool replace, struct err *err);

#endif
