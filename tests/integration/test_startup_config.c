/* Options, configuration, environment and policy: exit codes and `file:line: why` (CONTRACT.md sections 1, 2 and 7). */
#include "tests/support/launch.h"
#include "tests/support/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { END_MS = 10000 };

static char dir[64], state[96], sock[96], conf[96], policy[96], log_file[96];
static struct buf out;

static int make_directory(void **unused)
{
	(void)unused;
	launch_directory(dir);
	(void)snprintf(state, sizeof state, "%s/state", dir);
	(void)snprintf(sock, sizeof sock, "%s/run/a.sock", dir);
	(void)snprintf(conf, sizeof conf, "%s/almanacd.conf", dir);
	(void)snprintf(policy, sizeof policy, "%s/policy.conf", dir);
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

static void test_what_needs_no_configuration(void **unused)
{
	static const struct wire_who anybody = { 4001, 4001, { 0 }, 0 };
	static const char *const options[] = { "--version", "--help", "--print-openrpc" };
	(void)unused;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		/* A broken environment is no reason not to help. */
		const struct launch launch = { .args = { options[i] }, .env = { "ALMANAC_HTTP_LISTEN=nonsense" },
			                       .who = geteuid() == 0 ? &anybody : NULL };
		assert_int_equal(launch_run(&launch, &out, END_MS), 0);
		assert_true(out.len > 5);
	}
	json_t *document = json_loadb(out.data, out.len, 0, NULL);
	assert_non_null(json_object_get(document, "openrpc"));
	json_decref(document);
}

static void test_usage(void **unused)
{
	(void)unused;
	expect_exit(&(struct launch){ .args = { "--nonsense" } }, 64, "usage:");
	expect_exit(&(struct launch){ .args = { "argument" } }, 64, "usage:");
	expect_exit(&(struct launch){ .args = { "--config" } }, 64, "usage:");
	expect_exit(&(struct launch){ .args = { "--check-config=yes" } }, 64, "usage:");
	expect_exit(&(struct launch){ .args = { "-x" } }, 64, "usage:");
}

static void test_bad_configurations(void **unused)
{
	static const struct {
		const char *text;
		int line;
	} rows[] = {
		{ "[http]\nlisten = nonsense\n", 2 },
		{ "[http]\nlisten = 127.0.0.1:70000\n", 2 },
		{ "[http]\nlisten = 127.0.0.1:8O\n", 2 },
		{ "[http]\n\nport = 80\n", 3 },
		{ "[htpp]\nlisten = 127.0.0.1:1\n", 1 },
		{ "listen = 127.0.0.1:1\n", 1 },
		{ "[http]\nbase_url = http://calendars.example.com\n", 2 },
		{ "[http]\nbase_url = https://u:p@calendars.example.com\n", 2 },
		{ "[http]\nbase_url = ftp://calendars.example.com\n", 2 },
		{ "[google]\ntoken_url = http://evil.example/token\n", 2 },
		{ "[schedule]\ntoken_refresh = 900\n", 2 },
		{ "[schedule]\ntoken_refresh = 15 minutes\n", 2 },
		{ "[schedule]\ntoken_refresh = -5m\n", 2 },
		{ "[daemon]\nmax_clients = 0x10\n", 2 },
		{ "[daemon]\nmax_clients = -1\n", 2 },
		{ "[daemon]\nsocket = relative/path\n", 2 },
		{ "[limits]\nframe_bytes = 99999999\n", 2 },
		{ "[log]\nlevel = loud\n", 2 },
		{ "[log]\nformat = xml\n", 2 },
		{ "[log]\nlevel = info\nlevel = debug\n", 3 },
		{ "[log]\nlevel\n", 2 },
		{ "[log\nlevel = info\n", 1 },
		{ "[log]\nlevel = in\x01" "fo\n", 2 },
		{ "[log]\nlevel = \xff\n", 2 },
	};
	char place[160];
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		launch_file(conf, rows[i].text, 0600);
		(void)snprintf(place, sizeof place, "%s:%d: ", conf, rows[i].line);
		expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf } }, 78, place);
		struct launch launch = usual();
		launch.args[4] = "--config";
		launch.args[5] = conf;
		expect_exit(&launch, 78, place);
		assert_int_equal(access(state, F_OK), -1); /* nothing was touched */
	}
}

static void test_good_configurations(void **unused)
{
	static const char *const rows[] = {
		"", "\n\n", "; nothing\n# here\n", "[http]", "[http]\nlisten = [::1]:0", "[log]\r\nlevel = debug\r\n",
		"\xef\xbb\xbf[log]\nlevel = debug\n", "[schedule]\ntoken_refresh = 90s ; often\n", "[http]\nbase_url = http://localhost:1/\n",
	};
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		launch_file(conf, rows[i], 0600);
		expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf } }, 0, "");
	}
	expect_exit(&(struct launch){ .args = { "--config", "/dev/null", "--check-config" } }, 78, "/dev/null");
	expect_exit(&(struct launch){ .args = { "--config", dir, "--check-config" } }, 78, dir);
	(void)unlink(conf);
	expect_exit(&(struct launch){ .args = { "--config", conf, "--check-config" } }, 78, conf);
}

static void test_policies(void **unused)
{
	char place[160];
	(void)unused;
	expect_exit(&(struct launch){ .args = { "--check-config", "--policy", policy } }, 78, policy);
	struct launch launch = usual();
	launch.args[4] = "--policy";
	launch.args[5] = policy;
	expect_exit(&launch, 78, policy);
	launch_file(policy, "[user 4001]\nrole = emperor\n", 0600);
	(void)snprintf(place, sizeof place, "%s:2: ", policy);
	expect_exit(&launch, 78, place);
	expect_exit(&(struct launch){ .args = { "--check-config", "--policy", policy } }, 78, place);
	/* Found beside the configuration, too. */
	launch_file(conf, "", 0600);
	expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf } }, 78, place);
	launch_file(policy, "", 0666);
	expect_exit(&launch, 78, policy);
	launch_file(policy, "", 0600);
	expect_exit(&(struct launch){ .args = { "--check-config", "--policy", policy } }, 0, "");
}

static void test_the_environment(void **unused)
{
	static const char *const bad[] = {
		"ALMANAC_HTTP_PORT=80",          "ALMANAC_GOOGLE_SECRET=x",  "ALMANAC_LOG_LEVEL=loud", "ALMANAC_SCHEDULE_CLEANUP=7",
		"BASE_URL=http://not.loopback/", "ALMANAC_DAEMON_SOCKET=rel", "ALMANAC_http_listen=127.0.0.1:0",
	};
	(void)unused;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char name[64];
		(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(bad[i], "="), bad[i]);
		expect_exit(&(struct launch){ .args = { "--check-config" }, .env = { bad[i] } }, 78, name);
	}
	/* Those of others are nobody's business; ours beat the file. */
	launch_file(conf, "[log]\nlevel = error\n[daemon]\nmax_clients = 1\n", 0600);
	expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf },
	                              .env = { "ALMANAC_SOCKET=/x", "ALMANACK_LOG_LEVEL=x", "ALMANAC_LOG_LEVEL=debug" } }, 0, "");
	/* Nothing but the environment. */
	char state_env[128], socket_env[128];
	(void)snprintf(state_env, sizeof state_env, "STATE_DIRECTORY=%s", state);
	(void)snprintf(socket_env, sizeof socket_env, "ALMANAC_DAEMON_SOCKET=%s", sock);
	struct launch launch = { .env = { state_env, socket_env, "ALMANAC_HTTP_LISTEN=127.0.0.1:0", "ALMANAC_LOG_FORMAT=json" } };
	expect_stop(start_well(&launch));
	/* A warning about the file itself is one of its lines as well. */
	launch_file(conf, "[google]\nclient_secret = x\n", 0644);
	launch.args[0] = "--config";
	launch.args[1] = conf;
	expect_stop(start_well(&launch));
	assert_int_equal(access(state, F_OK), 0);
	/* The log is one object a line, from the first to the last. */
	buf_truncate(&out, 0);
	launch_read(log_file, &out);
	int lines = 0;
	for (char *at = out.data, *end; at && (end = strchr(at, '\n')) != NULL; at = end + 1, lines++) {
		json_t *line = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(line))
			fail_msg("no JSON: %.*s", (int)(end - at), at);
		json_decref(line);
	}
	assert_true(lines >= 7);
	assert_non_null(strstr(buf_text(&out), "client_secret_exposed"));
}

static void test_secret_files(void **unused)
{
	char secret[96], text[160];
	(void)unused;
	(void)snprintf(secret, sizeof secret, "%s/secret", dir);
	(void)snprintf(text, sizeof text, "[google]\nclient_id = x\nclient_secret_file = %s\n", secret);
	launch_file(conf, text, 0600);
	launch_file(secret, "tell-nobody\n", 0644);
	expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf } }, 78, secret);
	assert_null(strstr(buf_text(&out), "tell-nobody"));
	launch_file(secret, "", 0600);
	expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf } }, 78, secret);
	launch_file(secret, "tell-nobody\n", 0600);
	expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf } }, 0, "");
	(void)unlink(secret);
	expect_exit(&(struct launch){ .args = { "--check-config", "--config", conf } }, 78, secret);
}

#define CASE(function_) cmocka_unit_test_setup_teardown(function_, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_what_needs_no_configuration),
		CASE(test_usage),
		CASE(test_bad_configurations),
		CASE(test_good_configurations),
		CASE(test_policies),
		CASE(test_the_environment),
		CASE(test_secret_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
