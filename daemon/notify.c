/* sd_notify without libsystemd: the protocol is a datagram with newline-separated assignments. */
#include "daemon/notify.h"

#include "ipc/base/strutil.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_PASSED_FD = 3 };

void notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
		return;
	(void)str_copy(address.sun_path, sizeof address.sun_path, path);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	/* A service manager that does not listen is no reason to fail. */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, len);
	close(fd);
}

static int64_t env_number(const char *name)
{
	const char *text = getenv(name);
	int64_t value;
	return text && str_to_int64(text, 0, INT64_MAX / 2, &value) ? value : 0;
}

int64_t notify_watchdog_ms(void)
{
	int64_t pid = env_number("WATCHDOG_PID");
	return pid != 0 && pid != getpid() ? 0 : env_number("WATCHDOG_USEC") / 2000;
}

int notify_listen_fd(void)
{
	if (env_number("LISTEN_PID") != getpid() || env_number("LISTEN_FDS") != 1)
		return -1;
	(void)fcntl(FIRST_PASSED_FD, F_SETFD, FD_CLOEXEC);
	return FIRST_PASSED_FD;
}
