/* TLS: who is believed. Needs the openssl command; without it the tests are skipped. */
#include "daemon/http/client.h"

#include "daemon/vault/locked.h"
#include "ipc/base/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
	char dir[32], key[64], cert[64];
	pid_t server;
	int port;
	struct event_base *base;
};

/* Starts openssl with its output in a pipe; the read end. */
static int openssl_start(const char *const *args, pid_t *pid)
{
	int out[2];
	char *argv[24] = { 0 };
	for (size_t i = 0; i < 23 && args[i]; i++)
		argv[i] = mem_strdup(args[i]);
	assert_int_equal(pipe(out), 0);
	*pid = fork();
	assert_true(*pid >= 0);
	if (*pid == 0) {
		int nothing = open("/dev/null", O_RDWR);
		(void)dup2(nothing, 2);
		(void)dup2(out[1], 1);
		close(out[0]);
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	return out[0];
}

static int openssl_run(const char *const *args)
{
	pid_t pid;
	int status = -1, out = openssl_start(args, &pid);
	(void)waitpid(pid, &status, 0);
	close(out);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* A server with a certificate of its own for "localhost"; extra: an option that weakens it. */
static void server_start(struct world *world, const char *extra)
{
	const char *const args[] = { "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", world->key, "-cert", world->cert, "-www",
		                     "-naccept", "3", "-cipher", "DEFAULT:@SECLEVEL=0", extra, NULL };
	char text[256] = "";
	size_t len = 0;
	int out = openssl_start(args, &world->server);
	const char *accept_line = NULL;
	while (!accept_line || !strchr(accept_line, '\n')) {
		ssize_t got = read(out, text + len, sizeof text - 1 - len);
		assert_true(got > 0);
		len += (size_t)got;
		text[len] = '\0';
		accept_line = strstr(text, "ACCEPT ");
	}
	const char *colon = strrchr(accept_line, ':');
	assert_non_null(colon);
	world->port = (int)strtol(colon + 1, NULL, 10);
}

static void server_stop(struct world *world)
{
	(void)kill(world->server, SIGKILL);
	(void)waitpid(world->server, NULL, 0);
}

static int world_open(void **state)
{
	struct world *world = mem_alloc(sizeof *world);
	(void)snprintf(world->dir, sizeof world->dir, "/tmp/test_http_tls.XXXXXX");
	if (!mkdtemp(world->dir))
		return -1;
	(void)snprintf(world->key, sizeof world->key, "%s/key.pem", world->dir);
	(void)snprintf(world->cert, sizeof world->cert, "%s/cert.pem", world->dir);
	world->base = event_base_new();
	*state = world;
	const char *const args[] = { "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
		                     "-addext", "subjectAltName=DNS:localhost", "-keyout", world->key, "-out", world->cert, NULL };
	if (openssl_run(args) != 0)
		world->cert[0] = '\0';
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;
	event_base_free(world->base);
	(void)unlink(world->key);
	if (world->cert[0])
		(void)unlink(world->cert);
	(void)rmdir(world->dir);
	free(world);
	return locked_live_count() == 0 ? 0 : -1;
}

static void on_done(void *arg, struct http_response *response)
{
	*(int *)arg = (int)response->result;
}

static int result_of(const struct world *world, const char *host, const char *ca_file)
{
	struct http_client *client;
	struct err err;
	char url[64];
	int result = -1;
	const struct http_client_options options = { .base = world->base,
		                                     .clock = &clock_system,
		                                     .per_host = 1,
		                                     .concurrency = 1,
		                                     .ca_file = ca_file,
		                                     .user_agent = "almanac-test" };
	assert_int_equal(http_client_new(&client, &options, &err), 0);
	struct http_transport transport = http_client_transport(client);
	(void)snprintf(url, sizeof url, "https://%s:%d/", host, world->port);
	struct http_request *request = http_request_new(HTTP_GET, url, HTTP_REPLY_TOKEN_MAX);
	request->timeout_ms = 5000;
	(void)transport.send(transport.self, request, on_done, &result);
	while (result < 0)
		(void)event_base_loop(world->base, EVLOOP_ONCE);
	http_client_free(client);
	return result;
}

static void test_only_a_trusted_certificate_of_that_name_will_do(void **state)
{
	struct world *world = *state;
	if (!world->cert[0])
		skip();
	server_start(world, NULL);
	int untrusted = result_of(world, "localhost", NULL), trusted = result_of(world, "localhost", world->cert),
	    other_name = result_of(world, "127.0.0.1", world->cert);
	server_stop(world);
	assert_int_equal(untrusted, HTTP_ERR_TLS);
	assert_int_equal(trusted, HTTP_OK);
	assert_int_equal(other_name, HTTP_ERR_TLS);
}

static void test_old_tls_is_refused(void **state)
{
	struct world *world = *state;
	if (!world->cert[0])
		skip();
	server_start(world, "-tls1_1");
	int old = result_of(world, "localhost", world->cert);
	server_stop(world);
	assert_int_equal(old, HTTP_ERR_TLS);
}

int main(void)
{
#define IN_WORLD(test_) cmocka_unit_test_setup_teardown(test_, world_open, world_close)
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_only_a_trusted_certificate_of_that_name_will_do),
		IN_WORLD(test_old_tls_is_refused),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
