/* The state of the link to the daemon, as the console shows it. Pure: it is told what happens and when. */
#ifndef TUI_LINK_H
#define TUI_LINK_H

#include "ipc/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum link_state {
	LINK_CONNECTING, /* nothing was ever heard */
	LINK_GREETING,   /* connected, system.info is asked */
	LINK_LIVE,
	LINK_LOST,       /* a try follows at retry_at */
	LINK_FOREIGN,    /* a daemon of another protocol version */
	LINK_DENIED      /* the policy knows nothing of this user */
};

struct link {
	enum link_state state;
	unsigned tries;      /* since the link was lost */
	int64_t lost_at;     /* wall, 0: never lost */
	int64_t retry_at;
	int64_t heard_at;    /* what is shown is from here, 0: nothing is */
	int protocol;        /* of a LINK_FOREIGN daemon */
	char why[200];
};

void link_connected(struct link *link);
/* The answer to system.info. */
void link_greeted(struct link *link, int protocol, int64_t now);
void link_lost(struct link *link, const struct err *why, int64_t retry_at, int64_t now);
void link_denied(struct link *link, const char *why);
/* Something came while live. */
void link_heard(struct link *link, int64_t now);
bool link_is_live(const struct link *link);
/* "● live", "◌ reconnecting 2 in 1s" */
const char *link_word(const struct link *link, int64_t now, char *out, size_t size);
/* The line over the data while the link is not live; false when there is none to show. */
bool link_banner(const struct link *link, int64_t now, char *out, size_t size);

#endif
