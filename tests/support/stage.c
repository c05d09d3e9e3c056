/* A stage for integration tests. */
#include "tests/support/stage.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tests/support/canary.h"
#include "tests/support/process.h"
#include "tests/support/web.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

enum { START_MS = 20000, STOP_MS = 20000, CALL_MS = 90000, ARGS_MAX = 32, ENV_MAX = 48 };

static void read_file(const char *path, struct buf *out)
{
	char chunk[4096];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(out, chunk, (size_t)got);
	if (fd >= 0)
		close(fd);
}

static void show_log(const struct stage *stage)
{
	struct buf log = { 0 };
	read_file(stage->daemon_log, &log);
	print_message("--- log of the daemon\n%s---\n", buf_text(&log) + (log.len > 6000 ? log.len - 6000 : 0));
	buf_free(&log);
}

#define STAGE_FAIL(stage_, ...)             \
	do {                                \
		show_log(stage_);           \
		fail_msg(__VA_ARGS__);      \
	} while (0)

static bool sandbox_is_up(void *arg)
{
	struct stage *stage = arg;
	struct buf log = { 0 };
	read_file(stage->sandbox_log, &log);
	const char *at = strstr(buf_text(&log), "listening ");
	const char *end = at ? strchr(at, '\n') : NULL;
	if (end)
		(void)snprintf(stage->provider, sizeof stage->provider, "%.*s", (int)(end - at) - 10, at + 10);
	buf_free(&log);
	return end != NULL;
}

static void start_sandbox(struct stage *stage)
{
	const char *argv[ARGS_MAX] = { NULL, "--port", "0" };
	char program[PATH_MAX];
	const char *const *more = stage->options->sandbox_args;
	process_program(program, sizeof program, "almanac-sandbox");
	argv[0] = program;
	for (int i = 3; more && *more && i < ARGS_MAX - 1; i++)
		argv[i] = *more++;
	stage->sandbox = process_start(argv, NULL, stage->sandbox_log);
	if (!process_until(sandbox_is_up, stage, START_MS))
		fail_msg("the sandbox does not start");
}

static bool daemon_answers(void *arg)
{
	struct stage *stage = arg;
	struct err err;
	return client_sync_open(&stage->client, stage->socket, &err) == 0;
}

void stage_start_daemon(struct stage *stage)
{
	char program[PATH_MAX], texts[8][160];
	const char *env[ENV_MAX] = { NULL };
	const char *argv[] = { NULL,       "--state-dir",   stage->state_dir, "--socket", stage->socket,
		               "--policy", stage->policy, NULL };
	int count = 0;
	process_program(program, sizeof program, "almanacd");
	argv[0] = program;
	if (!stage->options->policy)
		argv[5] = NULL;
	static const char *const urls[][2] = { { "AUTH_URL", "/o/oauth2/v2/auth" }, { "TOKEN_URL", "/token" },
		                               { "REVOKE_URL", "/revoke" }, { "USERINFO_URL", "/oauth2/v2/userinfo" },
		                               { "API_URL", "/calendar/v3" } };
	for (int i = 0; i < 5 && stage->provider[0]; i++) {
		(void)snprintf(texts[count], sizeof texts[0], "ALMANAC_GOOGLE_%s=%s%s", urls[i][0], stage->provider, urls[i][1]);
		env[count] = texts[count];
		count++;
	}
	static const char *const fixed[] = { "GOOGLE_CLIENT_ID=sandbox-client", "GOOGLE_CLIENT_SECRET=sandbox-secret",
		                             "ALMANAC_HTTP_LISTEN=127.0.0.1:0", "ALMANAC_LOG_LEVEL=debug" };
	for (size_t i = 0; i < 4; i++)
		env[count++] = fixed[i];
	for (const char *const *more = stage->options->daemon_env; more && *more && count < ENV_MAX - 1; more++)
		env[count++] = *more;
	stage_hang_up(stage);
	stage->daemon = process_start(argv, env, stage->daemon_log);
	if (!process_until(daemon_answers, stage, START_MS))
		STAGE_FAIL(stage, "the daemon does not answer");
}

void stage_open(struct stage *stage, const struct stage_options *options)
{
	static const struct stage_options nothing = { 0 };
	*stage = (struct stage){ .options = options ? options : &nothing };
	(void)snprintf(stage->dir, sizeof stage->dir, "/tmp/almanac-test-XXXXXX");
	if (!mkdtemp(stage->dir))
		fail_msg("no directory: %s", strerror(errno));
	(void)snprintf(stage->state_dir, sizeof stage->state_dir, "%s/state", stage->dir);
	(void)snprintf(stage->socket, sizeof stage->socket, "%s/run/almanacd.sock", stage->dir);
	(void)snprintf(stage->policy, sizeof stage->policy, "%s/policy.conf", stage->dir);
	(void)snprintf(stage->daemon_log, sizeof stage->daemon_log, "%s/daemon.log", stage->dir);
	(void)snprintf(stage->sandbox_log, sizeof stage->sandbox_log, "/tmp/sandbox-log-%s", strrchr(stage->dir, '-') + 1);
	if (stage->options->policy) {
		int fd = open(stage->policy, O_WRONLY | O_CREAT | O_EXCL, 0600);
		size_t len = strlen(stage->options->policy);
		assert_int_equal(write(fd, stage->options->policy, len), len);
		close(fd);
	}
	if (!stage->options->without_sandbox)
		start_sandbox(stage);
	stage_start_daemon(stage);
}

int stage_wait_daemon(struct stage *stage, int timeout_ms)
{
	int code = process_wait(stage->daemon, timeout_ms);
	if (code != INT_MIN)
		stage->daemon = 0;
	return code;
}

int stage_stop_daemon(struct stage *stage, int signal_number)
{
	stage_hang_up(stage);
	if (stage->daemon <= 0)
		return 0;
	int code = process_stop(stage->daemon, signal_number, STOP_MS);
	stage->daemon = 0;
	return code;
}

static void check_canaries(struct stage *stage)
{
	struct web_reply reply;
	char url[128];
	(void)snprintf(url, sizeof url, "%s/_sandbox/state", stage->provider);
	web_fetch(&reply, url, NULL, NULL);
	json_t *state = json_loadb(buf_text(&reply.body), reply.body.len, 0, NULL);
	web_reply_free(&reply);
	assert_non_null(state);
	canary_check_tree(state, stage->dir);
	canary_check_bytes(state, "the wire", buf_text(&stage->wire), stage->wire.len);
	json_decref(state);
}

void stage_close(struct stage *stage)
{
	int code = stage_stop_daemon(stage, SIGTERM);
	if (code != 0)
		STAGE_FAIL(stage, "the daemon ended with %d", code);
	if (stage->sandbox > 0) {
		check_canaries(stage);
		assert_int_equal(process_stop(stage->sandbox, SIGTERM, STOP_MS), 0);
	}
	process_remove_tree(stage->dir);
	(void)unlink(stage->sandbox_log);
	buf_free(&stage->wire);
}

void stage_hang_up(struct stage *stage)
{
	client_sync_close(stage->client);
	stage->client = NULL;
}

json_t *stage_reply(struct stage *stage, const char *method, json_t *params)
{
	struct err err;
	json_t *reply = NULL;
	if (!stage->client && client_sync_open(&stage->client, stage->socket, &err) != 0)
		STAGE_FAIL(stage, "cannot connect: %s", err.message);
	if (client_sync_call(stage->client, method, params, CALL_MS, &reply, &err) != 0)
		STAGE_FAIL(stage, "%s: no reply: %s", method, err.message);
	char *text = json_dumps(reply, JSON_COMPACT);
	buf_add_text(&stage->wire, text);
	free(text);
	json_decref(params);
	return reply;
}

static json_t *pack_params(const char *format, va_list ap)
{
	json_t *params = NULL;
	if (format) {
		params = json_vpack_ex(NULL, 0, format, ap);
		assert_non_null(params);
	}
	return params;
}

json_t *stage_call(struct stage *stage, const char *method, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	json_t *reply = stage_reply(stage, method, pack_params(format, ap));
	va_end(ap);
	json_t *result = json_incref(json_object_get(reply, "result"));
	if (!result) {
		char *text = json_dumps(reply, JSON_COMPACT);
		STAGE_FAIL(stage, "%s: %s", method, text);
	}
	json_decref(reply);
	return result;
}

json_t *stage_refused(struct stage *stage, const char *code, const char *method, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	json_t *reply = stage_reply(stage, method, pack_params(format, ap));
	va_end(ap);
	json_t *error = json_incref(json_object_get(reply, "error"));
	const char *got = json_string_value(json_object_get(json_object_get(error, "data"), "code"));
	if (!got || strcmp(got, code) != 0) {
		char *text = json_dumps(reply, JSON_COMPACT);
		STAGE_FAIL(stage, "%s: expected %s, got %s", method, code, text);
	}
	json_decref(reply);
	return error;
}

json_t *stage_control(struct stage *stage, const char *format, ...)
{
	struct web_reply reply;
	char url[128];
	va_list ap;
	va_start(ap, format);
	json_t *order = json_vpack_ex(NULL, 0, format, ap);
	va_end(ap);
	assert_non_null(order);
	char *text = json_dumps(order, JSON_COMPACT);
	(void)snprintf(url, sizeof url, "%s/_sandbox/control", stage->provider);
	web_fetch(&reply, url, "application/json", text);
	json_t *answer = json_loadb(buf_text(&reply.body), reply.body.len, 0, NULL);
	if (reply.status != 200)
		fail_msg("the sandbox refuses %s: %s", text, buf_text(&reply.body));
	web_reply_free(&reply);
	free(text);
	json_decref(order);
	return answer;
}

json_int_t stage_count(struct stage *stage, const char *endpoint)
{
	struct web_reply reply;
	char url[128];
	(void)snprintf(url, sizeof url, "%s/_sandbox/stats", stage->provider);
	web_fetch(&reply, url, NULL, NULL);
	json_t *stats = json_loadb(buf_text(&reply.body), reply.body.len, 0, NULL);
	json_int_t count = json_integer_value(json_object_get(json_object_get(stats, "requests"), endpoint));
	json_decref(stats);
	web_reply_free(&reply);
	return count;
}

const char *stage_workspace(struct stage *stage, const char *slug)
{
	static char ids[8][40];
	static unsigned next;
	char *id = ids[next++ % 8];
	json_t *made = stage_call(stage, "workspace.create", "{s:s,s:s,s:s}", "name", slug, "slug", slug, "time_zone", "Europe/Berlin");
	(void)str_copy(id, sizeof ids[0], json_string_value(json_object_get(made, "id")));
	json_decref(made);
	return id;
}

char *stage_consent(struct stage *stage, const char *authorization_url, const char *email, const char *decision, const char *scopes)
{
	struct web_reply reply;
	struct buf url = { 0 };
	buf_printf(&url, "%s&sandbox_account=%s&sandbox_decision=%s", authorization_url, email, decision);
	if (scopes) {
		buf_add_text(&url, "&sandbox_scopes=");
		for (const char *at = scopes; *at; at++)
			buf_add_char(&url, *at == ' ' ? '+' : *at);
	}
	web_fetch(&reply, buf_text(&url), NULL, NULL);
	if (reply.status != 302 || !reply.location)
		STAGE_FAIL(stage, "the consent page answers %ld: %s", reply.status, buf_text(&reply.body));
	char *location = mem_strdup(reply.location);
	web_reply_free(&reply);
	buf_free(&url);
	return location;
}

char *stage_connect(struct stage *stage, const char *workspace, const char *email, const char *scopes)
{
	struct web_reply reply;
	json_t *begun = stage_call(stage, "oauth.begin", "{s:s,s:s,s:s}", "workspace", workspace, "provider", "google", "login_hint", email);
	web_fetch(&reply, json_string_value(json_object_get(begun, "short_url")), NULL, NULL);
	if (reply.status != 302 || !reply.location)
		STAGE_FAIL(stage, "the short link answers %ld", reply.status);
	char *callback = stage_consent(stage, reply.location, email, "allow", scopes);
	web_reply_free(&reply);
	web_fetch(&reply, callback, "application/json", NULL);
	json_t *answer = json_loadb(buf_text(&reply.body), reply.body.len, 0, NULL);
	if (reply.status != 200)
		STAGE_FAIL(stage, "the callback answers %ld: %s", reply.status, buf_text(&reply.body));
	buf_add(&stage->wire, buf_text(&reply.body), reply.body.len);
	char *id = mem_strdup(json_string_value(json_object_get(json_object_get(answer, "connection"), "id")));
	assert_non_null(id);
	json_decref(answer);
	json_decref(begun);
	free(callback);
	web_reply_free(&reply);
	return id;
}
