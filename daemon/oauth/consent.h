/* The consent flow: begin → browser → callback → exchange → connection (CONTRACT.md section 5, oauth.*; STORIES.md b). */
#ifndef DAEMON_OAUTH_CONSENT_H
#define DAEMON_OAUTH_CONSENT_H

#include "daemon/core.h"
#include "ipc/base/buf.h"

/* oauth.begin. Ids are checked by the caller to be of the workspace. */
struct consent_begin {
	const char *workspace_id, *provider;
	const char *user_id, *login_hint, *connection_id, *actor; /* NULL: none */
	int64_t expires_in_ms;
};
struct consent_begun {
	char attempt_id[ID_TEXT_SIZE];
	struct buf authorization_url, short_url; /* freed by consent_begun_free */
	char state[64];
	int64_t expires_at;
};
/* ERR_SEALED, ERR_APP_MISCONFIGURED (no client id or secret). public_url: the base under which the listener is reached. */
int consent_begin(struct core *core, const char *public_url, const struct consent_begin *in, struct consent_begun *out,
                  struct err *err);
void consent_begun_free(struct consent_begun *begun);

/* What a callback (or oauth.complete) came to. */
struct consent_outcome {
	int http_status;                 /* 200, 400, 502; 503 for store and key trouble */
	struct err err;                  /* code ERR_NONE: success */
	const char *code;                /* error code of the attempt: "access_denied", "bad_state", "grant_incomplete", … */
	char connection_id[ID_TEXT_SIZE];
	bool created;                    /* false: an existing connection was renewed */
};
typedef void consent_done_fn(void *arg, const struct consent_outcome *outcome);

/* The parameters of the redirect, already strictly decoded; NULL when absent. fn is called exactly once, perhaps at once, inside
 * a tick: what it answers must wait for the commit. */
struct consent_redirect {
	const char *state, *code, *error, *issuer;
};
void consent_complete(struct core *core, const struct consent_redirect *redirect, consent_done_fn *fn, void *arg);

/* The authorization URL behind a short link; the attempt becomes `opened`. ERR_NOT_FOUND when unknown, ended or expired. */
int consent_open_short(struct core *core, const char *token, struct buf *url, struct err *err);
/* oauth.cancel. ERR_CONFLICT when it had ended. */
int consent_cancel(struct core *core, const char *attempt_id, struct err *err);
/* The attempt whose `state` this is (for authorization of oauth.complete); ERR_NOT_FOUND. */
int consent_find_state(struct core *core, const char *state, char attempt_id[ID_TEXT_SIZE], char workspace_id[ID_TEXT_SIZE],
                       struct err *err);

#endif
