/* The Unix socket: where it is, listening and connecting, and who is at the other end. */
#ifndef IPC_SOCKET_H
#define IPC_SOCKET_H

#include "ipc/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { SOCKET_PATH_MAX = 108, SOCKET_GROUPS_MAX = 1024 };

/* CONTRACT.md section 1. given: --socket (NULL if not), configured: [daemon] socket (NULL). For the daemon. */
int socket_path_daemon(char out[SOCKET_PATH_MAX], const char *given, const char *configured, struct err *err);
/* The console looks in the same places, --socket and $ALMANAC_SOCKET first. */
int socket_path_client(char out[SOCKET_PATH_MAX], const char *given, struct err *err);

/* bind under umask 0177, then mode 0600, or 0660 with group (gid (gid_t)-1: none); parent directory made (0755 → 0750) if
 * absent. A stale socket of ours, on which nobody listens, is replaced; anything else at the path is left alone: ERR_STORE_FAILED
 * (exit 74). The caller must hold the store lock: two daemons of one store never get here at once. */
int socket_listen(const char *path, gid_t group, int *fd, struct err *err);
/* Blocking connect. */
int socket_connect(const char *path, int *fd, struct err *err);

struct peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;                 /* for logs only */
	gid_t *groups;             /* supplementary, owned; peer_free */
	size_t group_count;
};
/* SO_PEERCRED and SO_PEERGROUPS, as at connect. ERR_DENIED for uid 65534 or -1. */
int peer_read(int fd, struct peer *out, struct err *err);
void peer_free(struct peer *peer);

#endif
