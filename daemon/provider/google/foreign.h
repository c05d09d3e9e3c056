/* Foreign text taken out of replies: bounded, of a known form, or not at all (CONTRACT.md section 7; SAFETY.md bad input 55).
 * Results are the caller's to free. */
#ifndef DAEMON_PROVIDER_GOOGLE_FOREIGN_H
#define DAEMON_PROVIDER_GOOGLE_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

enum { FOREIGN_NAME_MAX = 1024, FOREIGN_DESCRIPTION_MAX = 8192, FOREIGN_ID_MAX = 1024 };

/* At most `max` bytes, cut between characters; NULL stays NULL. */
char *foreign_text(const char *text, size_t max);
/* 1 to FOREIGN_ID_MAX bytes without control characters (C0, DEL, C1). */
bool foreign_is_id(const char *text);
/* "Europe/Berlin": could be an IANA name and cannot lead out of a zone directory; else NULL. */
char *foreign_zone(const char *text);
/* "#0088aa", else NULL. */
char *foreign_colour(const char *text);

#endif
