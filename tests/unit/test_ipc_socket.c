/* The Unix socket, with real ones in a directory of its own. */
#include "ipc/socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <grp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/almanac-socket-XXXXXX";
static char path[SOCKET_PATH_MAX];
static struct err err;

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	(void)snprintf(path, sizeof path, "%s/s", directory);
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(directory);
}

static int remove_it(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

static void test_modes(void **state)
{
	(void)state;
	struct stat st;
	int fd;
	mode_t old = umask(0);
	assert_int_equal(socket_listen(path, (gid_t)-1, &fd, &err), 0);
	assert_int_equal(umask(old), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	close(fd);
	assert_int_equal(socket_listen(path, getegid(), &fd, &err), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(st.st_gid, getegid());
	close(fd);
}

static void refuse_what_is_there(void)
{
	struct stat before, after;
	int fd = -1;
	assert_int_equal(lstat(path, &before), 0);
	assert_int_equal(socket_listen(path, (gid_t)-1, &fd, &err), -1);
	assert_int_equal(err.code, ERR_STORE_FAILED);
	assert_int_equal(fd, -1);
	assert_int_equal(lstat(path, &after), 0);
	assert_true(before.st_ino == after.st_ino && before.st_mode == after.st_mode);
}

static void test_stale_is_replaced(void **state)
{
	(void)state;
	int first, second, fd;
	assert_int_equal(socket_listen(path, (gid_t)-1, &first, &err), 0);
	close(first);
	assert_int_equal(socket_connect(path, &fd, &err), -1);
	assert_int_equal(socket_listen(path, (gid_t)-1, &second, &err), 0);
	assert_int_equal(socket_connect(path, &fd, &err), 0);
	close(fd);
	refuse_what_is_there();
	close(second);
}

static void test_others_are_left_alone(void **state)
{
	(void)state;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	refuse_what_is_there();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	refuse_what_is_there();
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink("/nowhere", path), 0);
	refuse_what_is_there();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	refuse_what_is_there();
}

static void test_sockets_of_others_are_left_alone(void **state)
{
	(void)state;
	int fd;
	if (geteuid() != 0)
		skip();
	assert_int_equal(socket_listen(path, (gid_t)-1, &fd, &err), 0);
	close(fd);
	assert_int_equal(chown(path, 12345, 12345), 0);
	refuse_what_is_there();
}

static void test_parent_is_made(void **state)
{
	(void)state;
	char parent[64], inner[80];
	struct stat st;
	int fd;
	mode_t old = umask(0077);
	(void)snprintf(parent, sizeof parent, "%s/new", directory);
	(void)snprintf(inner, sizeof inner, "%s/s", parent);
	assert_int_equal(socket_listen(inner, (gid_t)-1, &fd, &err), 0);
	umask(old);
	assert_int_equal(stat(parent, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	close(fd);
	assert_int_equal(unlink(inner), 0);
	assert_int_equal(rmdir(parent), 0);
	(void)snprintf(inner, sizeof inner, "%s/a/b/s", directory);
	assert_int_equal(socket_listen(inner, (gid_t)-1, &fd, &err), -1);
}

static void test_lengths(void **state)
{
	(void)state;
	char name[SOCKET_PATH_MAX + 10], out[SOCKET_PATH_MAX];
	int fd;
	memset(name, 'x', sizeof name);
	name[SOCKET_PATH_MAX - 1] = '\0';
	assert_int_equal(socket_path_client(out, name, &err), 0);
	assert_string_equal(out, name);
	name[SOCKET_PATH_MAX - 1] = 'x';
	name[SOCKET_PATH_MAX] = '\0';
	assert_int_equal(socket_path_client(out, name, &err), -1);
	assert_int_equal(err.code, ERR_INVALID_PARAMS);
	assert_string_equal(err.field, "socket");
	assert_int_equal(socket_path_daemon(out, name, NULL, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	assert_int_equal(socket_connect(name, &fd, &err), -1);
	assert_int_equal(socket_listen(name, (gid_t)-1, &fd, &err), -1);
	assert_int_equal(socket_path_client(out, "", &err), -1);
	assert_int_equal(socket_connect("", &fd, &err), -1);
}

static void expect_path(const char *given, const char *configured, bool client, const char *expected)
{
	char out[SOCKET_PATH_MAX];
	int failed = client ? socket_path_client(out, given, &err) : socket_path_daemon(out, given, configured, &err);
	assert_int_equal(failed, expected ? 0 : -1);
	if (expected)
		assert_string_equal(out, expected);
}

/* In a child of its own, because the environment and the user change. */
static void look_around(void)
{
	(void)clearenv();
	if (geteuid() == 0) {
		expect_path(NULL, NULL, false, "/run/almanac/almanacd.sock");
		expect_path(NULL, NULL, true, "/run/almanac/almanacd.sock");
		assert_int_equal(setresuid(12345, 12345, 12345), 0);
	}
	expect_path(NULL, NULL, false, NULL);
	expect_path(NULL, NULL, true, NULL);
	(void)setenv("XDG_RUNTIME_DIR", "/x/run", 1);
	expect_path(NULL, NULL, false, "/x/run/almanac/almanacd.sock");
	(void)setenv("XDG_RUNTIME_DIR", "relative", 1);
	expect_path(NULL, NULL, false, NULL);
	(void)setenv("RUNTIME_DIRECTORY", "/r/one:/r/two", 1);
	expect_path(NULL, NULL, false, "/r/one/almanacd.sock");
	expect_path(NULL, NULL, true, "/r/one/almanacd.sock");
	expect_path(NULL, "/c", false, "/c");
	expect_path(NULL, "", false, "/r/one/almanacd.sock");
	expect_path("/g", "/c", false, "/g");
	(void)setenv("ALMANAC_SOCKET", "/e", 1);
	expect_path(NULL, NULL, true, "/e");
	expect_path("/g", NULL, true, "/g");
	expect_path(NULL, "/c", false, "/c");
}

static void test_places(void **state)
{
	(void)state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		look_around();
		_exit(0);
	}
	int status;
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A child that takes on these credentials, connects, and waits until it is let go. */
static pid_t fork_peer(uid_t uid, const gid_t *groups, size_t count, const int hold[2])
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child != 0)
		return child;
	char byte;
	int fd;
	if (geteuid() == 0 && (setgroups(count, groups) != 0 || setresgid(4242, 4242, 4242) != 0 || setresuid(uid, uid, uid) != 0))
		_exit(1);
	if (socket_connect(path, &fd, &err))
		_exit(2);
	close(hold[1]);
	(void)!read(hold[0], &byte, 1);
	_exit(0);
}

static void with_peer(uid_t uid, const gid_t *groups, size_t count, void (*look)(int fd))
{
	int listener, hold[2], status;
	assert_int_equal(socket_listen(path, (gid_t)-1, &listener, &err), 0);
	assert_int_equal(chmod(directory, 0755), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(fcntl(listener, F_SETFL, 0), 0);
	assert_int_equal(pipe(hold), 0);
	pid_t child = fork_peer(uid, groups, count, hold);
	int fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	look(fd);
	close(hold[0]);
	close(hold[1]);
	close(fd);
	close(listener);
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void look_at_groups(int fd)
{
	struct peer peer;
	assert_int_equal(peer_read(fd, &peer, &err), 0);
	assert_int_equal(peer.uid, 4321);
	assert_int_equal(peer.gid, 4242);
	assert_int_equal(peer.group_count, 3);
	assert_int_equal(peer.groups[2], 3000);
	peer_free(&peer);
	assert_null(peer.groups);
	peer_free(&peer);
}

static void look_at_no_groups(int fd)
{
	struct peer peer;
	assert_int_equal(peer_read(fd, &peer, &err), 0);
	assert_int_equal(peer.group_count, 0);
	peer_free(&peer);
}

static void look_at_many_groups(int fd)
{
	struct peer peer;
	assert_int_equal(peer_read(fd, &peer, &err), 0);
	assert_int_equal(peer.group_count, 1000);
	assert_int_equal(peer.groups[999], 100999);
	peer_free(&peer);
}

static void look_at_too_many_groups(int fd)
{
	struct peer peer;
	assert_int_equal(peer_read(fd, &peer, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	peer_free(&peer);
}

static void look_at_nobody(int fd)
{
	struct peer peer;
	assert_int_equal(peer_read(fd, &peer, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	peer_free(&peer);
}

static void test_peers(void **state)
{
	(void)state;
	static const gid_t three[] = { 1000, 2000, 3000 };
	gid_t many[1025];
	for (gid_t i = 0; i < 1025; i++)
		many[i] = 100000 + i;
	if (geteuid() != 0)
		skip();
	with_peer(4321, three, 3, look_at_groups);
	with_peer(4321, NULL, 0, look_at_no_groups);
	with_peer(4321, many, 1000, look_at_many_groups);
	with_peer(4321, many, 1025, look_at_too_many_groups);
	with_peer(65534, three, 3, look_at_nobody);
}

static void look_at_self(int fd)
{
	struct peer peer;
	assert_int_equal(peer_read(fd, &peer, &err), 0);
	assert_int_equal(peer.uid, geteuid());
	assert_true(peer.pid > 0);
	peer_free(&peer);
}

static void test_self(void **state)
{
	(void)state;
	struct peer peer;
	with_peer(geteuid(), NULL, 0, look_at_self);
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(peer_read(pipes[0], &peer, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	close(pipes[0]);
	close(pipes[1]);
}

#define TEST(fn_) cmocka_unit_test_teardown(fn_, remove_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_modes), TEST(test_stale_is_replaced), TEST(test_others_are_left_alone), TEST(test_sockets_of_others_are_left_alone),
		TEST(test_parent_is_made), TEST(test_lengths), TEST(test_places), TEST(test_peers), TEST(test_self),
	};
	return cmocka_run_group_tests_name("ipc/socket", tests, begin, end);
}
