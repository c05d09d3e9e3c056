/* Google's token endpoint and revocation. */
#include "daemon/provider/google/token_ops.h"

#include "daemon/provider/google/errors.h"
#include "daemon/provider/google/scope_table.h"
#include "daemon/provider/oauth_token.h"
#include "daemon/provider/step.h"
#include "ipc/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct token_op {
	struct operation operation;
	struct secret *subject;  /* the code, the refresh token, or the token to revoke */
	struct secret *verifier; /* exchange only, may be NULL */
	bool done;
	struct token_result result;
};

static struct step token_next(struct operation *operation, const struct http_response *response);
static struct step revoke_next(struct operation *operation, const struct http_response *response);
static void token_free(struct operation *operation);

/* A code works once (PROVIDERS.md 1.5), so a lost answer cannot be asked for again. Google's refresh tokens do not rotate
 * (1.6), and revoking twice is the same as once. */
static const struct operation_class exchange_class = {
	.name = "exchange", .next = token_next, .free = token_free
};
static const struct operation_class refresh_class = {
	.name = "refresh", .repeatable = true, .next = token_next, .free = token_free
};
static const struct operation_class revoke_class = {
	.name = "revoke", .repeatable = true, .next = revoke_next, .free = token_free
};

/* A reference of our own. It counts, and changes nothing that the secret holds: so the caller's is const. */
static struct secret *hold(const struct secret *secret)
{
	return secret_ref((struct secret *)(uintptr_t)secret);
}

static struct operation *token_op_new(const struct operation_class *class, const struct provider_config *config,
                                      const struct secret *subject, const struct secret *verifier)
{
	struct token_op *op = mem_alloc(sizeof *op);
	op->operation = (struct operation){ .class = class, .config = config };
	op->subject = hold(subject);
	op->verifier = hold(verifier);
	return &op->operation;
}

struct operation *google_exchange_new(const struct provider_config *config, const struct secret *code,
                                      const struct secret *verifier)
{
	return token_op_new(&exchange_class, config, code, verifier);
}

struct operation *google_refresh_new(const struct provider_config *config, const struct secret *refresh_token)
{
	return token_op_new(&refresh_class, config, refresh_token, NULL);
}

struct operation *google_revoke_new(const struct provider_config *config, const struct secret *token)
{
	return token_op_new(&revoke_class, config, token, NULL);
}

static struct http_request *form_request(const char *url)
{
	struct http_request *request = http_request_new(HTTP_POST, url, HTTP_REPLY_TOKEN_MAX);
	request->content_type = "application/x-www-form-urlencoded";
	return request;
}

/* Fields: PROVIDERS.md 1.5 and 1.6. The client secret goes into the body only (SAFETY.md OAU-8). */
static struct http_request *token_request(const struct token_op *op)
{
	const struct provider_config *config = op->operation.config;
	struct http_request *request = form_request(config->token_url);
	struct secret_buf *body = &request->body;
	secret_buf_add_form(body, "client_id", config->client_id);
	if (config->client_secret)
		secret_buf_add_form_secret(body, "client_secret", config->client_secret);
	if (op->operation.class == &refresh_class) {
		secret_buf_add_form(body, "grant_type", "refresh_token");
		secret_buf_add_form_secret(body, "refresh_token", op->subject);
		return request;
	}
	secret_buf_add_form(body, "grant_type", "authorization_code");
	secret_buf_add_form_secret(body, "code", op->subject);
	if (op->verifier)
		secret_buf_add_form_secret(body, "code_verifier", op->verifier);
	secret_buf_add_form(body, "redirect_uri", config->redirect_uri);
	return request;
}

static struct step token_next(struct operation *operation, const struct http_response *response)
{
	struct token_op *op = (struct token_op *)operation;
	struct failure failure;
	if (op->done)
		return step_done();
	if (!response)
		return step_send(token_request(op));
	enum google_call call = operation->class == &refresh_class ? GOOGLE_CALL_REFRESH : GOOGLE_CALL_EXCHANGE;
	if (google_failure(response, call, &failure))
		return step_fail(&failure);
	if (!oauth_token_parse(response, google_scope_spelling, &op->result))
		return step_unusable(response, VERDICT_RETRY, "Google's token reply cannot be read.");
	op->done = true;
	return step_done();
}

/* Form: PROVIDERS.md 1.12; no client credentials. 400 invalid_token means that the token was gone already (trap 4). */
static struct step revoke_next(struct operation *operation, const struct http_response *response)
{
	struct token_op *op = (struct token_op *)operation;
	struct failure failure;
	if (op->done)
		return step_done();
	if (!response) {
		struct http_request *request = form_request(operation->config->revoke_url);
		secret_buf_add_form_secret(&request->body, "token", op->subject);
		return step_send(request);
	}
	if (google_failure(response, GOOGLE_CALL_REVOKE, &failure) &&
	    !(failure.status == 400 && strcmp(failure.provider_reason, "invalid_token") == 0))
		return step_fail(&failure);
	op->done = true;
	return step_done();
}

static void token_free(struct operation *operation)
{
	struct token_op *op = (struct token_op *)operation;
	secret_unref(op->subject);
	secret_unref(op->verifier);
	oauth_token_clear(&op->result);
	free(op);
}

const struct token_result *google_token_result(const struct operation *operation)
{
	const struct token_op *op = (const struct token_op *)operation;
	if (operation->class != &exchange_class && operation->class != &refresh_class)
		return NULL;
	return op->done ? &op->result : NULL;
}
