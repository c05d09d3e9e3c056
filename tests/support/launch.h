/* The daemon started by hand: exactly these arguments and this environment, perhaps as somebody else, with its output and exit
 * code. For tests of starting and stopping; others use stage.h. */
#ifndef TESTS_SUPPORT_LAUNCH_H
#define TESTS_SUPPORT_LAUNCH_H

#include "ipc/base/buf.h"
#include "tests/support/wire.h"

#include <stdbool.h>
#include <sys/types.h>

struct launch {
	const char *args[16];       /* after the program's name, NULL-terminated */
	const char *env[16];        /* the whole environment, NULL-terminated */
	const struct wire_who *who; /* NULL: as we are */
	int listen_fd;              /* passed as by a service manager; 0: none */
};

/* Run to the end: the exit code, -SIGNAL, or INT_MIN after timeout_ms (then it is killed). out: what it wrote, both kinds. */
int launch_run(const struct launch *launch, struct buf *out, int timeout_ms);
/* The same, for a run that must end with this code and say this; else the test fails. */
void launch_expect(const struct launch *launch, int code, const char *says, struct buf *out);
/* Start only; the output is appended to log. */
pid_t launch_start(const struct launch *launch, const char *log);
/* Start, and wait until it takes connections at this path; else the test fails. */
pid_t launch_well(const struct launch *launch, const char *socket, const char *log);
/* Does somebody take connections at this path (a char *)? For process_until. */
bool launch_answers(void *socket);

/* A private directory below /tmp, mode 0755, for process_remove_tree. */
void launch_directory(char out[64]);
/* A file with this text and mode. */
void launch_file(const char *path, const char *text, mode_t mode);
/* All of a file; "" when there is none. */
void launch_read(const char *path, struct buf *out);

#endif
