/* A very small Google behind a fake transport: what a daemon needs to be told for a consent, a refresh, a list, a revocation.
 * Accounts are made by being named: the code "alice" is exchanged for tokens of alice@example.com. Tests put rules of their own
 * over single answers. */
#ifndef TESTS_SUPPORT_WORLD_GOOGLE_H
#define TESTS_SUPPORT_WORLD_GOOGLE_H

#include "tests/support/fake_transport.h"

#define GOOGLE_TOKEN "/token"
#define GOOGLE_REVOKE "/revoke"
#define GOOGLE_USERINFO "/userinfo"
#define GOOGLE_CALENDARS "/calendar/v3/users/me/calendarList"
#define GOOGLE_FREE_BUSY "/calendar/v3/freeBusy"

#define GOOGLE_SCOPE(name_) "https://www.googleapis.com/auth/" name_
/* Sorted, as the store keeps them. */
#define GOOGLE_SCOPES_ALL                                                                              \
	GOOGLE_SCOPE("calendar.events") " " GOOGLE_SCOPE("calendar.readonly") " " GOOGLE_SCOPE("userinfo.email")
#define GOOGLE_SCOPES_NO_EVENTS GOOGLE_SCOPE("calendar.readonly") " " GOOGLE_SCOPE("userinfo.email")
#define GOOGLE_SCOPES_NO_LIST GOOGLE_SCOPE("calendar.events") " " GOOGLE_SCOPE("userinfo.email")

struct world_google {
	int issued;              /* tokens so far: access tokens are at-ACCOUNT-N, refresh tokens rt-ACCOUNT-N */
	const char *scopes;      /* what people consent to; NULL: no scope in the reply */
	int expires_in;          /* seconds */
	bool without_refresh;    /* an exchange sends no refresh token */
	bool rotates;            /* a refresh sends a new refresh token, and the one before is refused from then on */
	int current;             /* N of the refresh token that is good, when it rotates */
	const char *items;       /* JSON of the calendar list's items */
	int lists;               /* calendar lists so far: cursors are cursor-N */
};

/* The config's URLs lead to the paths above. Rules for all of them; google must outlive the transport. */
void world_google_open(struct world_google *google, struct fake_transport *fake);

#endif
