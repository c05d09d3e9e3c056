/* The reasons of CONTRACT.md section 6: what can be wrong with a connection, as one table. */
#ifndef IPC_REASONS_H
#define IPC_REASONS_H

#include "ipc/base/err.h"

enum reason {
	REASON_NONE,
	REASON_GRANT_REVOKED,
	REASON_GRANT_EXPIRED_TESTING,
	REASON_GRANT_INCOMPLETE,
	REASON_SCOPE_MISSING,
	REASON_APP_MISCONFIGURED,
	REASON_PROVIDER_DOWN,
	REASON_RATE_USER,
	REASON_RATE_PROJECT,
	REASON_USAGE_LIMIT,
	REASON_CALENDAR_GONE,
	REASON_CALENDAR_FORBIDDEN,
	REASON_CURSOR_EXPIRED,
	REASON_UNDECRYPTABLE,
	REASON_OVERDUE,
	REASON_PROVIDER_REJECTED,
	REASON_GRANT_MISSING,
	REASON_REFRESH_RACE_LOST,
	REASON_INTERRUPTED,
	REASON_COUNT
};

/* How a failure is retried. */
enum retry_kind { RETRY_NEVER, RETRY_BACKOFF, RETRY_SLOW, RETRY_HOURS, RETRY_DAILY, RETRY_NOW };

struct reason_row {
	enum reason reason;
	const char *code;          /* "grant_revoked" */
	const char *reason_class;  /* auth | app | provider | rate | calendar | key | schedule | internal */
	const char *state;         /* the state it leads to, "" if none */
	enum retry_kind retry;
	enum err_code error;       /* what a caller is told when a call fails for this reason */
	const char *message;       /* one sentence for people */
	const char *action_method; /* what would mend it, NULL: nothing to press */
	const char *action_label;
};

const struct reason_row *reason_row(enum reason reason);
const struct reason_row *reason_row_by_code(const char *code); /* NULL if unknown */

#endif
