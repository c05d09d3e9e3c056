/* INI files with line numbers: inih, fed line by line so that its fixed line length cuts nothing silently. */
#ifndef DAEMON_INI_H
#define DAEMON_INI_H

#include "ipc/base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* Every section (key and value NULL) and every key, in order; continuation lines (indented) are joined with a blank. Returns -1
 * with *err filled to stop. */
typedef int ini_fn(void *arg, const char *section, const char *key, const char *value, int line, struct err *err);

/* ERR_CONFIG "path:line: why" for anything that is not `[section]`, `key = value`, a comment (; or #) or blank. The stream stays
 * open. */
int ini_read(FILE *file, const char *path, ini_fn *fn, void *arg, struct err *err);

/* Refuse what an administrator cannot have meant: not a regular file, over 1 MiB, owned by somebody else, writable by group or
 * others or, when private, readable by others. On success *out is open and belongs to the caller. ERR_CONFIG; *missing tells that there is no such file. */
enum ini_access { INI_PUBLIC, INI_PRIVATE };
int ini_open(const char *path, enum ini_access access, FILE **out, bool *missing, struct err *err);

#endif
