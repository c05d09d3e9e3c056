/* The state of the link to the daemon. */
#include "tui/link.h"

#include "ipc/base/strutil.h"
#include "ipc/version.h"
#include "tui/when.h"

#include <stdio.h>

void link_connected(struct link *link)
{
	if (link->state != LINK_DENIED)
		link->state = LINK_GREETING;
}

void link_greeted(struct link *link, int protocol, int64_t now)
{
	link->protocol = protocol;
	link->state = protocol == ALMANAC_PROTOCOL ? LINK_LIVE : LINK_FOREIGN;
	if (link->state == LINK_LIVE) {
		link->tries = 0;
		link->heard_at = now;
	}
}

void link_lost(struct link *link, const struct err *why, int64_t retry_at, int64_t now)
{
	/* The daemon closes a user it does not know: that stays said while the client tries on. */
	if (link->state == LINK_DENIED)
		return;
	if (link->state == LINK_LIVE || link->lost_at == 0)
		link->lost_at = now;
	link->state = LINK_LOST;
	link->tries++;
	link->retry_at = retry_at;
	(void)str_copy(link->why, sizeof link->why, why ? why->message : "");
}

void link_denied(struct link *link, const char *why)
{
	link->state = LINK_DENIED;
	(void)str_copy(link->why, sizeof link->why, why ? why : "");
}

void link_heard(struct link *link, int64_t now)
{
	if (link->state == LINK_LIVE)
		link->heard_at = now;
}

bool link_is_live(const struct link *link)
{
	return link->state == LINK_LIVE;
}

const char *link_word(const struct link *link, int64_t now, char *out, size_t size)
{
	long long wait = link->retry_at > now ? (long long)(link->retry_at - now + 999) / 1000 : 0;
	switch (link->state) {
	case LINK_LIVE: (void)snprintf(out, size, "● live"); break;
	case LINK_CONNECTING: case LINK_GREETING: (void)snprintf(out, size, "◌ connecting"); break;
	case LINK_LOST: (void)snprintf(out, size, "◌ reconnecting %u in %llds", link->tries, wait); break;
	case LINK_FOREIGN: (void)snprintf(out, size, "✖ other protocol"); break;
	case LINK_DENIED: (void)snprintf(out, size, "✖ refused"); break;
	}
	return out;
}

static void lost_banner(const struct link *link, int64_t now, char *out, size_t size)
{
	char clock[32];
	long long lost = (long long)(now - link->lost_at) / 1000;
	if (link->heard_at > 0)
		(void)snprintf(out, size, "Daemon lost %lld s ago; data is %lld s old, from %s. Actions are off. %s", lost,
		               (long long)(now - link->heard_at) / 1000, when_clock(link->heard_at, clock, sizeof clock), link->why);
	else
		(void)snprintf(out, size, "The daemon cannot be reached: %s", link->why);
}

bool link_banner(const struct link *link, int64_t now, char *out, size_t size)
{
	switch (link->state) {
	case LINK_LIVE: return false;
	case LINK_CONNECTING: (void)snprintf(out, size, "Connecting to the daemon …"); break;
	case LINK_GREETING:
	case LINK_LOST:
		if (link->lost_at == 0)
			(void)snprintf(out, size, "Connecting to the daemon …");
		else
			lost_banner(link, now, out, size);
		break;
	case LINK_FOREIGN:
		(void)snprintf(out, size, "This daemon speaks protocol %d, this console %d: use the console that came with the daemon.",
		               link->protocol, ALMANAC_PROTOCOL);
		break;
	case LINK_DENIED:
		(void)snprintf(out, size, "The daemon refuses this user: %s Ask an admin for a rule in policy.conf.", link->why);
		break;
	}
	return true;
}
