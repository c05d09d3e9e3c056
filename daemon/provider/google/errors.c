/* Google's error replies as failures. */
#include "daemon/provider/google/errors.h"

#include "daemon/provider/body.h"
#include "ipc/base/strutil.h"

#include <string.h>

enum {
	TOKEN_CALLS = GOOGLE_CALL_EXCHANGE | GOOGLE_CALL_REFRESH | GOOGLE_CALL_REVOKE,
	API_CALLS = GOOGLE_CALL_ACCOUNT | GOOGLE_CALL_CALENDAR,
	/* A daily quota ends at midnight Pacific time, which only a clock could tell: look again every four hours. */
	DAILY_WAIT_MS = 4 * 3600 * 1000
};

static const char organisation_forbids[] =
	"The account's organisation does not allow a scope almanac asks for; its administrator can.";

/* Rows count for 4xx replies only: with 5xx the provider is down, whatever the body says. */
static const struct error_row {
	const char *word;
	unsigned calls;
	enum reason reason;
	enum verdict verdict;
	const char *message; /* NULL: that of the reason */
} rows[] = {
	/* Token endpoint, by `error` and `error_subtype` (1.7). A bad code says nothing about a grant. */
	{ "invalid_grant", GOOGLE_CALL_EXCHANGE, REASON_PROVIDER_REJECTED, VERDICT_PERMANENT,
	  "Google did not accept the authorization code: it was used before, or is too old." },
	{ "invalid_grant", GOOGLE_CALL_REFRESH, REASON_GRANT_REVOKED, VERDICT_PERMANENT, NULL },
	{ "invalid_rapt", GOOGLE_CALL_REFRESH, REASON_GRANT_REVOKED, VERDICT_PERMANENT,
	  "The organisation's session length is over: the account must sign in again." },
	/* The refresh token stops working for good (1.8). */
	{ "admin_policy_enforced", GOOGLE_CALL_REFRESH, REASON_GRANT_REVOKED, VERDICT_PERMANENT, organisation_forbids },
	{ "admin_policy_enforced", GOOGLE_CALL_EXCHANGE, REASON_PROVIDER_REJECTED, VERDICT_PERMANENT, organisation_forbids },
	{ "invalid_client", TOKEN_CALLS, REASON_APP_MISCONFIGURED, VERDICT_PERMANENT,
	  "Google does not accept the client id or secret." },
	{ "unauthorized_client", TOKEN_CALLS, REASON_APP_MISCONFIGURED, VERDICT_PERMANENT, NULL },
	{ "redirect_uri_mismatch", TOKEN_CALLS, REASON_APP_MISCONFIGURED, VERDICT_PERMANENT,
	  "The redirect URI is not registered for this client id." },
	{ "deleted_client", TOKEN_CALLS, REASON_APP_MISCONFIGURED, VERDICT_PERMANENT, "The client id was deleted at Google." },
	{ "org_internal", TOKEN_CALLS, REASON_APP_MISCONFIGURED, VERDICT_PERMANENT,
	  "The client id is for accounts of its own organisation only." },
	{ "internal_failure", TOKEN_CALLS, REASON_PROVIDER_DOWN, VERDICT_RETRY, NULL },
	{ "server_error", TOKEN_CALLS, REASON_PROVIDER_DOWN, VERDICT_RETRY, NULL },
	{ "temporarily_unavailable", TOKEN_CALLS, REASON_PROVIDER_DOWN, VERDICT_RETRY, NULL },
	/* API, by errors[0].reason and details[].reason (2.12). */
	{ "userRateLimitExceeded", API_CALLS, REASON_RATE_USER, VERDICT_RETRY, NULL },
	/* Both the user's and the project's limit a minute come under this word. Blame the user unless the message names the
	 * project's limit (project_limits below): a wrong guess then slows one connection, not all. */
	{ "rateLimitExceeded", API_CALLS, REASON_RATE_USER, VERDICT_RETRY, NULL },
	{ "RATE_LIMIT_EXCEEDED", API_CALLS, REASON_RATE_USER, VERDICT_RETRY, NULL },
	{ "dailyLimitExceeded", API_CALLS, REASON_RATE_PROJECT, VERDICT_PERMANENT, NULL },
	/* Not a rate but a cap against abuse: hours, no quick retry. The second is an alias from before. */
	{ "quotaExceeded", API_CALLS, REASON_USAGE_LIMIT, VERDICT_PERMANENT, NULL },
	{ "calendarUsageLimitsExceeded", API_CALLS, REASON_USAGE_LIMIT, VERDICT_PERMANENT, NULL },
	{ "insufficientPermissions", API_CALLS, REASON_SCOPE_MISSING, VERDICT_PERMANENT, NULL },
	{ "ACCESS_TOKEN_SCOPE_INSUFFICIENT", API_CALLS, REASON_SCOPE_MISSING, VERDICT_PERMANENT, NULL },
	{ "insufficient_scope", API_CALLS, REASON_SCOPE_MISSING, VERDICT_PERMANENT, NULL }, /* RFC 6750 section 3.1 */
	{ "accessNotConfigured", API_CALLS, REASON_APP_MISCONFIGURED, VERDICT_PERMANENT,
	  "The Google Calendar API is not enabled for the client id's project." },
	{ "SERVICE_DISABLED", API_CALLS, REASON_APP_MISCONFIGURED, VERDICT_PERMANENT,
	  "The Google Calendar API is not enabled for the client id's project." },
	{ "fullSyncRequired", API_CALLS, REASON_CURSOR_EXPIRED, VERDICT_PERMANENT, NULL },
	{ "updatedMinTooLongAgo", API_CALLS, REASON_CURSOR_EXPIRED, VERDICT_PERMANENT, NULL },
	{ "notFound", GOOGLE_CALL_CALENDAR, REASON_CALENDAR_GONE, VERDICT_PERMANENT, NULL },
	{ "requiredAccessLevel", GOOGLE_CALL_CALENDAR, REASON_CALENDAR_FORBIDDEN, VERDICT_PERMANENT, NULL },
	{ "forbidden", GOOGLE_CALL_CALENDAR, REASON_CALENDAR_FORBIDDEN, VERDICT_PERMANENT, NULL },
};

/* Limits that are the project's, as the message of rateLimitExceeded spells them: "Quota exceeded for quota metric 'Queries'
 * and limit 'Queries per minute' of service …"; the user's is 'Queries per minute per user' (both OBSERVED: replies quoted in
 * calcom/cal.diy issue 18079 and Atrejoe/Inky-Calendar-Server issue 104, per day in phw198/OutlookGoogleCalendarSync 1133). */
static const struct project_limit {
	const char *text;
	bool daily;
} project_limits[] = {
	{ "limit 'Queries per minute'", false },
	{ "limit 'Queries per day'", true },
};

static const struct error_row *find_row(const char *word, enum google_call call)
{
	for (size_t i = 0; word && i < sizeof rows / sizeof rows[0]; i++)
		if ((rows[i].calls & (unsigned)call) && strcmp(rows[i].word, word) == 0)
			return &rows[i];
	return NULL;
}

bool google_is_reason(const char *word)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	size_t len = strlen(word);
	return len >= 1 && len <= 40 && strspn(word, letters) == len;
}

static void wait_for_day(struct failure *out)
{
	out->verdict = VERDICT_PERMANENT;
	if (out->retry_after_ms < DAILY_WAIT_MS)
		out->retry_after_ms = DAILY_WAIT_MS;
}

static const struct project_limit *find_project_limit(const char *text)
{
	for (size_t i = 0; text && i < sizeof project_limits / sizeof project_limits[0]; i++)
		if (strstr(text, project_limits[i].text))
			return &project_limits[i];
	return NULL;
}

static void apply_row(const struct error_row *row, const char *text, struct failure *out)
{
	const struct project_limit *limit = row->reason == REASON_RATE_USER ? find_project_limit(text) : NULL;
	out->reason = limit ? REASON_RATE_PROJECT : row->reason;
	out->verdict = row->verdict;
	if (row->reason == REASON_RATE_PROJECT || (limit && limit->daily))
		wait_for_day(out);
	(void)str_copy(out->message, sizeof out->message, row->message ? row->message : reason_row(out->reason)->message);
}

/* What an error body says: the word to show, and the row it, or a more precise word beside it, stands for. */
struct finding {
	const char *word;
	const char *text; /* the message, to look into; never shown */
	const struct error_row *row;
};

/* {"error":"…","error_subtype":"…"}: RFC 6749 section 5.2, and userinfo. */
static void find_oauth(const json_t *root, enum google_call call, struct finding *out)
{
	out->word = body_text(root, "error");
	out->row = find_row(body_text(root, "error_subtype"), call);
	if (!out->row)
		out->row = find_row(out->word, call);
}

/* {"error":{"errors":[{"reason":"…"}],"message":"…","status":"…","details":[{"reason":"…"}]}} (2.12). */
static void find_api(const json_t *error, enum google_call call, struct finding *out)
{
	const json_t *details = json_object_get(error, "details");
	out->word = body_text(json_array_get(json_object_get(error, "errors"), 0), "reason");
	out->text = body_text(error, "message");
	for (size_t i = 0; !out->row && i < json_array_size(details); i++) {
		const char *word = body_text(json_array_get(details, i), "reason");
		out->row = find_row(word, call);
		if (!out->word)
			out->word = word;
	}
	if (!out->row)
		out->row = find_row(out->word, call);
	if (!out->word)
		out->word = body_text(error, "status");
}

static void refine(const struct http_response *response, const json_t *root, enum google_call call, struct failure *out)
{
	struct finding finding = { 0 };
	const json_t *error = json_object_get(root, "error");
	if (json_is_object(error))
		find_api(error, call, &finding);
	else
		find_oauth(root, call, &finding);
	if (finding.word && google_is_reason(finding.word))
		classify_set_reason(out, finding.word, strlen(finding.word));
	bool api = (unsigned)call & (unsigned)API_CALLS;
	if (finding.row && response->status < 500 && !(api && response->status == 401))
		apply_row(finding.row, finding.text, out);
}

bool google_failure(const struct http_response *response, enum google_call call, struct failure *out)
{
	classify_response(response, out);
	if (out->verdict == VERDICT_OK)
		return false;
	/* No access token was sent there, so a new one cannot help. */
	if (out->verdict == VERDICT_AUTH && ((unsigned)call & (unsigned)TOKEN_CALLS)) {
		out->verdict = VERDICT_PERMANENT;
		out->reason = REASON_PROVIDER_REJECTED;
	}
	if (response->result != HTTP_OK || response->status < 400)
		return true;
	json_t *root = body_object(response);
	if (root)
		refine(response, root, call, out);
	json_decref(root);
	return true;
}
