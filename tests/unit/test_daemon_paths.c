/* Where things are (CONTRACT.md section 1), and the service manager's protocol. */
#include "daemon/app_paths.h"
#include "daemon/notify.h"

#include "ipc/base/strutil.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/almanac-paths-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static void test_config(void **state)
{
	char out[PATH_MAX], missing[PATH_MAX];
	struct err err;
	(void)state;
	assert_int_equal(app_paths_config(out, sizeof out, directory, &err), 0);
	assert_string_equal(out, directory);
	(void)snprintf(missing, sizeof missing, "%s/none.conf", directory);
	assert_int_equal(app_paths_config(out, sizeof out, missing, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	assert_true(str_starts_with(err.message, missing));
	assert_non_null(strstr(err.message, ":0: no such file"));
	assert_int_equal(app_paths_config(out, 5, directory, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	if (geteuid() == 0)
		return;
	assert_int_equal(setenv("XDG_CONFIG_HOME", directory, 1), 0);
	assert_int_equal(app_paths_config(out, sizeof out, NULL, &err), 0);
	assert_string_equal(out, "");
}

static void test_default_config(void **state)
{
	char out[PATH_MAX];
	(void)state;
	if (geteuid() == 0) {
		config_default_path(out, sizeof out, "x.conf");
		assert_string_equal(out, "/etc/almanac/x.conf");
		return;
	}
	assert_int_equal(setenv("XDG_CONFIG_HOME", "/xdg", 1) | setenv("HOME", "/home/a", 1), 0);
	config_default_path(out, sizeof out, "x.conf");
	assert_string_equal(out, "/xdg/almanac/x.conf");
	assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
	config_default_path(out, sizeof out, "x.conf");
	assert_string_equal(out, "/home/a/.config/almanac/x.conf");
	assert_int_equal(unsetenv("HOME"), 0);
	config_default_path(out, sizeof out, "x.conf");
	assert_string_equal(out, "");
}

static void test_policy(void **state)
{
	static const struct {
		const char *given, *config, *expected;
	} rows[] = {
		{ "/p", "/etc/x/almanacd.conf", "/p" },
		{ NULL, "/etc/x/almanacd.conf", "/etc/x/policy.conf" },
		{ NULL, "/almanacd.conf", "/policy.conf" },
		{ NULL, "a/b.conf", "a/policy.conf" },
		{ NULL, "b.conf", "policy.conf" },
	};
	char out[PATH_MAX], fallback[PATH_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		app_paths_policy(out, sizeof out, rows[i].given, rows[i].config);
		assert_string_equal(out, rows[i].expected);
	}
	config_default_path(fallback, sizeof fallback, "policy.conf");
	app_paths_policy(out, sizeof out, NULL, "");
	assert_string_equal(out, fallback);
}

static void test_state(void **state)
{
	char out[PATH_MAX];
	struct err err;
	(void)state;
	assert_int_equal(setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1), 0);
	assert_int_equal(app_paths_state(out, sizeof out, "/given", "/configured", &err), 0);
	assert_string_equal(out, "/given");
	assert_int_equal(app_paths_state(out, sizeof out, NULL, "/configured", &err), 0);
	assert_string_equal(out, "/configured");
	assert_int_equal(app_paths_state(out, sizeof out, NULL, "", &err), 0);
	assert_string_equal(out, "/var/lib/one");
	assert_int_equal(app_paths_state(out, 5, "/given", "", &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	assert_int_equal(unsetenv("STATE_DIRECTORY"), 0);
	assert_int_equal(setenv("XDG_STATE_HOME", "/xdg", 1) | setenv("HOME", "/home/a", 1), 0);
	assert_int_equal(app_paths_state(out, sizeof out, NULL, "", &err), 0);
	assert_string_equal(out, geteuid() == 0 ? "/var/lib/almanac" : "/xdg/almanac");
	if (geteuid() == 0)
		return;
	assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
	assert_int_equal(app_paths_state(out, sizeof out, NULL, "", &err), 0);
	assert_string_equal(out, "/home/a/.local/state/almanac");
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(app_paths_state(out, sizeof out, NULL, "", &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
}

/* What arrives at a socket of this name ('@': abstract). */
static void expect_notice(const char *name, const char *text)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char got[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	(void)str_copy(address.sun_path, sizeof address.sun_path, name);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, len), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	notify_send(text);
	assert_int_equal(recv(fd, got, sizeof got - 1, 0), strlen(text));
	assert_string_equal(got, text);
	assert_int_equal(close(fd), 0);
	if (name[0] == '/')
		assert_int_equal(unlink(name), 0);
	notify_send(text); /* nobody listens any more */
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
}

static void test_notify(void **state)
{
	char name[64], long_name[200];
	(void)state;
	(void)snprintf(name, sizeof name, "%s/notify", directory);
	expect_notice(name, "READY=1");
	(void)snprintf(name, sizeof name, "@almanac-test-%d", (int)getpid());
	expect_notice(name, "STOPPING=1");
	memset(long_name, '/', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	const char *const odd[] = { "", "relative", long_name };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", odd[i], 1), 0);
		notify_send("READY=1");
	}
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	notify_send("READY=1");
}

static int64_t watchdog(const char *usec, const char *pid)
{
	int status = usec ? setenv("WATCHDOG_USEC", usec, 1) : unsetenv("WATCHDOG_USEC");
	status |= pid ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID");
	assert_int_equal(status, 0);
	return notify_watchdog_ms();
}

static void test_watchdog(void **state)
{
	char mine[16];
	(void)state;
	(void)snprintf(mine, sizeof mine, "%d", (int)getpid());
	assert_int_equal(watchdog(NULL, NULL), 0);
	assert_int_equal(watchdog("30000000", NULL), 15000);
	assert_int_equal(watchdog("30000000", mine), 15000);
	assert_int_equal(watchdog("30000000", "1"), 0);
	assert_int_equal(watchdog("x", mine), 0);
	assert_int_equal(watchdog("-1", mine), 0);
	assert_int_equal(watchdog("", NULL), 0);
}

static int listen_fd(const char *pid, const char *count)
{
	assert_int_equal(setenv("LISTEN_PID", pid, 1) | setenv("LISTEN_FDS", count, 1), 0);
	return notify_listen_fd();
}

static void test_listen(void **state)
{
	char mine[16];
	(void)state;
	(void)snprintf(mine, sizeof mine, "%d", (int)getpid());
	assert_int_equal(listen_fd(mine, "1"), 3);
	assert_int_equal(listen_fd(mine, "0"), -1);
	assert_int_equal(listen_fd(mine, "2"), -1);
	assert_int_equal(listen_fd(mine, "1x"), -1);
	assert_int_equal(listen_fd("1", "1"), -1);
	assert_int_equal(unsetenv("LISTEN_PID") | unsetenv("LISTEN_FDS"), 0);
	assert_int_equal(notify_listen_fd(), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config), cmocka_unit_test(test_default_config), cmocka_unit_test(test_policy),
		cmocka_unit_test(test_state),  cmocka_unit_test(test_notify),         cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_listen),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
