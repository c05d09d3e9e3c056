/* Bodies: JSON, Google's API errors, OAuth errors, and small HTML pages. */
#ifndef TESTS_SANDBOX_REPLY_H
#define TESTS_SANDBOX_REPLY_H

#include <jansson.h>

#include "tests/sandbox/http.h"

/* Answers `body`, whose reference is taken. */
void reply_json(struct http_reply *reply, int status, json_t *body);

/* Answers an HTML page; `html` is taken over. */
void reply_html(struct http_reply *reply, int status, char *html);

/* An error of the APIs by its reason ("notFound", …). `status` 0 and `message` NULL mean the usual ones of that reason. */
void reply_api_error(struct http_reply *reply, int status, const char *reason, const char *message);

/* The same, naming the parameter at fault. */
void reply_api_parameter(struct http_reply *reply, const char *reason, const char *message, const char *parameter);

/* The usual reason for a status without one. */
const char *reply_reason_for(int status);

/* An error of the token endpoint; `description` may be NULL. */
void reply_oauth_error(struct http_reply *reply, int status, const char *error, const char *description);

/* The status and description the token endpoint usually gives with an error code. */
int reply_oauth_status(const char *error, const char **description);

/* The token endpoint's usual error code for a status. */
const char *reply_oauth_error_for(int status);

#endif
