/* The reasons in words. */
#include "daemon/health_texts.h"

#include "ipc/base/strutil.h"

#include <stddef.h>

#define WAITS "Nothing is tried by itself until that is done; one look a day notices it."
#define BACKS_OFF "It is tried again by itself, after a second at first and at most every 15 minutes later on."

/* One text, one address: conditions are told apart by it. */
static const char consents[] = "a person consents again", runs[] = "the next run is through";

static const struct health_text texts[REASON_COUNT] = {
	[REASON_NONE] = { "", { NULL }, "", "", "" },
	[REASON_GRANT_REVOKED] = {
		"The provider refuses the refresh token for good: the consent is over.",
		{ "the person removed this app in the settings of the account", "the password was changed or the account was closed",
		  "an administrator of the organisation withdrew the app", "another installation revoked the same consent" },
		"Reconnect: the person who owns the account must consent again. Calendars, settings and ids stay as they are.",
		consents, WAITS },
	[REASON_GRANT_EXPIRED_TESTING] = {
		"The consent ended about seven days after it was given, which is what the provider does to apps in testing.",
		{ "the OAuth app has the publishing status `Testing`" },
		"Publish the app in the provider's console (`In production`), then reconnect. Reconnecting alone lasts seven days again.",
		consents, WAITS },
	[REASON_GRANT_INCOMPLETE] = {
		"The consent came back without a refresh token, and none is stored: the connection would die within the hour.",
		{ "the account consented before and the provider did not ask again" },
		"Remove this app in the security settings of the account, then consent again.", consents, WAITS },
	[REASON_SCOPE_MISSING] = {
		"The consent covers less than is needed. What is lost is named; the rest works.",
		{ "a box was not ticked on the consent page", "an administrator of the organisation limits what apps may do",
		  "this installation asks for more than it did at the time of the consent" },
		"Reconnect, and tick every box on the consent page.",
		"a person consents to everything that is asked for", WAITS },
	[REASON_APP_MISCONFIGURED] = {
		"The provider does not accept this installation. Every connection has the same trouble, and none of them is to blame.",
		{ "client id or client secret are wrong, or the secret was replaced", "the redirect URI is not registered at the provider",
		  "the calendar API is not switched on for the project" },
		"Compare [google] client_id, client_secret and base_url with the provider's console, then restart the daemon.",
		"the provider accepts the client id, secret and redirect URI of this installation",
		"It is tried again every ten minutes." },
	[REASON_PROVIDER_DOWN] = {
		"The provider cannot be reached, or answers with errors of its own or with nonsense.",
		{ "an outage at the provider", "no network, DNS or TLS on this machine", "a proxy or firewall in between" },
		"Wait. If it lasts while the provider says that all is well, look at the network of this machine.",
		"the provider answers again", BACKS_OFF },
	[REASON_RATE_USER] = {
		"The provider wants fewer requests for this account.",
		{ "other apps use the same account heavily", "a short interval was set for its jobs" },
		"Nothing as a rule. If it comes back, lengthen the interval of its jobs.",
		"the provider takes requests for this account again",
		"It is tried again when the provider allows it." },
	[REASON_RATE_PROJECT] = {
		"The provider wants fewer requests from this whole installation.",
		{ "more connections than the quota allows for", "many runs at once after a long stop" },
		"Ask the provider for a larger quota, or lengthen the intervals in [schedule].",
		"the provider takes requests of this installation again",
		"It is tried again when the provider allows it." },
	[REASON_USAGE_LIMIT] = {
		"A quota at the provider is used up.",
		{ "too many events were made or changed in a short time", "the daily limit of the project is reached" },
		"Wait some hours; stop bulk changes meanwhile.", "the quota at the provider is filled up again",
		"It is tried again after some hours." },
	[REASON_CALENDAR_GONE] = {
		"The provider no longer lists a calendar that is known here.",
		{ "it was deleted", "it is no longer shared with the account", "the person took it off the list" },
		"Review what uses the calendar, and switch it off here or have it shared again.",
		"the calendar is listed again", "It is looked for once a day." },
	[REASON_CALENDAR_FORBIDDEN] = {
		"The account may no longer read a calendar.",
		{ "its owner took the permission back" },
		"Ask the owner to share it again, or switch the calendar off here.", "the calendar may be read again",
		"It is tried once a day." },
	[REASON_CURSOR_EXPIRED] = {
		"The provider has forgotten where the last synchronisation ended. That is normal after a long pause.",
		{ "no synchronisation for some weeks", "the provider tidied up" },
		"Nothing: everything is read again.", runs, "A full synchronisation runs at once." },
	[REASON_UNDECRYPTABLE] = {
		"The stored tokens do not open: the key that sealed them is not here, or the stored value was changed.",
		{ "the key file was lost, replaced or restored from another installation", "the store was restored without its key",
		  "somebody changed the store" },
		"Put the old key file back and run `almanac reload`. If it is lost for good, reconnect.",
		"the key that sealed its tokens is back", WAITS },
	[REASON_OVERDUE] = {
		"A token refresh or a synchronisation should have run long ago.",
		{ "the daemon was stopped or the machine was asleep", "more work is due than is done", "the scheduler is paused" },
		"Look at `almanac jobs`; resume the scheduler if it is paused, or run it now.",
		"the late run is done", "It runs as soon as there is room." },
	[REASON_PROVIDER_REJECTED] = {
		"The provider refuses a request in a way that has no name of its own here.",
		{ "a setting of the account or the organisation", "a change at the provider" },
		"Read the provider's answer in the evidence; test the connection.", "the provider accepts the requests again", BACKS_OFF },
	[REASON_GRANT_MISSING] = {
		"There is no consent that this connection could use.",
		{ "it was restored after its consent had been revoked" },
		"Reconnect: the person who owns the account must consent again.", consents, WAITS },
	[REASON_REFRESH_RACE_LOST] = {
		"While the token was being refreshed, somebody else renewed it. The newer one is used.",
		{ "a new consent came in during a refresh" }, "Nothing.", runs, "The newer token is used at once." },
	[REASON_INTERRUPTED] = {
		"The daemon ended, or could not save, while this ran.",
		{ "a restart", "a full disk" }, "Nothing; after a full disk, make room.", runs, "It runs again at once." },
};

const struct health_text *health_text(enum reason reason)
{
	return &texts[reason];
}

const char *health_why_text(const char *why)
{
	static const struct {
		const char *why, *text;
	} rows[] = {
		{ "interval", "its interval is over then" },
		{ "expiry", "the access token expires soon after" },
		{ "backoff", "after a failure it waits longer each time" },
		{ "retry_after", "the provider asked to wait until then" },
		{ "manual", "somebody asked for it" },
		{ "consent", "a consent has just come in" },
		{ "recovery", "work comes back slowly after an outage" },
		{ "sweep", "the sweep found it" },
		{ "interrupted", "the run before was cut off" },
		{ "pause", "it was paused until then" },
		{ "trash", "its time in the trash is over then" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (str_equal(rows[i].why, why))
			return rows[i].text;
	return "";
}
