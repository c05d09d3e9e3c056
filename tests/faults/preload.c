/* A library for LD_PRELOAD that makes writes, syncs and truncations of the store's files fail, or the process die at them, as the
 * control file $ALMANAC_FAULTS says. The daemon under test is the release binary, unchanged. */
#include "tests/faults/control.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);
int fdatasync(int fd);

static struct fault_control *control(void)
{
	static struct fault_control *shared;
	const char *path = getenv("ALMANAC_FAULTS");
	if (shared || !path)
		return shared;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *map = fd >= 0 ? mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (fd >= 0)
		close(fd);
	shared = map == MAP_FAILED ? NULL : map;
	return shared;
}

static bool is_store(int fd)
{
	char link[40], path[PATH_MAX];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, sizeof path - 1);
	path[len > 0 ? len : 0] = '\0';
	return strstr(path, "almanac.db") != NULL;
}

/* True: the operation must fail, errno is set. */
static bool interfere(int fd, int kind)
{
	struct fault_control *faults = control();
	if (!faults || faults->mode == FAULT_OFF || !(faults->kinds & kind) || !is_store(fd))
		return false;
	int64_t number = ++faults->count;
	if (faults->mode == FAULT_COUNT || number < faults->at)
		return false;
	faults->fired = 1;
	if (faults->mode == FAULT_KILL) {
		(void)kill(getpid(), SIGKILL);
		(void)pause();
	}
	errno = faults->error;
	return true;
}

/* The next definition of a function; POSIX lets a data pointer hold it. */
#define NEXT(function_) ((__typeof__(&function_))(__extension__(void *)dlsym(RTLD_NEXT, #function_)))

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	return interfere(fd, FAULT_WRITE) ? -1 : NEXT(pwrite64)(fd, bytes, len, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return interfere(fd, FAULT_WRITE) ? -1 : NEXT(pwrite)(fd, bytes, len, at);
}

int fdatasync(int fd)
{
	return interfere(fd, FAULT_SYNC) ? -1 : NEXT(fdatasync)(fd);
}

int fsync(int fd)
{
	return interfere(fd, FAULT_SYNC) ? -1 : NEXT(fsync)(fd);
}

int ftruncate64(int fd, off64_t size)
{
	return interfere(fd, FAULT_TRUNCATE) ? -1 : NEXT(ftruncate64)(fd, size);
}

int ftruncate(int fd, off_t size)
{
	return interfere(fd, FAULT_TRUNCATE) ? -1 : NEXT(ftruncate)(fd, size);
}
