/*
 * Routing: finds the endpoint, lets the faults have their say, records what happened.
 * Ownership: the call lives on the stack of dispatch_receive().
 */
#include "tests/sandbox/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/authorize.h"
#include "tests/sandbox/calendars.h"
#include "tests/sandbox/call.h"
#include "tests/sandbox/control.h"
#include "tests/sandbox/events.h"
#include "tests/sandbox/events_write.h"
#include "tests/sandbox/freebusy.h"
#include "tests/sandbox/identity.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/oauth.h"
#include "tests/sandbox/outcome.h"
#include "tests/sandbox/reply.h"

#define API "/calendar/v3"

struct dispatch_route {
	const char *method;
	const char *path; /* `*` stands for one segment */
	enum journal_endpoint endpoint;
	enum outcome_style style;
	void (*handle)(struct call *call);
};

static const struct dispatch_route dispatch_routes[] = {
	{ "POST", "/token", JOURNAL_TOKEN_OTHER, OUTCOME_OAUTH, oauth_token },
	{ "GET", API "/users/me/calendarList", JOURNAL_CALENDAR_LIST, OUTCOME_API, calendars_list },
	{ "GET", "/oauth2/v2/userinfo", JOURNAL_USERINFO, OUTCOME_API, identity_userinfo_v2 },
	{ "GET", "/userinfo/v2/me", JOURNAL_USERINFO, OUTCOME_API, identity_userinfo_v2 },
	{ "GET", "/oauth2/v3/userinfo", JOURNAL_USERINFO, OUTCOME_API, identity_userinfo_oidc },
	{ "GET", "/v1/userinfo", JOURNAL_USERINFO, OUTCOME_API, identity_userinfo_oidc },
	{ "POST", API "/freeBusy", JOURNAL_FREEBUSY, OUTCOME_API, freebusy_query },
	{ "GET", API "/calendars/*/events", JOURNAL_EVENTS_LIST, OUTCOME_API, events_list },
	{ "POST", API "/calendars/*/events", JOURNAL_EVENTS_INSERT, OUTCOME_API, events_insert },
	{ "GET", API "/calendars/*/events/*", JOURNAL_EVENTS_GET, OUTCOME_API, events_get },
	{ "PATCH", API "/calendars/*/events/*", JOURNAL_EVENTS_PATCH, OUTCOME_API, events_patch },
	{ "PUT", API "/calendars/*/events/*", JOURNAL_EVENTS_UPDATE, OUTCOME_API, events_update },
	{ "DELETE", API "/calendars/*/events/*", JOURNAL_EVENTS_DELETE, OUTCOME_API, events_delete },
	{ "GET", API "/users/me/calendarList/*", JOURNAL_CALENDAR_LIST_GET, OUTCOME_API, calendars_get_entry },
	{ "GET", API "/calendars/*", JOURNAL_CALENDARS_GET, OUTCOME_API, calendars_get },
	{ "POST", "/revoke", JOURNAL_REVOKE, OUTCOME_OAUTH, oauth_revoke },
	{ "GET", "/o/oauth2/v2/auth", JOURNAL_AUTH, OUTCOME_PAGE, authorize_start },
	{ "POST", "/o/oauth2/v2/consent", JOURNAL_CONSENT, OUTCOME_PAGE, authorize_decide },
};

static void dispatch_not_found(struct call *call)
{
	if (strncmp(call->path, API "/", sizeof API) == 0)
		reply_api_error(&call->reply, 404, "notFound", NULL);
	else
		reply_html(
			&call->reply, 404,
			mem_copy("<html><title>Error 404 (Not Found)</title><p>404. That is an error.</p></html>\n"));
}

static const struct dispatch_route dispatch_nowhere = { NULL, NULL, JOURNAL_OTHER, OUTCOME_API, dispatch_not_found };

/* Fits the pattern to the path as sent; the decoded variable segments go to the call. */
static bool dispatch_path_fits(struct call *call, const char *pattern, const char *path)
{
	size_t found = 0;

	while (*pattern != '\0') {
		if (*pattern != '*') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/");

		if (len == 0)
			return false;
		free(call->argument[found]);
		call->argument[found++] = query_decode(path, len, false);
		path += len;
		pattern++;
	}
	return *path == '\0';
}

static const struct dispatch_route *dispatch_find_route(struct call *call)
{
	const struct http_head *head = &call->request->head;

	for (size_t i = 0; i < sizeof dispatch_routes / sizeof dispatch_routes[0]; i++) {
		const struct dispatch_route *route = &dispatch_routes[i];

		if (strcmp(route->method, head->method) == 0 && dispatch_path_fits(call, route->path, head->path))
			return route;
	}
	return &dispatch_nowhere;
}

static enum journal_endpoint dispatch_endpoint(const struct call *call, const struct dispatch_route *route)
{
	if (route->endpoint != JOURNAL_TOKEN_OTHER || call->grant_type == NULL)
		return route->endpoint;
	if (strcmp(call->grant_type, "refresh_token") == 0)
		return JOURNAL_REFRESH;
	return strcmp(call->grant_type, "authorization_code") == 0 ? JOURNAL_EXCHANGE : JOURNAL_TOKEN_OTHER;
}

static void dispatch_work(struct sandbox *sandbox, struct call *call)
{
	const struct dispatch_route *route = dispatch_find_route(call);
	const struct http_head *head = &call->request->head;
	struct faults_subject subject = { .path = call->path, .method = head->method, .grant_type = call->grant_type };
	struct journal_entry entry = { .endpoint = dispatch_endpoint(call, route),
		                       .method = head->method,
		                       .path = head->path,
		                       .query = head->query,
		                       .grant_type = call->grant_type };
	const json_t *action;

	call_find_account(call);
	subject.account = call->account == NULL ? NULL : call->account->email;
	action = faults_fire(sandbox->faults, &subject, &entry.fault);
	outcome_prepare(call, action);
	if (action == NULL || !outcome_replace(call, action, route->style))
		route->handle(call);
	entry.account = call->account == NULL ? NULL : call->account->email;
	entry.status = call->reply.status;
	if (!outcome_is_answered(action))
		entry.status = 0;
	journal_add(sandbox->journal, &entry);
	outcome_send(call, action, sandbox->base);
}

/* A request that cannot be decoded. */
static void dispatch_refuse(struct sandbox *sandbox, struct call *call)
{
	const struct http_head *head = &call->request->head;
	struct journal_entry entry = { .endpoint = JOURNAL_OTHER,
		                       .method = head->method,
		                       .path = head->path,
		                       .query = head->query,
		                       .status = 400 };

	reply_api_error(&call->reply, 400, "badRequest", NULL);
	journal_add(sandbox->journal, &entry);
	http_answer(call->request, &call->reply);
}

void dispatch_receive(void *arg, struct http_request *request)
{
	struct sandbox *sandbox = arg;
	struct call call;
	bool good = call_read(&call, sandbox->state, request);
	bool control = call.path != NULL && strncmp(call.path, "/_sandbox/", 10) == 0;

	if (!control)
		http_request_count(request);
	if (!good) {
		dispatch_refuse(sandbox, &call);
	} else if (control) {
		control_handle(sandbox, &call);
		http_answer(request, &call.reply);
	} else {
		dispatch_work(sandbox, &call);
	}
	call_free(&call);
}
