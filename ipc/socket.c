/* The Unix socket. */
#include "ipc/socket.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { UID_NOBODY = 65534 };

static int path_set(char out[SOCKET_PATH_MAX], enum err_code code, struct err *err, const char *directory, size_t len,
                    const char *name)
{
	int written = snprintf(out, SOCKET_PATH_MAX, "%.*s%s", (int)(len < SOCKET_PATH_MAX ? len : SOCKET_PATH_MAX), directory, name);
	if (written > 0 && written < SOCKET_PATH_MAX)
		return 0;
	out[0] = '\0';
	return err_set(err, code, written == 0 ? "the socket's path is empty" : "the socket's path is longer than %d bytes",
	               SOCKET_PATH_MAX - 1);
}

static int path_default(char out[SOCKET_PATH_MAX], enum err_code code, struct err *err)
{
	const char *runtime = getenv("RUNTIME_DIRECTORY");
	if (runtime && *runtime) /* systemd separates several by colons */
		return path_set(out, code, err, runtime, strcspn(runtime, ":"), "/almanacd.sock");
	if (geteuid() == 0)
		return path_set(out, code, err, "/run", 4, "/almanac/almanacd.sock");
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	if (xdg && *xdg == '/')
		return path_set(out, code, err, xdg, strlen(xdg), "/almanac/almanacd.sock");
	return err_set(err, code, "no place for the socket: XDG_RUNTIME_DIR is not set; use --socket");
}

int socket_path_daemon(char out[SOCKET_PATH_MAX], const char *given, const char *configured, struct err *err)
{
	const char *path = given ? given : configured && *configured ? configured : NULL;
	return path ? path_set(out, ERR_CONFIG, err, path, strlen(path), "") : path_default(out, ERR_CONFIG, err);
}

int socket_path_client(char out[SOCKET_PATH_MAX], const char *given, struct err *err)
{
	const char *named = getenv("ALMANAC_SOCKET");
	const char *path = given ? given : named && *named ? named : NULL;
	int failed = path ? path_set(out, ERR_INVALID_PARAMS, err, path, strlen(path), "")
	                  : path_default(out, ERR_INVALID_PARAMS, err);
	if (failed && err)
		(void)str_copy(err->field, sizeof err->field, "socket");
	return failed;
}

static int address_set(struct sockaddr_un *address, const char *path, struct err *err)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (*path && str_copy(address->sun_path, sizeof address->sun_path, path))
		return 0;
	return err_set(err, ERR_STORE_FAILED, "the socket's path is empty or longer than %d bytes", SOCKET_PATH_MAX - 1);
}

static int fail_close(int fd, const char *what, const char *path, struct err *err)
{
	int why = errno;
	close(fd);
	return err_set(err, ERR_STORE_FAILED, "%s %s: %s", what, path, strerror(why));
}

/* The directory of the socket, when it is not there yet: ours, 0750, of the group. */
static int make_parent(const char *path, gid_t group, struct err *err)
{
	char parent[SOCKET_PATH_MAX];
	(void)str_copy(parent, sizeof parent, path);
	char *slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return 0;
	*slash = '\0';
	mode_t old = umask(0027);
	int made = mkdir(parent, 0750);
	int why = errno;
	umask(old);
	if (made != 0)
		return why == EEXIST ? 0 : err_set(err, ERR_STORE_FAILED, "cannot make %s: %s", parent, strerror(why));
	if (group != (gid_t)-1 && chown(parent, (uid_t)-1, group) != 0)
		return err_set(err, ERR_STORE_FAILED, "cannot give %s to its group: %s", parent, strerror(errno));
	return 0;
}

/* Somebody listens there, also one whose queue is full. */
static bool is_live(const struct sockaddr_un *address)
{
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool live = s >= 0 && (connect(s, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);
	if (s >= 0)
		close(s);
	return live;
}

static int remove_stale(const char *path, const struct sockaddr_un *address, struct err *err)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : err_set(err, ERR_STORE_FAILED, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return err_set(err, ERR_STORE_FAILED, "%s is there and is not a socket of ours; left alone", path);
	if (is_live(address))
		return err_set(err, ERR_STORE_FAILED, "another daemon listens at %s; left alone", path);
	if (unlink(path) != 0)
		return err_set(err, ERR_STORE_FAILED, "cannot remove the stale socket %s: %s", path, strerror(errno));
	return 0;
}

int socket_listen(const char *path, gid_t group, int *fd, struct err *err)
{
	struct sockaddr_un address;
	if (address_set(&address, path, err) || make_parent(path, group, err) || remove_stale(path, &address, err))
		return -1;
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return err_set(err, ERR_STORE_FAILED, "socket: %s", strerror(errno));
	/* umask, not a later chmod: there is no moment at which the socket is open to others. */
	mode_t old = umask(0177);
	int bound = bind(s, (const struct sockaddr *)&address, sizeof address);
	int why = errno;
	umask(old);
	errno = why;
	if (bound != 0)
		return fail_close(s, "cannot bind", path, err);
	if (group != (gid_t)-1 && (chown(path, (uid_t)-1, group) != 0 || chmod(path, 0660) != 0))
		return fail_close(s, "cannot open to its group", path, err);
	if (listen(s, SOMAXCONN) != 0)
		return fail_close(s, "cannot listen on", path, err);
	*fd = s;
	return 0;
}

int socket_connect(const char *path, int *fd, struct err *err)
{
	struct sockaddr_un address;
	if (address_set(&address, path, err))
		return -1;
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return err_set(err, ERR_STORE_FAILED, "socket: %s", strerror(errno));
	int connected;
	do
		connected = connect(s, (const struct sockaddr *)&address, sizeof address);
	while (connected != 0 && errno == EINTR);
	if (connected != 0)
		return fail_close(s, "cannot reach the daemon at", path, err);
	*fd = s;
	return 0;
}

static int read_groups(int fd, struct peer *out, struct err *err)
{
	socklen_t size = 0;
	gid_t none;
	/* With no room the kernel says how much it takes. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, &none, &size) == 0)
		return 0;
	if (errno != ERANGE || size > SOCKET_GROUPS_MAX * sizeof(gid_t))
		return err_set(err, ERR_DENIED, "the caller's groups cannot be read");
	gid_t *groups = mem_alloc(size);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
		free(groups);
		return err_set(err, ERR_DENIED, "the caller's groups cannot be read");
	}
	out->groups = groups;
	out->group_count = size / sizeof(gid_t);
	return 0;
}

int peer_read(int fd, struct peer *out, struct err *err)
{
	struct ucred credentials;
	socklen_t size = sizeof credentials;
	*out = (struct peer){ 0 };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || size != sizeof credentials)
		return err_set(err, ERR_DENIED, "the caller cannot be identified");
	if (credentials.uid == (uid_t)-1 || credentials.uid == UID_NOBODY)
		return err_set(err, ERR_DENIED, "the caller's user is not visible from here");
	out->uid = credentials.uid;
	out->gid = credentials.gid;
	out->pid = credentials.pid;
	return read_groups(fd, out, err);
}

void peer_free(struct peer *peer)
{
	free(peer->groups);
	*peer = (struct peer){ 0 };
}
