/* Another process as /proc shows it. */
#include "tests/support/proc.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int64_t proc_rss_kib(pid_t pid)
{
	char path[64], line[256];
	long long kib = -1;
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && kib < 0 && fgets(line, sizeof line, file))
		if (sscanf(line, "VmRSS: %lld kB", &kib) != 1)
			kib = -1;
	if (file)
		fclose(file);
	return kib;
}

int proc_fds(pid_t pid)
{
	char path[64];
	int count = 0;
	(void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *directory = opendir(path);
	if (!directory)
		return -1;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

int64_t proc_cpu_ms(pid_t pid)
{
	char path[64], line[512];
	long long user, system;
	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	char *got = file ? fgets(line, sizeof line, file) : NULL;
	if (file)
		fclose(file);
	/* The name, in parentheses, may hold anything. */
	const char *after = got ? strrchr(line, ')') : NULL;
	if (!after || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user, &system) != 2)
		return -1;
	return (user + system) * 1000 / sysconf(_SC_CLK_TCK);
}
