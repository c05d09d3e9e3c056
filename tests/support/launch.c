/* The daemon started by hand. */
#include "tests/support/launch.h"

#include "tests/support/process.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { ENV_MAX = 24, PASSED_FD = 3, WAIT_MS = 10000 };

/* In the child. Does not return. */
static void become(const struct launch *launch, int program, int out)
{
	const char *argv[sizeof launch->args / sizeof launch->args[0] + 1] = { "almanacd" }, *env[ENV_MAX] = { NULL };
	char listen_pid[32];
	int count = 0, in = open("/dev/null", O_RDONLY);
	memcpy(argv + 1, launch->args, sizeof launch->args);
	for (; launch->env[count]; count++)
		env[count] = launch->env[count];
	(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	if (launch->listen_fd > 0) {
		(void)snprintf(listen_pid, sizeof listen_pid, "LISTEN_PID=%d", (int)getpid());
		env[count++] = listen_pid;
		env[count++] = "LISTEN_FDS=1";
		/* Out of the way first, should it be the very number. */
		program = fcntl(program, F_DUPFD_CLOEXEC, 100);
		if (launch->listen_fd == PASSED_FD)
			(void)fcntl(PASSED_FD, F_SETFD, 0);
		else
			(void)dup2(launch->listen_fd, PASSED_FD);
	}
	if (launch->who && (setgroups(launch->who->group_count, launch->who->groups) != 0 ||
	                    setresgid(launch->who->gid, launch->who->gid, launch->who->gid) != 0 ||
	                    setresuid(launch->who->uid, launch->who->uid, launch->who->uid) != 0))
		_exit(126);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* By descriptor: whoever we are now, the way to the program is no matter. */
	(void)fexecve(program, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(127);
}

static pid_t start(const struct launch *launch, int out)
{
	char path[PATH_MAX];
	process_program(path, sizeof path, "almanacd");
	int program = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(program >= 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		become(launch, program, out);
	(void)close(program);
	return child;
}

int launch_run(const struct launch *launch, struct buf *out, int timeout_ms)
{
	char name[] = "/tmp/almanac-output-XXXXXX";
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	pid_t child = start(launch, fd);
	int code = process_wait(child, timeout_ms);
	if (code == INT_MIN)
		(void)process_stop(child, SIGKILL, timeout_ms);
	(void)close(fd);
	buf_truncate(out, 0);
	launch_read(name, out);
	(void)unlink(name);
	return code;
}

pid_t launch_start(const struct launch *launch, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	pid_t child = start(launch, fd);
	(void)close(fd);
	return child;
}

void launch_expect(const struct launch *launch, int code, const char *says, struct buf *out)
{
	int got = launch_run(launch, out, WAIT_MS);
	if (got != code || !strstr(buf_text(out), says))
		fail_msg("%s %s: expected %d `%s`, got %d: %s", launch->args[0], launch->args[1] ? launch->args[1] : "", code, says, got,
		         buf_text(out));
}

bool launch_answers(void *socket)
{
	struct wire wire;
	bool open = wire_open(&wire, socket, NULL);
	if (open)
		wire_close(&wire);
	return open;
}

pid_t launch_well(const struct launch *launch, const char *socket, const char *log)
{
	struct buf said = { 0 };
	pid_t pid = launch_start(launch, log);
	if (process_until(launch_answers, (void *)(uintptr_t)socket, WAIT_MS))
		return pid;
	launch_read(log, &said);
	fail_msg("it does not start: %s", buf_text(&said));
	return -1;
}

void launch_directory(char out[64])
{
	(void)snprintf(out, 64, "/tmp/almanac-test-XXXXXX");
	assert_non_null(mkdtemp(out));
	assert_int_equal(chmod(out, 0755), 0);
}

void launch_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

void launch_read(const char *path, struct buf *out)
{
	char piece[4096];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0)
		buf_add(out, piece, (size_t)got);
	if (fd >= 0)
		(void)close(fd);
}
