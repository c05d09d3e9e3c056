/* Getting an owner's consent: the link to send, and how far its use is. It goes on in the background when it is hidden. */
#ifndef TUI_CONSENT_H
#define TUI_CONSENT_H

#include "tui/desk.h"

struct consent {
	struct desk *desk;
	bool visible, active;       /* active: an attempt is open */
	struct object workspace, connection; /* connection.id "": a new account */
	char attempt_id[64], short_url[400], state[24], fault[240];
	char *url;                  /* owned */
	int64_t expires_at, poll_at, opened_at;
};

/* connection: the one to consent again, NULL for a new account in the workspace. */
void consent_open(struct consent *consent, const struct object *workspace, const struct object *connection);
void consent_tick(struct consent *consent);
void consent_key(struct consent *consent, uint32_t key);
void consent_draw(const struct consent *consent, struct cells *cells);
void consent_free(struct consent *consent);

#endif
