/* Idle with 1 000 connections: no wake-up but the next timer, and resident memory within 16 MiB (PERFORMANCE.md P7). */
#include "tests/support/stage.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FLEET = 1000, WATCH_MS = 5000, RSS_MAX_KIB = 16 * 1024 };

/* A number of /proc/PID/status. */
static long status_number(pid_t pid, const char *name)
{
	char path[64], line[256];
	long value = -1;
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			value = strtol(line + strlen(name) + 1, NULL, 10);
	fclose(file);
	return value;
}

static void connect_fleet(struct stage *stage)
{
	char email[64];
	for (int i = 0; i < FLEET; i++) {
		(void)snprintf(email, sizeof email, "idle%d@example.com", i);
		json_decref(stage_control(stage, "{s:s,s:s}", "op", "account_add", "email", email));
		free(stage_connect(stage, "acme", email, NULL));
	}
}

static void test_idle_with_a_thousand_connections(void **unused)
{
	static const char *const env[] = { "ALMANAC_LOG_LEVEL=info", NULL };
	const struct stage_options options = { .daemon_env = env };
	struct stage stage;
	(void)unused;
	stage_open(&stage, &options);
	(void)stage_workspace(&stage, "acme");
	connect_fleet(&stage);
	assert_int_equal(stage_stop_daemon(&stage, SIGTERM), 0);
	stage_start_daemon(&stage);
	json_t *list = stage_call(&stage, "connection.list", "{s:i}", "limit", 50);
	assert_int_equal(json_integer_value(json_object_get(list, "total")), FLEET);
	json_decref(list);
	(void)poll(NULL, 0, 500); /* what the start sets off */
	long before = status_number(stage.daemon, "voluntary_ctxt_switches");
	(void)poll(NULL, 0, WATCH_MS); /* the silence that is measured */
	long woken = status_number(stage.daemon, "voluntary_ctxt_switches") - before;
	long rss = status_number(stage.daemon, "VmRSS");
	print_message("idle: %ld wake-ups in %d s, RSS %ld KiB\n", woken, WATCH_MS / 1000, rss);
	assert_int_equal(woken, 0);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(rss, 1, RSS_MAX_KIB);
#endif
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle_with_a_thousand_connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
