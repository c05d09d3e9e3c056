/* Starting: the socket and its modes, what stands in its place, two daemons and one store, places and ports that are not to be had
 * (CONTRACT.md sections 1 and 7). Options and configuration are test_startup_config.c's. */
#include "tests/support/launch.h"
#include "tests/support/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { END_MS = 10000 };

static char dir[64], state[96], sock[96], log_file[96];
static struct buf out;

static int make_directory(void **unused)
{
	(void)unused;
	launch_directory(dir);
	(void)snprintf(state, sizeof state, "%s/state", dir);
	(void)snprintf(sock, sizeof sock, "%s/run/a.sock", dir);
	(void)snprintf(log_file, sizeof log_file, "%s/log", dir);
	return 0;
}

static int remove_directory(void **unused)
{
	(void)unused;
	process_remove_tree(dir);
	buf_free(&out);
	return 0;
}

static struct launch usual(void)
{
	return (struct launch){ .args = { "--state-dir", state, "--socket", sock }, .env = { "ALMANAC_HTTP_LISTEN=127.0.0.1:0" } };
}

static void expect_exit(const struct launch *launch, int code, const char *says)
{
	launch_expect(launch, code, says, &out);
}

static pid_t start_well(const struct launch *launch)
{
	return launch_well(launch, sock, log_file);
}

static void expect_stop(pid_t pid)
{
	assert_int_equal(process_stop(pid, SIGTERM, END_MS), 0);
}

static void test_one_daemon_a_store(void **unused)
{
	char other[96];
	(void)unused;
	struct launch launch = usual();
	pid_t first = start_well(&launch);
	(void)snprintf(other, sizeof other, "%s/other.sock", dir);
	for (int i = 0; i < 5; i++) {
		launch.args[3] = i % 2 ? sock : other;
		assert_int_equal(launch_run(&launch, &out, 1000), 75);
	}
	assert_true(launch_answers(sock));
	expect_stop(first);
	assert_int_equal(access(sock, F_OK), -1);
	launch.args[3] = sock;
	expect_stop(start_well(&launch));
}

static void test_stale_socket_is_replaced(void **unused)
{
	(void)unused;
	const struct launch launch = usual();
	pid_t pid = start_well(&launch);
	assert_int_equal(process_stop(pid, SIGKILL, END_MS), -SIGKILL);
	assert_int_equal(access(sock, F_OK), 0);
	assert_false(launch_answers(sock));
	expect_stop(start_well(&launch));
}

static void expect_left_alone(mode_t kind)
{
	struct stat before, after;
	const struct launch launch = usual();
	assert_int_equal(lstat(sock, &before), 0);
	assert_int_equal(before.st_mode & S_IFMT, kind);
	expect_exit(&launch, 74, sock);
	assert_int_equal(lstat(sock, &after), 0);
	assert_true(before.st_ino == after.st_ino && before.st_mode == after.st_mode && before.st_size == after.st_size);
}

static void test_others_at_the_sockets_place(void **unused)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char run[96];
	(void)unused;
	(void)snprintf(run, sizeof run, "%s/run", dir);
	assert_int_equal(mkdir(run, 0755), 0);
	launch_file(sock, "precious", 0600);
	expect_left_alone(S_IFREG);
	assert_int_equal(unlink(sock), 0);
	assert_int_equal(mkdir(sock, 0700), 0);
	expect_left_alone(S_IFDIR);
	assert_int_equal(rmdir(sock), 0);
	assert_int_equal(symlink("/etc/hostname", sock), 0);
	expect_left_alone(S_IFLNK);
	assert_int_equal(unlink(sock), 0);
	assert_int_equal(mkfifo(sock, 0600), 0);
	expect_left_alone(S_IFIFO);
	assert_int_equal(unlink(sock), 0);
	if (geteuid() != 0)
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(address.sun_path, sock, strlen(sock));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(chown(sock, 4001, 4001), 0);
	expect_left_alone(S_IFSOCK);
	(void)close(fd);
}

static mode_t mode_of(const char *path, gid_t *gid)
{
	struct stat st;
	assert_int_equal(lstat(path, &st), 0);
	*gid = st.st_gid;
	return st.st_mode & 07777;
}

static void test_modes(void **unused)
{
	char run[96], file[128];
	gid_t gid;
	(void)unused;
	(void)snprintf(run, sizeof run, "%s/run", dir);
	struct launch launch = usual();
	mode_t before = umask(0);
	pid_t pid = start_well(&launch);
	umask(before);
	static const char *const files[] = { "almanac.db", "almanac.key" };
	assert_int_equal(mode_of(sock, &gid), 0600);
	assert_int_equal(mode_of(run, &gid), 0750);
	assert_int_equal(mode_of(state, &gid), 0700);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(file, sizeof file, "%s/%s", state, files[i]);
		assert_int_equal(mode_of(file, &gid), 0600);
	}
	expect_stop(pid);
	launch.env[1] = "ALMANAC_DAEMON_SOCKET_GROUP=no-such-group-here";
	expect_exit(&launch, 78, "socket_group");
	if (geteuid() != 0)
		return;
	process_remove_tree(run);
	launch.env[1] = "ALMANAC_DAEMON_SOCKET_GROUP=daemon";
	before = umask(0077);
	pid = start_well(&launch);
	umask(before);
	assert_int_equal(mode_of(sock, &gid), 0660);
	assert_int_equal(gid, 1);
	assert_int_equal(mode_of(run, &gid), 0750);
	assert_int_equal(gid, 1);
	expect_stop(pid);
}

static void test_places_that_cannot_be_written(void **unused)
{
	static const struct wire_who anybody = { 4001, 4001, { 0 }, 0 };
	struct launch launch = usual();
	(void)unused;
	launch_file(state, "a file", 0600);
	expect_exit(&launch, 74, "state");
	assert_int_equal(unlink(state), 0);
	launch.args[3] = "/proc/nothing/a.sock";
	expect_exit(&launch, 74, "/proc/nothing");
	launch.args[3] = sock;
	process_remove_tree(state);
	launch.args[1] = "/proc/nothing/state";
	expect_exit(&launch, 74, "/proc/nothing");
	launch.args[1] = state;
	if (geteuid() != 0)
		return;
	launch.who = &anybody;
	expect_exit(&launch, 74, "state");
	assert_int_equal(mkdir(state, 0755), 0);
	expect_exit(&launch, 74, "state");
}

static void test_ports(void **unused)
{
	char listen[64];
	struct wire wire;
	struct launch launch = usual();
	(void)unused;
	pid_t pid = start_well(&launch);
	assert_true(wire_open(&wire, sock, NULL));
	json_t *reply = wire_ask(&wire, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.info\"}");
	const char *url = json_string_value(json_object_get(json_object_get(reply, "result"), "callback_url"));
	int port = (int)strtol(strrchr(url, ':') + 1, NULL, 10);
	assert_in_range(port, 1, 65535);
	(void)snprintf(listen, sizeof listen, "ALMANAC_HTTP_LISTEN=127.0.0.1:%d", port);
	/* Taken: another daemon with a store of its own cannot have it. */
	char other[96], other_sock[96];
	(void)snprintf(other, sizeof other, "%s/other", dir);
	(void)snprintf(other_sock, sizeof other_sock, "%s/other.sock", dir);
	const struct launch second = { .args = { "--state-dir", other, "--socket", other_sock }, .env = { listen } };
	expect_exit(&second, 74, "127.0.0.1");
	json_decref(reply);
	wire_close(&wire);
	expect_stop(pid);
	/* Given back: at once. */
	launch.env[0] = listen;
	expect_stop(start_well(&launch));
}

#define CASE(function_) cmocka_unit_test_setup_teardown(function_, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_one_daemon_a_store),
		CASE(test_stale_socket_is_replaced),
		CASE(test_others_at_the_sockets_place),
		CASE(test_modes),
		CASE(test_places_that_cannot_be_written),
		CASE(test_ports),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
