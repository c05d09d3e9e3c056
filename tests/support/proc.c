/* Another process as /proc shows it. */
#include "tests/support/proc.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t proc_rss_kib(pid_t pid)
{
	static const char label[] = "VmRSS:";
	char path[64], line[256];
	int64_t kib = -1;
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && kib < 0 && fgets(line, sizeof line, file))
		if (strncmp(line, label, sizeof label - 1) == 0)
			kib = strtoll(line + sizeof label - 1, NULL, 10);
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
	enum { FIELDS_BEFORE = 12 }; /* proc(5): utime is number 14, the name number 2 */
	char path[64], line[512];
	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	char *got = file ? fgets(line, sizeof line, file) : NULL;
	if (file)
		fclose(file);
	/* The name, in parentheses, may hold anything. */
	char *at = got ? strrchr(line, ')') : NULL;
	for (int i = 0; at && i < FIELDS_BEFORE; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -1;
	int64_t user = strtoll(at, &at, 10), system = strtoll(at, NULL, 10);
	return (user + system) * 1000 / sysconf(_SC_CLK_TCK);
}
