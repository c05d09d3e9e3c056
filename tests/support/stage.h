/* A stage for integration tests: the real daemon, the real sandbox, a private directory, nothing shared.
 *
 * Everything goes through the front doors: the Unix socket, the callback listener, the sandbox's control endpoint. Whatever is
 * said on the wire is kept, and stage_close looks for every token the sandbox ever issued in all that the run left behind (canary.h).
 * A failing step fails the cmocka test with the place and the daemon's log. */
#ifndef TESTS_SUPPORT_STAGE_H
#define TESTS_SUPPORT_STAGE_H

#include "ipc/base/buf.h"
#include "ipc/client_sync.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct stage_options {
	const char *const *sandbox_args; /* NULL-terminated, beside --port 0; NULL: none */
	const char *const *daemon_env;   /* "NAME=value", NULL-terminated; NULL: none */
	const char *policy;              /* text of the policy file; NULL: none */
	bool without_sandbox;
};

struct stage {
	char dir[64];                    /* removed by stage_close */
	char state_dir[96], socket[96], policy[96], daemon_log[96], sandbox_log[96];
	char provider[64];               /* http://127.0.0.1:PORT of the sandbox */
	pid_t daemon, sandbox;
	const struct stage_options *options;
	struct client_sync *client;      /* opened at the first call */
	struct buf wire;                 /* every byte received from the daemon */
};

void stage_open(struct stage *stage, const struct stage_options *options);
/* Also the check for leaked tokens. Call it from the test itself, so that it can fail it. */
void stage_close(struct stage *stage);

void stage_start_daemon(struct stage *stage);
/* The daemon alone, to be told apart by its exit code; -SIGNAL when killed by one. */
int stage_stop_daemon(struct stage *stage, int signal_number);
int stage_wait_daemon(struct stage *stage, int timeout_ms);

/* Build params with jansson's json_pack format, or NULL for none: stage_call(s, "user.get", "{s:s}", "id", id). The result is
 * owned by the caller. stage_call fails the test on an error reply; stage_refused on a result, and returns data.code's object. */
json_t *stage_call(struct stage *stage, const char *method, const char *format, ...);
json_t *stage_refused(struct stage *stage, const char *code, const char *method, const char *format, ...);
/* The same with ready params (stolen), and the whole reply. */
json_t *stage_reply(struct stage *stage, const char *method, json_t *params);
void stage_hang_up(struct stage *stage); /* the next call connects anew */

/* An order for the sandbox; the answer is owned by the caller. */
json_t *stage_control(struct stage *stage, const char *format, ...);
/* A counter of /_sandbox/stats: "token.refresh". */
json_int_t stage_count(struct stage *stage, const char *endpoint);

/* A workspace; its id is kept in a ring of a few, valid until the test ends. */
const char *stage_workspace(struct stage *stage, const char *slug);
/* Connect an account as a browser would: oauth.begin, short link, consent, callback. scopes NULL: all ticked. The connection's
 * id, owned by the caller. */
char *stage_connect(struct stage *stage, const char *workspace, const char *email, const char *scopes);
/* Only up to the redirect: the callback URL that the consent page sends the browser to (owned by the caller). */
char *stage_consent(struct stage *stage, const char *authorization_url, const char *email, const char *decision, const char *scopes);

#endif
