/* The rules of health. */
#include "daemon/health_rules.h"

#include "daemon/health_texts.h"

enum { FAILING_COUNT = 3 };
#define MINUTE ((int64_t)60 * 1000)
#define FAILING_DWELL_MS (3 * MINUTE)
#define OVERDUE_GRACE_MS (15 * MINUTE)

enum connection_state health_reason_state(const struct health_reason *reason)
{
	switch (reason->reason) {
	case REASON_UNDECRYPTABLE:
	case REASON_APP_MISCONFIGURED:
		return STATE_BLOCKED;
	case REASON_GRANT_REVOKED:
	case REASON_GRANT_EXPIRED_TESTING:
	case REASON_GRANT_INCOMPLETE:
	case REASON_GRANT_MISSING:
		return STATE_REAUTH_REQUIRED;
	case REASON_SCOPE_MISSING:
		return reason->essential ? STATE_REAUTH_REQUIRED : STATE_DEGRADED;
	case REASON_PROVIDER_REJECTED:
		return STATE_FAILING;
	case REASON_PROVIDER_DOWN:
		return reason->count >= FAILING_COUNT && reason->last_at - reason->first_at >= FAILING_DWELL_MS ? STATE_FAILING
		                                                                                                : STATE_DEGRADED;
	case REASON_RATE_USER:
	case REASON_RATE_PROJECT:
	case REASON_USAGE_LIMIT:
	case REASON_CALENDAR_GONE:
	case REASON_CALENDAR_FORBIDDEN:
	case REASON_OVERDUE:
		return STATE_DEGRADED;
	case REASON_NONE:
	case REASON_CURSOR_EXPIRED:
	case REASON_REFRESH_RACE_LOST:
	case REASON_INTERRUPTED:
	case REASON_COUNT:
		break;
	}
	return STATE_CONNECTED;
}

/* Reasons that a consent takes away. */
static bool ends_with_consent(enum reason reason)
{
	return reason == REASON_GRANT_REVOKED || reason == REASON_GRANT_EXPIRED_TESTING || reason == REASON_GRANT_INCOMPLETE ||
	       reason == REASON_GRANT_MISSING || reason == REASON_SCOPE_MISSING;
}

/* As it would be if the condition of `mended` came true; REASON_NONE: as it is. */
static enum connection_state state_if(const struct health_record *record, enum reason mended)
{
	const char *condition = health_text(mended)->condition;
	if (record->disconnected)
		return STATE_DISCONNECTED;
	if (record->paused)
		return STATE_PAUSED;
	enum connection_state worst = record->synced ? STATE_CONNECTED : STATE_PENDING;
	if (!record->grant_live && !ends_with_consent(mended))
		worst = STATE_REAUTH_REQUIRED;
	for (size_t i = 0; i < record->reason_count; i++) {
		enum reason reason = record->reasons[i].reason;
		enum connection_state state = health_reason_state(&record->reasons[i]);
		/* Who consents to everything consents. */
		bool gone = health_text(reason)->condition == condition ||
		            (mended == REASON_SCOPE_MISSING && ends_with_consent(reason));
		if (!gone && state < worst)
			worst = state;
	}
	return worst;
}

enum connection_state health_state(const struct health_record *record)
{
	return state_if(record, REASON_NONE);
}

bool health_is_overdue(int64_t next_at, int64_t interval_ms, int64_t now)
{
	int64_t grace = interval_ms > OVERDUE_GRACE_MS ? interval_ms : OVERDUE_GRACE_MS;
	return next_at > 0 && now - next_at > grace;
}

static bool comes_before(const struct health_finding *a, const struct health_finding *b)
{
	if (a->state != b->state)
		return a->state < b->state;
	if (a->reason.first_at != b->reason.first_at)
		return a->reason.first_at < b->reason.first_at;
	return a->reason.reason < b->reason.reason;
}

static void add_finding(struct health_explanation *out, const struct health_reason *reason, enum connection_state would_be)
{
	const struct health_finding finding = {
		.reason = *reason,
		.state = health_reason_state(reason),
		.would_be = would_be,
		.condition = health_text(reason->reason)->condition,
	};
	size_t at = out->count++;
	for (; at > 0 && comes_before(&finding, &out->findings[at - 1]); at--)
		out->findings[at] = out->findings[at - 1];
	out->findings[at] = finding;
}

/* Without its grant a connection needs a consent, whatever else is known of how it was lost. */
static void find_reasons(const struct health_record *record, struct health_explanation *out)
{
	bool told = record->grant_live || record->disconnected;
	for (size_t i = 0; i < record->reason_count && out->count < HEALTH_REASONS_MAX; i++) {
		const struct health_reason *reason = &record->reasons[i];
		told |= health_reason_state(reason) == STATE_REAUTH_REQUIRED;
		add_finding(out, reason, state_if(record, reason->reason));
	}
	if (told)
		return;
	const struct health_reason missing = { .reason = REASON_GRANT_MISSING, .first_at = record->since, .last_at = record->since };
	add_finding(out, &missing, state_if(record, REASON_GRANT_MISSING));
}

static void add_condition(struct health_explanation *out, const char *condition)
{
	for (size_t i = 0; i < out->condition_count; i++)
		if (out->conditions[i] == condition)
			return;
	if (out->condition_count < HEALTH_CONDITIONS_MAX)
		out->conditions[out->condition_count++] = condition;
}

static void find_conditions(const struct health_record *record, struct health_explanation *out)
{
	if (record->disconnected)
		add_condition(out, "it is restored from the trash");
	if (record->paused)
		add_condition(out, "it is resumed");
	if (record->disconnected && !record->grant_live)
		add_condition(out, health_text(REASON_GRANT_MISSING)->condition);
	for (size_t i = 0; i < out->count; i++)
		if (out->findings[i].state != STATE_CONNECTED)
			add_condition(out, out->findings[i].condition);
	if (!record->synced)
		add_condition(out, "its first calendar list comes in");
}

static void find_next(const struct health_record *record, struct health_explanation *out)
{
	for (size_t i = 0; i < record->next_count && out->next_count < HEALTH_NEXT_MAX; i++) {
		const struct health_next *next = &record->next[i];
		if (next->at == 0)
			continue;
		size_t at = out->next_count++;
		for (; at > 0 && next->at < out->next[at - 1].at; at--)
			out->next[at] = out->next[at - 1];
		out->next[at] = *next;
	}
}

static void set_action(struct health_explanation *out, const char *method, const char *label)
{
	out->action_method = method;
	out->action_label = label;
}

static void find_action(const struct health_record *record, struct health_explanation *out)
{
	if (record->disconnected) {
		set_action(out, "connection.restore", "Restore");
		return;
	}
	if (record->paused) {
		set_action(out, "connection.resume", "Resume");
		return;
	}
	for (size_t i = 0; i < out->count && !out->action_method; i++) {
		const struct reason_row *row = reason_row(out->findings[i].reason.reason);
		set_action(out, row->action_method, row->action_label);
	}
}

void health_explain(const struct health_record *record, struct health_explanation *out)
{
	*out = (struct health_explanation){ .state = health_state(record) };
	find_reasons(record, out);
	find_conditions(record, out);
	find_next(record, out);
	find_action(record, out);
}
