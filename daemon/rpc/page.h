/* The few HTML pages that browsers are shown: static text, readable on a phone, without scripts, styles or anything from outside.
 * Nothing of a request ever stands in them. */
#ifndef DAEMON_RPC_PAGE_H
#define DAEMON_RPC_PAGE_H

#include "ipc/base/buf.h"

#include <stdint.h>

/* The account is connected. email: as the provider told it. */
void page_connected(struct buf *out, const char *email, int64_t calendars, const char *left_out);
/* It is not; code: of the attempt's error. */
void page_not_connected(struct buf *out, const char *code);
/* There is nothing at this address. */
void page_not_found(struct buf *out);

#endif
