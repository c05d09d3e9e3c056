/* Who the account is. */
#include "daemon/provider/google/userinfo.h"

#include "daemon/provider/google/errors.h"
#include "daemon/provider/google/foreign.h"
#include "daemon/provider/body.h"
#include "daemon/provider/step.h"
#include "ipc/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SUBJECT_MAX = 255 /* PROVIDERS.md 1.10 */, EMAIL_MAX = 320 /* RFC 3696 section 3: 64 + 1 + 255 */ };

struct userinfo {
	struct operation operation;
	bool done;
	struct userinfo_result result;
};

/* The v3 name of a member, else that of v2 (PROVIDERS.md 1.11). */
static const char *either_text(const json_t *root, const char *v3, const char *v2)
{
	const char *text = body_text(root, v3);
	return text ? text : body_text(root, v2);
}

/* A boolean, or a text as some OpenID providers send it. */
static bool is_true(const json_t *value)
{
	return json_is_true(value) || (json_is_string(value) && strcmp(json_string_value(value), "true") == 0);
}

static bool is_subject(const char *text)
{
	return foreign_is_id(text) && strlen(text) <= SUBJECT_MAX;
}

static bool is_email(const char *text)
{
	return foreign_is_id(text) && strlen(text) <= EMAIL_MAX && !strchr(text, ' ') && strchr(text, '@');
}

static bool userinfo_read(const struct http_response *response, struct userinfo_result *out)
{
	json_t *root = body_object(response);
	const char *subject = either_text(root, "sub", "id");
	const char *email = body_text(root, "email");
	const json_t *verified = json_object_get(root, "email_verified");
	bool ok = is_subject(subject) && is_email(email);
	if (ok) {
		out->subject = mem_strdup(subject);
		out->email = mem_strdup(email);
		out->name = foreign_text(body_text(root, "name"), FOREIGN_NAME_MAX);
		out->email_verified = is_true(verified ? verified : json_object_get(root, "verified_email"));
	}
	json_decref(root);
	return ok;
}

static struct step userinfo_next(struct operation *operation, const struct http_response *response)
{
	struct userinfo *info = (struct userinfo *)operation;
	struct failure failure;
	if (info->done)
		return step_done();
	if (!response)
		return step_send(http_request_new(HTTP_GET, operation->config->userinfo_url, HTTP_REPLY_TOKEN_MAX));
	if (google_failure(response, GOOGLE_CALL_ACCOUNT, &failure))
		return step_fail(&failure);
	if (!userinfo_read(response, &info->result))
		return step_unusable(response, VERDICT_RETRY, "Google's account reply cannot be read or is incomplete.");
	info->done = true;
	return step_done();
}

static void userinfo_free(struct operation *operation)
{
	struct userinfo *info = (struct userinfo *)operation;
	free(info->result.subject);
	free(info->result.email);
	free(info->result.name);
	free(info);
}

static const struct operation_class userinfo_class = {
	.name = "userinfo", .needs_token = true, .repeatable = true, .next = userinfo_next, .free = userinfo_free
};

struct operation *google_userinfo_new(const struct provider_config *config)
{
	struct userinfo *info = mem_alloc(sizeof *info);
	info->operation = (struct operation){ .class = &userinfo_class, .config = config };
	return &info->operation;
}

const struct userinfo_result *google_userinfo_result(const struct operation *operation)
{
	const struct userinfo *info = (const struct userinfo *)operation;
	return operation->class == &userinfo_class && info->done ? &info->result : NULL;
}
