/* Child processes of tests. */
#include "tests/support/process.h"

#include "ipc/base/clock.h"

#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POLL_MS = 5 };

void process_program(char *out, size_t size, const char *name)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	self[len > 0 ? len : 0] = '\0';
	/* …/build/FLAVOUR/tests/integration/test_x */
	for (int up = 0; up < 3; up++) {
		char *slash = strrchr(self, '/');
		if (slash)
			*slash = '\0';
	}
	(void)snprintf(out, size, "%.*s/%s", (int)(size / 2), self, name);
}

pid_t process_start(const char *const *argv, const char *const *env, const char *log)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600), in = open("/dev/null", O_RDONLY);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	for (; env && *env; env++)
		(void)putenv((char *)(uintptr_t)*env);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	(void)fprintf(stderr, "cannot run %s\n", argv[0]);
	_exit(127);
}

struct wait_state {
	pid_t pid;
	int status;
};

static bool has_ended(void *arg)
{
	struct wait_state *state = arg;
	return waitpid(state->pid, &state->status, WNOHANG) == state->pid;
}

int process_wait(pid_t pid, int timeout_ms)
{
	struct wait_state state = { .pid = pid };
	if (!process_until(has_ended, &state, timeout_ms))
		return INT_MIN;
	return WIFSIGNALED(state.status) ? -WTERMSIG(state.status) : WEXITSTATUS(state.status);
}

int process_stop(pid_t pid, int signal_number, int timeout_ms)
{
	(void)kill(pid, signal_number);
	int code = process_wait(pid, timeout_ms);
	if (code != INT_MIN)
		return code;
	(void)kill(pid, SIGKILL);
	(void)process_wait(pid, timeout_ms);
	return INT_MIN;
}

bool process_until(bool (*condition)(void *arg), void *arg, int timeout_ms)
{
	int64_t end = clock_boot(&clock_system) + timeout_ms;
	while (!condition(arg)) {
		if (clock_boot(&clock_system) >= end)
			return false;
		(void)poll(NULL, 0, POLL_MS);
	}
	return true;
}

void process_remove_tree(const char *directory)
{
	char *const roots[] = { (char *)(uintptr_t)directory, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!tree)
		return;
	for (FTSENT *entry; (entry = fts_read(tree)) != NULL;)
		if (entry->fts_info == FTS_DP)
			(void)rmdir(entry->fts_path);
		else if (entry->fts_info != FTS_D)
			(void)unlink(entry->fts_path);
	fts_close(tree);
}
