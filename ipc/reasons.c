/* The reasons of a connection's state. */
#include "ipc/reasons.h"

#include "ipc/base/strutil.h"

#include <stddef.h>

static const struct reason_row rows[REASON_COUNT] = {
	[REASON_NONE] = { REASON_NONE, "", "internal", "", RETRY_NOW, ERR_NONE, "", NULL, NULL },
	[REASON_GRANT_REVOKED] = { REASON_GRANT_REVOKED, "grant_revoked", "auth", "reauth_required", RETRY_NEVER,
		ERR_REAUTH_REQUIRED, "The consent was revoked at the provider.", "oauth.begin", "Reconnect" },
	[REASON_GRANT_EXPIRED_TESTING] = { REASON_GRANT_EXPIRED_TESTING, "grant_expired_testing", "auth", "reauth_required",
		RETRY_NEVER, ERR_REAUTH_REQUIRED,
		"The consent ended after seven days because the app is in testing; publish the app, then reconnect.",
		"oauth.begin", "Reconnect" },
	[REASON_GRANT_INCOMPLETE] = { REASON_GRANT_INCOMPLETE, "grant_incomplete", "auth", "", RETRY_NEVER, ERR_REAUTH_REQUIRED,
		"The provider sent no refresh token, and none is stored.", "oauth.begin", "Consent again" },
	[REASON_SCOPE_MISSING] = { REASON_SCOPE_MISSING, "scope_missing", "auth", "degraded", RETRY_NEVER, ERR_SCOPE_MISSING,
		"The consent does not cover everything that is needed.", "oauth.begin", "Reconnect" },
	[REASON_APP_MISCONFIGURED] = { REASON_APP_MISCONFIGURED, "app_misconfigured", "app", "blocked", RETRY_SLOW,
		ERR_APP_MISCONFIGURED, "The provider refuses this installation's client id, secret or redirect URI.",
		"system.reload", "Check the configuration" },
	[REASON_PROVIDER_DOWN] = { REASON_PROVIDER_DOWN, "provider_down", "provider", "degraded", RETRY_BACKOFF,
		ERR_PROVIDER_UNAVAILABLE, "The provider cannot be reached or answers nonsense; it is tried again.", NULL, NULL },
	[REASON_RATE_USER] = { REASON_RATE_USER, "rate_user", "rate", "degraded", RETRY_BACKOFF, ERR_RATE_LIMITED,
		"The provider wants fewer requests for this account.", NULL, NULL },
	[REASON_RATE_PROJECT] = { REASON_RATE_PROJECT, "rate_project", "rate", "degraded", RETRY_BACKOFF, ERR_RATE_LIMITED,
		"The provider wants fewer requests from this installation.", NULL, NULL },
	[REASON_USAGE_LIMIT] = { REASON_USAGE_LIMIT, "usage_limit", "rate", "degraded", RETRY_HOURS, ERR_RATE_LIMITED,
		"A quota at the provider is used up; it is tried again in some hours.", NULL, NULL },
	[REASON_CALENDAR_GONE] = { REASON_CALENDAR_GONE, "calendar_gone", "calendar", "degraded", RETRY_DAILY, ERR_NOT_FOUND,
		"The provider no longer has a calendar.", "calendar.list", "Review the calendars" },
	[REASON_CALENDAR_FORBIDDEN] = { REASON_CALENDAR_FORBIDDEN, "calendar_forbidden", "calendar", "degraded", RETRY_DAILY,
		ERR_PROVIDER_REJECTED, "The account may no longer read a calendar.", "calendar.list", "Review the calendars" },
	[REASON_CURSOR_EXPIRED] = { REASON_CURSOR_EXPIRED, "cursor_expired", "calendar", "", RETRY_NOW, ERR_INTERNAL,
		"The provider wants a full synchronisation.", NULL, NULL },
	[REASON_UNDECRYPTABLE] = { REASON_UNDECRYPTABLE, "undecryptable", "key", "blocked", RETRY_NEVER, ERR_SEALED,
		"The stored tokens do not open with any known key; restore the key file.", "system.reload", "Restore the key" },
	[REASON_OVERDUE] = { REASON_OVERDUE, "overdue", "schedule", "degraded", RETRY_NOW, ERR_BUSY,
		"A refresh or synchronisation should have run by now.", "connection.refresh", "Run now" },
	[REASON_PROVIDER_REJECTED] = { REASON_PROVIDER_REJECTED, "provider_rejected", "provider", "failing", RETRY_BACKOFF,
		ERR_PROVIDER_REJECTED, "The provider refuses the requests.", NULL, NULL },
	[REASON_GRANT_MISSING] = { REASON_GRANT_MISSING, "grant_missing", "auth", "reauth_required", RETRY_NEVER,
		ERR_REAUTH_REQUIRED, "There is no consent that this connection could use.", "oauth.begin", "Reconnect" },
	[REASON_REFRESH_RACE_LOST] = { REASON_REFRESH_RACE_LOST, "refresh_race_lost", "internal", "", RETRY_NOW, ERR_BUSY,
		"The tokens were renewed by somebody else meanwhile.", NULL, NULL },
	[REASON_INTERRUPTED] = { REASON_INTERRUPTED, "interrupted", "internal", "", RETRY_NOW, ERR_BUSY,
		"The daemon ended while this ran.", NULL, NULL },
};

const struct reason_row *reason_row(enum reason reason)
{
	return &rows[reason];
}

const struct reason_row *reason_row_by_code(const char *code)
{
	for (size_t i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (str_equal(rows[i].code, code))
			return &rows[i];
	return NULL;
}
