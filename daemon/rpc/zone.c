/* tzdata. */
#include "daemon/rpc/zone.h"

#include "ipc/base/strutil.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"

/* The first bytes of a file; what is shorter, or no file at all, gives 0. */
static size_t read_start(const char *name, char *out, size_t size)
{
	char path[256];
	if ((size_t)snprintf(path, sizeof path, ZONE_DIRECTORY "%s", name) >= sizeof path)
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	ssize_t got = read(fd, out, size);
	(void)close(fd);
	return got > 0 ? (size_t)got : 0;
}

bool zone_exists(const char *name)
{
	/* Files of that form beside the zones proper. */
	static const char *const others[] = { "posix/", "right/", "posixrules", "localtime", "Factory" };
	char magic[4];
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (str_starts_with(name, others[i]))
			return false;
	return !strstr(name, "..") && read_start(name, magic, sizeof magic) == sizeof magic &&
	       memcmp(magic, "TZif", sizeof magic) == 0;
}

bool zone_version(char *out, size_t size)
{
	static const char prefix[] = "# version ";
	char start[64];
	size_t len = read_start("tzdata.zi", start, sizeof start - 1);
	start[len] = '\0';
	if (!str_starts_with(start, prefix))
		return false;
	char *version = start + sizeof prefix - 1;
	version[strcspn(version, "\r\n ")] = '\0';
	return str_copy(out, size, version);
}
