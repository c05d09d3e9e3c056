/*
 * Bodies of replies. The reasons, statuses and texts of the APIs are those of Google's error page.
 * Ownership: bodies are handed to the reply.
 */
#include "tests/sandbox/reply.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/mem.h"

struct reply_reason {
	const char *reason;
	int status;
	const char *domain;
	const char *message; /* of the entry */
	const char *top;     /* message at the top, if it differs */
	const char *state;   /* "status", where Google sends it */
	const char *location_type, *location;
	const char *detail; /* details[].reason */
};

static const struct reply_reason reply_reasons[] = {
	{ "badRequest", 400, "global", "Bad Request", NULL, NULL, NULL, NULL, NULL },
	{ "invalid", 400, "global", "Invalid Value", NULL, NULL, NULL, NULL, NULL },
	{ "required", 400, "global", "Required", NULL, NULL, NULL, NULL, NULL },
	{ "parseError", 400, "global", "Parse Error", NULL, NULL, NULL, NULL, NULL },
	{ "timeRangeEmpty", 400, "calendar", "The specified time range is empty.", NULL, NULL, "parameter", "timeMax",
	  NULL },
	{ "timeRangeTooLong", 400, "calendar", "The requested time range is too long.", NULL, NULL, "parameter",
	  "timeMax", NULL },
	{ "authError", 401, "global", "Invalid Credentials",
	  "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
	  "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
	  "UNAUTHENTICATED", "header", "Authorization", NULL },
	{ "required401", 401, "global", "Login Required.",
	  "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
	  "valid "
	  "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
	  "UNAUTHENTICATED", "header", "Authorization", NULL },
	{ "userRateLimitExceeded", 403, "usageLimits", "User Rate Limit Exceeded", NULL, NULL, NULL, NULL, NULL },
	{ "rateLimitExceeded", 403, "usageLimits", "Rate Limit Exceeded", NULL, NULL, NULL, NULL, NULL },
	{ "quotaExceeded", 403, "usageLimits", "Calendar usage limits exceeded.", NULL, NULL, NULL, NULL, NULL },
	{ "calendarUsageLimitsExceeded", 403, "usageLimits", "Calendar usage limits exceeded.", NULL, NULL, NULL, NULL,
	  NULL },
	{ "dailyLimitExceeded", 403, "usageLimits", "Daily Limit Exceeded", NULL, NULL, NULL, NULL, NULL },
	{ "insufficientPermissions", 403, "global", "Insufficient Permission",
	  "Request had insufficient authentication scopes.", "PERMISSION_DENIED", NULL, NULL,
	  "ACCESS_TOKEN_SCOPE_INSUFFICIENT" },
	{ "accessNotConfigured", 403, "usageLimits",
	  "Google Calendar API has not been used in project 1 before or it is disabled. Enable it by visiting "
	  "https://console.developers.google.com/apis/api/calendar-json.googleapis.com/overview?project=1 then retry.",
	  NULL, "PERMISSION_DENIED", NULL, NULL, "SERVICE_DISABLED" },
	{ "forbidden", 403, "global", "Forbidden", NULL, NULL, NULL, NULL, NULL },
	{ "forbiddenForNonOrganizer", 403, "calendar",
	  "Shared properties can only be changed by the organizer of the event.", NULL, NULL, NULL, NULL, NULL },
	{ "requiredAccessLevel", 403, "calendar", "You need to have writer access to this calendar.", NULL, NULL, NULL,
	  NULL, NULL },
	{ "notFound", 404, "global", "Not Found", NULL, NULL, NULL, NULL, NULL },
	{ "duplicate", 409, "global", "The requested identifier already exists.", NULL, NULL, NULL, NULL, NULL },
	{ "conflict", 409, "global", "Conflict", NULL, NULL, NULL, NULL, NULL },
	{ "fullSyncRequired", 410, "calendar", "Sync token is no longer valid, a full sync is required.", NULL, NULL,
	  "parameter", "syncToken", NULL },
	{ "updatedMinTooLongAgo", 410, "calendar", "The requested minimum modification time lies too far in the past.",
	  NULL, NULL, "parameter", "updatedMin", NULL },
	{ "deleted", 410, "global", "Resource has been deleted", NULL, NULL, NULL, NULL, NULL },
	{ "conditionNotMet", 412, "global", "Precondition Failed", NULL, NULL, "header", "If-Match", NULL },
	{ "backendError", 500, "global", "Backend Error", NULL, NULL, NULL, NULL, NULL },
};

static const struct reply_reason *reply_find_reason(const char *reason, int status)
{
	const char *name = strcmp(reason, "required") == 0 && status == 401 ? "required401" : reason;

	for (size_t i = 0; i < sizeof reply_reasons / sizeof reply_reasons[0]; i++) {
		if (strcmp(reply_reasons[i].reason, name) == 0)
			return &reply_reasons[i];
	}
	return NULL;
}

void reply_json(struct http_reply *reply, int status, json_t *body)
{
	reply->status = status;
	reply->content_type = "application/json; charset=UTF-8";
	free(reply->body);
	reply->body = body == NULL ? NULL : json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
	if (reply->body == NULL)
		reply->body = mem_copy("{}");
	reply->body_len = strlen(reply->body);
	json_decref(body);
}

void reply_html(struct http_reply *reply, int status, char *html)
{
	reply->status = status;
	reply->content_type = "text/html; charset=UTF-8";
	free(reply->body);
	reply->body = html;
	reply->body_len = strlen(html);
}

static void reply_send_error(struct http_reply *reply, int status, const char *reason, const struct reply_reason *known,
                             const char *message, const char *parameter)
{
	json_t *entry = json_object();
	json_t *error = json_object();
	const char *text = message != NULL ? message : known != NULL ? known->message : "Error";
	const char *top = message == NULL && known != NULL && known->top != NULL ? known->top : text;
	const char *location = parameter != NULL ? parameter : known != NULL ? known->location : NULL;
	const char *type = parameter != NULL ? "parameter" : known != NULL ? known->location_type : NULL;

	json_object_set_new(entry, "domain", json_string(known == NULL ? "global" : known->domain));
	json_object_set_new(entry, "reason", json_string(reason));
	json_object_set_new(entry, "message", json_string(text));
	if (location != NULL) {
		json_object_set_new(entry, "locationType", json_string(type));
		json_object_set_new(entry, "location", json_string(location));
	}
	json_object_set_new(error, "code", json_integer(status));
	json_object_set_new(error, "message", json_string(top));
	json_object_set_new(error, "errors", json_pack("[o]", entry));
	if (known != NULL && known->state != NULL && status == known->status)
		json_object_set_new(error, "status", json_string(known->state));
	if (known != NULL && known->detail != NULL)
		json_object_set_new(
			error, "details",
			json_pack("[{s:s,s:s,s:s,s:{s:s}}]", "@type", "type.googleapis.com/google.rpc.ErrorInfo",
		                  "reason", known->detail, "domain", "googleapis.com", "metadata", "service",
		                  "calendar-json.googleapis.com"));
	reply_json(reply, status, json_pack("{s:o}", "error", error));
}

void reply_api_error(struct http_reply *reply, int status, const char *reason, const char *message)
{
	const struct reply_reason *known = reply_find_reason(reason, status);
	int actual = status != 0 ? status : known != NULL ? known->status : 400;

	reply_send_error(reply, actual, reason, known, message, NULL);
	if (actual == 401)
		http_reply_header(reply, "WWW-Authenticate",
		                  strcmp(reason, "required") == 0
		                          ? "Bearer realm=\"https://accounts.google.com/\""
		                          : "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
}

void reply_api_parameter(struct http_reply *reply, const char *reason, const char *message, const char *parameter)
{
	const struct reply_reason *known = reply_find_reason(reason, 400);

	reply_send_error(reply, known == NULL ? 400 : known->status, reason, known, message, parameter);
}

const char *reply_reason_for(int status)
{
	switch (status) {
	case 401: return "authError";
	case 403: return "forbidden";
	case 404: return "notFound";
	case 409: return "conflict";
	case 410: return "deleted";
	case 412: return "conditionNotMet";
	case 429: return "rateLimitExceeded";
	default: return status >= 500 ? "backendError" : "badRequest";
	}
}

void reply_oauth_error(struct http_reply *reply, int status, const char *error, const char *description)
{
	json_t *body = json_pack("{s:s}", "error", error);

	if (description != NULL)
		json_object_set_new(body, "error_description", json_string(description));
	reply_json(reply, status, body);
}

int reply_oauth_status(const char *error, const char **description)
{
	static const struct {
		const char *error;
		int status;
		const char *description;
	} known[] = {
		{ "invalid_grant", 400, "Token has been expired or revoked." },
		{ "invalid_client", 401, "The OAuth client was not found." },
		{ "unauthorized_client", 401, "Unauthorized" },
		{ "invalid_request", 400, "Bad Request" },
		{ "invalid_scope", 400, "Some requested scopes were invalid." },
		{ "invalid_token", 400, "Token expired or revoked" },
		{ "redirect_uri_mismatch", 400, "Bad Request" },
		{ "unsupported_grant_type", 400, "Invalid grant_type" },
		{ "admin_policy_enforced", 400, "An administrator has restricted a requested service." },
		{ "rate_limit_exceeded", 429, "Rate limit exceeded." },
		{ "internal_failure", 500, "Backend Error" },
		{ "server_error", 500, "Backend Error" },
		{ "temporarily_unavailable", 503, "The service is temporarily unavailable." },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(known[i].error, error) == 0) {
			*description = known[i].description;
			return known[i].status;
		}
	}
	*description = NULL;
	return 400;
}

const char *reply_oauth_error_for(int status)
{
	if (status == 401)
		return "invalid_client";
	if (status == 429)
		return "rate_limit_exceeded";
	if (status == 503)
		return "temporarily_unavailable";
	return status >= 500 ? "internal_failure" : "invalid_request";
}
