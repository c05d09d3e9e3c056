/* Health of a connection as a pure function of its record (CONTRACT.md section 6, DESIGN.md idea 4): the state, and the whole
 * explanation of it. Nothing here reads a store or a clock; texts are borrowed from the record or static. */
#ifndef DAEMON_HEALTH_RULES_H
#define DAEMON_HEALTH_RULES_H

#include "ipc/reasons.h"
#include "store/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An open reason, as far as health cares; the rest is evidence, which decides nothing. */
struct health_reason {
	enum reason reason;
	bool essential;        /* scope_missing: without it the connection is of no use at all */
	int64_t count, first_at, last_at;
	const char *operation, *message, *provider_reason;
	int provider_status;
};

/* Something that happens by itself. */
struct health_next {
	const char *what;      /* token_refresh | calendar_sync | resume | purge */
	int64_t at;            /* wall ms */
	const char *why;       /* next_run_why of its job, or "pause", "trash" */
};

enum { HEALTH_REASONS_MAX = 64, HEALTH_NEXT_MAX = 4, HEALTH_CONDITIONS_MAX = 24 };

struct health_record {
	bool disconnected, paused;
	bool grant_live;       /* a grant with a refresh token that was not refused */
	bool synced;           /* the first calendar list is in */
	const struct health_reason *reasons;
	size_t reason_count;
	/* For the explanation only. */
	int64_t since;         /* when the present state began */
	const struct health_next *next; /* in any order; those without a time are not told */
	size_t next_count;
};

/* The state that one reason alone leads to; STATE_CONNECTED for those that change none. */
enum connection_state health_reason_state(const struct health_reason *reason);
/* Precedence: disconnected, paused, blocked, reauth_required, failing, degraded, pending, connected. */
enum connection_state health_state(const struct health_record *record);

/* One reason with what follows from it. */
struct health_finding {
	struct health_reason reason;
	enum connection_state state;     /* that it alone leads to */
	enum connection_state would_be;  /* of the connection without it */
	const char *condition;           /* what would take it away: "the provider answers again" */
};

struct health_explanation {
	enum connection_state state;
	struct health_finding findings[HEALTH_REASONS_MAX + 1]; /* the worst first, then the oldest */
	size_t count;
	/* It would be connected if all of these came true; none: it is. */
	const char *conditions[HEALTH_CONDITIONS_MAX];
	size_t condition_count;
	struct health_next next[HEALTH_NEXT_MAX];               /* the earliest first */
	size_t next_count;
	const char *action_method, *action_label;               /* NULL: nothing to press */
};

/* Reasons that follow from the record alone (no consent that could be used) are found too. */
void health_explain(const struct health_record *record, struct health_explanation *out);

/* Overdue: its time lies more than max(15 min, its interval) in the past. next_at 0: nothing is planned. */
bool health_is_overdue(int64_t next_at, int64_t interval_ms, int64_t now);

#endif
